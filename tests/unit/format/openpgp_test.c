/* SPDX-License-Identifier: Apache-2.0 */
/* Signature packets written out by hand. */
#include "../unit.h"

#include "format/openpgp.h"

#define KEY 0x0123456789abcdefull
#define FINGERPRINT 0xfedcba9876543210ull
#define TIME "\x05\x02\x60\0\0\0"
#define ISSUER "\x09\x10\x01\x23\x45\x67\x89\xab\xcd\xef"
#define V4_FINGERPRINT                                                                                       \
	"\x16\x21\4"                                                                                         \
	"ABCDEFGHIJKL"                                                                                       \
	"\xfe\xdc\xba\x98\x76\x54\x32\x10"
/* version 4, type, algorithms; hashed: the time; number */
#define V4(type, unhashed_length, unhashed)                                                                  \
	"\x04" type "\x01\x08\0\x06" TIME "\0" unhashed_length unhashed "\xab\xcd\0\x08\xff"
#define V3 "\x03\x05\0\x60\0\0\0\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x08\xab\xcd\0\x08\xff"

static const struct {
	const char *what;
	struct str packets;
	uint64_t key;
} cases[] = {
	{ "issuer", STR("\x89\0\x1d" V4("\0", "\x0a", ISSUER)), KEY },
	{ "issuer, one-byte length", STR("\x88\x1d" V4("\0", "\x0a", ISSUER)), KEY },
	{ "issuer, four-byte length", STR("\x8a\0\0\0\x1d" V4("\0", "\x0a", ISSUER)), KEY },
	{ "issuer, no length", STR("\x8b" V4("\0", "\x0a", ISSUER)), KEY },
	{ "issuer, new format", STR("\xc2\x1d" V4("\0", "\x0a", ISSUER)), KEY },
	{ "issuer, new format, five bytes", STR("\xc2\xff\0\0\0\x1d" V4("\0", "\x0a", ISSUER)), KEY },
	{ "fingerprint", STR("\x88\x2a" V4("\0", "\x17", V4_FINGERPRINT)), FINGERPRINT },
	{ "issuer before fingerprint", STR("\x88\x34" V4("\0", "\x21", V4_FINGERPRINT ISSUER)), KEY },
	{ "version 3", STR("\x88\x16" V3), KEY },
	{ "the last of two", STR("\x88\x16" V3 "\x88\x2a" V4("\0", "\x17", V4_FINGERPRINT)), FINGERPRINT },
	{ "the one that has an issuer", STR("\x88\x16" V3 "\x88\x13" V4("\0", "\0", "")), KEY },
	{ "behind another packet",
	  STR("\xb4\x03"
	      "abc"
	      "\x88\x16" V3),
	  KEY },
	{ "before what is no packet", STR("\x88\x16" V3 "text"), KEY },
	{ "text signature", STR("\x88\x1d" V4("\1", "\x0a", ISSUER)), 0 },
	{ "version 3, text",
	  STR("\x88\x16\x03\x05\1\x60\0\0\0\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x08\xab\xcd\0\x08\xff"), 0 },
	{ "version 3, odd length",
	  STR("\x88\x16\x03\x06\0\x60\0\0\0\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x08\xab\xcd\0\x08\xff"), 0 },
	{ "no issuer", STR("\x88\x13" V4("\0", "\0", "")), 0 },
	{ "short issuer",
	  STR("\x88\x18" V4("\0", "\5",
			    "\4\x10"
			    "abc")),
	  0 },
	{ "subpacket longer than its area",
	  STR("\x88\x18" V4("\0", "\5",
			    "\x09\x10"
			    "abc")),
	  0 },
	{ "area longer than the packet", STR("\x88\x1d" V4("\0", "\x7f", ISSUER)), 0 },
	{ "packet longer than the bytes", STR("\x88\x7f" V4("\0", "\x0a", ISSUER)), 0 },
	{ "partial length", STR("\xc2\xe5" V4("\0", "\x0a", ISSUER)), 0 },
	{ "version 5", STR("\x88\1\5"), 0 },
	{ "nothing", STR(""), 0 },
	{ "a header", STR("\x89"), 0 },
	{ "text", STR("-----BEGIN PGP SIGNATURE-----"), 0 },
};

static void the_issuer_is_found_where_there_is_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t key = 0;
		bool found = openpgp_issuer(cases[i].packets, &key);

		if (found != (cases[i].key != 0) || key != cases[i].key)
			fail_msg("%s: %d, %016llx", cases[i].what, found, (unsigned long long)key);
	}
}

static void a_later_fingerprint_begins_with_the_key(void **state)
{
	static const char packet[] = "\x88\x36" V4("\0", "\x23",
						   "\x22\x21\5\xfe\xdc\xba\x98\x76\x54\x32\x10"
						   "ABCDEFGHIJKLMNOPQRSTUVWX");
	uint64_t key = 0;

	(void)state;
	assert_true(openpgp_issuer((struct str){ packet, sizeof(packet) - 1 }, &key));
	assert_true(key == FINGERPRINT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_issuer_is_found_where_there_is_one),
		cmocka_unit_test(a_later_fingerprint_begins_with_the_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
