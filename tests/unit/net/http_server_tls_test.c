/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server over TLS, with certificates made here. */
#include "http_server_case.h"

#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

struct files {
	char directory[64], cert[96], key[96];
};

static void write_file(const char *path, const gnutls_datum_t *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text->data, text->size), text->size);
	close(fd);
}

/* A key and a certificate of it, of its own making, whose serial number tells which it is. */
static void make_pair(const struct files *f, unsigned char serial)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t cert;
	gnutls_datum_t text;

	gnutls_x509_privkey_init(&key);
	gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
				     0);
	gnutls_x509_crt_init(&cert);
	gnutls_x509_crt_set_version(cert, 3);
	gnutls_x509_crt_set_serial(cert, &serial, 1);
	gnutls_x509_crt_set_activation_time(cert, 0);
	gnutls_x509_crt_set_expiration_time(cert, (time_t)time_now() + 86400);
	gnutls_x509_crt_set_dn(cert, "CN=localhost", NULL);
	gnutls_x509_crt_set_key(cert, key);
	assert_int_equal(gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0), 0);
	gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &text);
	write_file(f->cert, &text);
	gnutls_free(text.data);
	gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &text);
	write_file(f->key, &text);
	gnutls_free(text.data);
	gnutls_x509_crt_deinit(cert);
	gnutls_x509_privkey_deinit(key);
}

static void make_files(struct files *f)
{
	const char *base = getenv("TMPDIR");

	snprintf(f->directory, sizeof(f->directory), "%s/clair-tls-XXXXXX",
		 base && *base ? base : "/var/tmp");
	assert_non_null(mkdtemp(f->directory));
	snprintf(f->cert, sizeof(f->cert), "%s/cert.pem", f->directory);
	snprintf(f->key, sizeof(f->key), "%s/key.pem", f->directory);
	make_pair(f, 1);
}

static void remove_files(const struct files *f)
{
	unlink(f->cert);
	unlink(f->key);
	rmdir(f->directory);
}

static void serve_tls(struct server_case *c, const struct files *f, struct http_server_options o)
{
	o.tls_cert = str_of(f->cert);
	o.tls_key = str_of(f->key);
	serve(c, o);
}

struct client {
	int fd;
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	unsigned char serial;
	char protocol[16]; /* chosen by ALPN */
};

/* False: the handshake failed. */
static bool client_open(struct client *c, const struct server_case *s, const char *priority)
{
	const gnutls_datum_t offers[] = { { (unsigned char *)"h2", 2 }, { (unsigned char *)"http/1.1", 8 } };
	const gnutls_datum_t *peer;
	gnutls_datum_t chosen;
	gnutls_x509_crt_t cert;
	size_t n = 1;
	unsigned count = 0;

	memset(c, 0, sizeof(*c));
	c->fd = dial(s);
	gnutls_init(&c->session, GNUTLS_CLIENT);
	gnutls_certificate_allocate_credentials(&c->credentials);
	gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, c->credentials);
	assert_int_equal(gnutls_priority_set_direct(c->session, priority, NULL), 0);
	gnutls_alpn_set_protocols(c->session, offers, 2, 0);
	gnutls_transport_set_int(c->session, c->fd);
	if (gnutls_handshake(c->session) < 0)
		return false;
	if (gnutls_alpn_get_selected_protocol(c->session, &chosen) == 0)
		snprintf(c->protocol, sizeof(c->protocol), "%.*s", (int)chosen.size,
			 (const char *)chosen.data);
	peer = gnutls_certificate_get_peers(c->session, &count);
	assert_int_equal(count, 1);
	gnutls_x509_crt_init(&cert);
	gnutls_x509_crt_import(cert, peer, GNUTLS_X509_FMT_DER);
	gnutls_x509_crt_get_serial(cert, &c->serial, &n);
	gnutls_x509_crt_deinit(cert);
	return true;
}

static void client_close(struct client *c)
{
	gnutls_deinit(c->session);
	gnutls_certificate_free_credentials(c->credentials);
	close(c->fd);
}

/* The status of a GET. */
static unsigned client_get(struct client *c, const char *request)
{
	char text[4096], *begin;
	size_t n = 0;
	unsigned status = 0;

	gnutls_record_send(c->session, request, strlen(request));
	while (n < sizeof(text) - 1) {
		ssize_t got = gnutls_record_recv(c->session, text + n, sizeof(text) - 1 - n);

		if (got <= 0)
			break;
		n += (size_t)got;
		text[n] = '\0';
		if (strstr(text, "\r\n\r\n"))
			break;
	}
	text[n] = '\0';
	begin = strstr(text, "HTTP/1.1 "); /* after what was left of the answer before */
	return begin && sscanf(begin, "HTTP/1.1 %u", &status) == 1 ? status : 0;
}

