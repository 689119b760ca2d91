/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate of a listener, chosen for each handshake, so that a new one can be loaded while the server
 * runs. Source: the GnuTLS manual, "gnutls_certificate_set_retrieve_function2"; libmicrohttpd keeps its
 * connection as the session's pointer. What one would get wrong: GnuTLS borrows certificate and key until the
 * handshake is over, so each connection keeps those that it was given. */
#include "net/http_server_internal.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>

enum { CHAIN_MAX = 16, PEM_BYTES = 1024 * 1024 };

/* Shared by the server, while it is the newest, and by the connections that were given it. */
struct http_credentials {
	unsigned users; /* guarded by the server's lock */
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned chain_n;
	gnutls_privkey_t key;
};

static int choose(gnutls_session_t session, const gnutls_datum_t *authorities, int authority_count,
		  const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **chain,
		  unsigned *chain_n, gnutls_privkey_t *key)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(gnutls_session_get_ptr(session),
								       MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct connection *c = info ? info->socket_context : NULL;
	struct http_credentials *newest;

	(void)authorities;
	(void)authority_count;
	(void)algorithms;
	(void)algorithm_count;
	if (!c)
		return -1;
	pthread_mutex_lock(&c->server->lock);
	newest = c->server->credentials;
	newest->users++;
	http_credentials_drop(c->credentials); /* of an earlier handshake */
	c->credentials = newest;
	pthread_mutex_unlock(&c->server->lock);
	*chain = newest->chain;
	*chain_n = newest->chain_n;
	*key = newest->key;
	return 0;
}

struct MHD_OptionItem http_credentials_option(void)
{
	union {
		gnutls_certificate_retrieve_function2 *function;
		void *pointer;
	} as = { .function = choose };

	return (struct MHD_OptionItem){ MHD_OPTION_HTTPS_CERT_CALLBACK, 0, as.pointer };
}

static void free_one(struct http_credentials *c)
{
	for (unsigned i = 0; i < c->chain_n; i++)
		gnutls_pcert_deinit(&c->chain[i]);
	if (c->key)
		gnutls_privkey_deinit(c->key);
	free(c);
}

void http_credentials_drop(struct http_credentials *c)
{
	if (c && --c->users == 0)
		free_one(c);
}

static int bad(struct str path, const char *what, int rc, struct err *err)
{
	return err_set(err, E_CONFIG, "TLS %s " STR_FMT ": %s", what, STR_ARG(path), gnutls_strerror(rc));
}

/* GnuTLS' own reader does not say why it failed. */
static int load(struct str path, const char *what, struct arena *a, gnutls_datum_t *out, struct err *err)
{
	autoclose int fd = open(str_copy(a, path).p, O_RDONLY | O_CLOEXEC);
	struct fd_reader file;
	struct str text;

	if (fd < 0)
		return err_set(err, E_CONFIG, "TLS %s " STR_FMT ": %m", what, STR_ARG(path));
	fd_reader_open(&file, fd, -1, UINT64_MAX);
	if (reader_all(&file.reader, a, PEM_BYTES, &text, err) < 0)
		return err_set(err, E_CONFIG, "TLS %s " STR_FMT ": %s", what, STR_ARG(path),
			       err->code == E_LIMIT ? "more than 1 MiB" : strerror(errno));
	*out = (gnutls_datum_t){ (unsigned char *)(uintptr_t)text.p, (unsigned)text.n };
	return 0;
}

static int load_chain(struct http_credentials *c, struct str path, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	gnutls_datum_t data = { 0 };
	unsigned n = CHAIN_MAX;
	int rc;

	TRY(load(path, "certificate", &scratch, &data, err));
	rc = gnutls_pcert_list_import_x509_raw(c->chain, &n, &data, GNUTLS_X509_FMT_PEM, 0);
	if (rc < 0)
		return bad(path, "certificate", rc, err);
	c->chain_n = n;
	return 0;
}

static int load_key(struct http_credentials *c, struct str path, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	gnutls_datum_t data = { 0 };
	int rc;

	TRY(load(path, "key", &scratch, &data, err));
	rc = gnutls_privkey_init(&c->key);
	if (rc == 0)
		rc = gnutls_privkey_import_x509_raw(c->key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_memset(data.data, 0, data.size);
	return rc < 0 ? bad(path, "key", rc, err) : 0;
}

/* A key that is not the certificate's would only show at the first handshake. */
static int check_pair(const struct http_credentials *c, struct str path, struct err *err)
{
	gnutls_pubkey_t public;
	unsigned char of_key[64], of_certificate[64];
	size_t n = sizeof(of_key), m = sizeof(of_certificate);
	int rc = gnutls_pubkey_init(&public);

	if (rc == 0)
		rc = gnutls_pubkey_import_privkey(public, c->key, 0, 0);
	if (rc == 0)
		rc = gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA256, of_key, &n);
	gnutls_pubkey_deinit(public);
	if (rc == 0)
		rc = gnutls_pubkey_get_key_id(c->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, of_certificate,
					      &m);
	if (rc < 0)
		return bad(path, "key", rc, err);
	if (n != m || memcmp(of_key, of_certificate, n))
		return err_set(err, E_CONFIG, "TLS key " STR_FMT ": it is not the key of the certificate",
			       STR_ARG(path));
	return 0;
}

int http_credentials_load(struct http_server *s, struct err *err)
{
	struct http_credentials *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	if (load_chain(c, s->options.tls_cert, err) < 0 || load_key(c, s->options.tls_key, err) < 0 ||
	    check_pair(c, s->options.tls_key, err) < 0) {
		free_one(c);
		return err->code;
	}
	pthread_mutex_lock(&s->lock);
	http_credentials_drop(s->credentials);
	c->users = 1;
	s->credentials = c;
	pthread_mutex_unlock(&s->lock);
	return 0;
}
