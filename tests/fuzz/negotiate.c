/* SPDX-License-Identifier: Apache-2.0 */
/* Headers by which a client says what it wants. Whatever they hold, what is chosen is one of the offers, and
 * the same text gives the same choice. */
#include "api/negotiate.h"

#include "base/arena.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const offers[] = { "application/vnd.clair.index_report.v1+json", "application/json",
				      "text/plain", NULL };

static http_headers lines(struct arena *a, const char *name, struct str text)
{
	http_headers headers = { 0 };
	struct str line;

	while (str_line(&text, &line))
		VEC_PUSH(a, &headers, ((struct http_header){ str_of(name), line }));
	return headers;
}

static bool is_offer(const char *chosen)
{
	for (size_t i = 0; offers[i]; i++)
		if (chosen == offers[i])
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct str text = { (const char *)data, size };
	http_headers accept = lines(&a, "Accept", text), coding = lines(&a, "Accept-Encoding", text);
	http_headers tags = lines(&a, "If-None-Match", text);
	const char *chosen = NULL, *again = NULL;
	struct coding_choice choice;
	struct err err = { 0 };
	int found = negotiate_media(&accept, offers, &chosen, &err);

	if (found > 0 && !is_offer(chosen))
		abort();
	if (found != negotiate_media(&accept, offers, &again, &err) || chosen != again)
		abort();
	if (!negotiate_coding(&coding, &choice) && !choice.identity_refused)
		abort();
	(void)etag_match(&tags, STR("abc"));
	(void)header_has_word(&tags, "If-None-Match", STR("respond-async"));
	return 0;
}