static void versions_and_protocol(void **state)
{
	static const struct {
		const char *priority;
		bool is_accepted;
	} cases[] = {
		{ "NORMAL", true },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.2", true },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.3", true },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT", false },
	};
	struct server_case s;
	struct files f;

	(void)state;
	make_files(&f);
	serve_tls(&s, &f, (struct http_server_options){ 0 });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct client c;

		assert_int_equal(client_open(&c, &s, cases[i].priority), cases[i].is_accepted);
		if (cases[i].is_accepted) {
			assert_string_equal(c.protocol, "http/1.1");
			assert_int_equal(client_get(&c, GET("/a")), 200);
			assert_int_equal(client_get(&c, GET("/later")), 200);
		}
		client_close(&c);
	}
	end_case(&s);
	remove_files(&f);
}

static void a_certificate_is_reloaded(void **state)
{
	struct server_case s;
	struct files f;
	struct client old, new;
	struct err err = { 0 };

	(void)state;
	make_files(&f);
	serve_tls(&s, &f, (struct http_server_options){ 0 });
	assert_true(client_open(&old, &s, "NORMAL"));
	assert_int_equal(old.serial, 1);
	for (unsigned char serial = 2; serial < 5; serial++) {
		make_pair(&f, serial);
		assert_int_equal(http_server_reload_tls(s.server, &err), 0);
		assert_true(client_open(&new, &s, "NORMAL"));
		assert_int_equal(new.serial, serial);
		assert_int_equal(client_get(&new, GET("/a")), 200);
		client_close(&new);
	}
	assert_int_equal(client_get(&old, GET("/a")), 200);
	unlink(f.key);
	assert_int_equal(http_server_reload_tls(s.server, &err), E_CONFIG);
	assert_non_null(strstr(err.text, f.key));
	assert_true(client_open(&new, &s, "NORMAL")); /* the old one stays */
	assert_int_equal(new.serial, 4);
	client_close(&new);
	client_close(&old);
	end_case(&s);
	remove_files(&f);
}

static void errors_name_the_file_and_the_cause(void **state)
{
	static const gnutls_datum_t garbage = { (unsigned char *)"garbage", 7 };
	static const struct log quiet = { 0 };
	struct http_server_options o = { .listen = STR("127.0.0.1:0"), .log = &quiet };
	struct http_server *server;
	struct files f, other;
	struct err err = { 0 };

	(void)state;
	make_files(&f);
	make_files(&other);
	o.tls_cert = str_of(f.cert);
	assert_int_equal(http_server_start(&o, &server, &err), E_CONFIG); /* no key */
	o.tls_key = str_of(other.key);
	assert_int_equal(http_server_start(&o, &server, &err), E_CONFIG);
	assert_non_null(strstr(err.text, other.key));
	assert_non_null(strstr(err.text, "not the key of the certificate"));
	write_file(other.key, &garbage);
	assert_int_equal(http_server_start(&o, &server, &err), E_CONFIG);
	assert_non_null(strstr(err.text, other.key));
	unlink(other.key);
	assert_int_equal(http_server_start(&o, &server, &err), E_CONFIG);
	assert_non_null(strstr(err.text, "No such file"));
	write_file(f.cert, &garbage);
	assert_int_equal(http_server_start(&o, &server, &err), E_CONFIG);
	assert_non_null(strstr(err.text, f.cert));
	remove_files(&f);
	remove_files(&other);
}

static void slow_handshakes_are_cut_off(void **state)
{
	struct server_case s;
	struct files f;
	struct client c;
	uint64_t start = time_monotonic_ns();
	int silent, half;

	(void)state;
	make_files(&f);
	serve_tls(&s, &f, (struct http_server_options){ .request_seconds = 1 });
	silent = dial(&s);
	half = dial(&s);
	tell(half, "\x16\x03\x01\x02"); /* the begin of a record */
	assert_true(client_open(&c, &s, "NORMAL")); /* and no request */
	assert_true(is_closed_within(silent, 2000));
	assert_true(is_closed_within(half, 500));
	assert_int_equal(client_get(&c, ""), 0);
	assert_in_range((time_monotonic_ns() - start) / 1000000, 800, 4000);
	client_close(&c);
	close(silent);
	close(half);
	end_case(&s);
	remove_files(&f);
}

static void who_hangs_up_is_canceled(void **state)
{
	struct server_case s;
	struct files f;
	struct client c;
	static const char request[] = GET("/wait");

	(void)state;
	make_files(&f);
	serve_tls(&s, &f, (struct http_server_options){ 0 });
	assert_true(client_open(&c, &s, "NORMAL"));
	gnutls_record_send(c.session, request, sizeof(request) - 1);
	await_count(s.seen.handled, 1);
	client_close(&c);
	await_count(s.seen.canceled, 1);
	await_count(s.seen.finished, 1);
	assert_int_equal(s.seen.last_status, 499);
	end_case(&s);
	remove_files(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_and_protocol),
		cmocka_unit_test(a_certificate_is_reloaded),
		cmocka_unit_test(errors_name_the_file_and_the_cause),
		cmocka_unit_test(slow_handshakes_are_cut_off),
		cmocka_unit_test(who_hangs_up_is_canceled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
