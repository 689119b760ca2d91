/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_REMOTE_H
#define CMD_REMOTE_H

#include "cmd/app.h"
#include "image/registry.h"
#include "net/http_client.h"

/* The options that report, index, manifest and delete share, and what they mean. */
struct remote_settings {
	struct str host, config, issuer, out, platform, insecure, ca_cert;
	bool keep_going, novel;
	struct str fail_on;
};
#define REMOTE_MEMBER(name) offsetof(struct remote_settings, name)

/* A service that is asked over HTTP. One per thread. */
struct remote {
	struct http_client *client;
	struct str host; /* without a slash at its end */
	struct str psk, issuer; /* psk empty: requests are not signed */
};

struct remote_answer {
	unsigned status;
	struct str etag, body; /* task's arena */
};

/* Work out host, key and issuer: --host, CLAIR_API; --config, CLAIR_CONF, config.yaml when it is there.
 * E_CONFIG. */
struct remote_service {
	struct str host, psk, issuer;
	struct http_client_options client;
	struct registry_options registry;
};
int remote_configure(struct app *app, const struct remote_settings *settings, struct remote_service *out,
		     struct err *err);

int remote_open(const struct remote_service *service, struct remote *out, struct err *err);
void remote_close(struct remote *r);
#define autoremote __attribute__((cleanup(remote_close)))

/* One request; a 429 is tried again after what Retry-After says. Any other status is a value. path:
 * "/indexer/..." */
struct remote_request {
	const char *method;
	struct str path, body, if_none_match;
};
int remote_call(struct remote *r, struct task *task, const struct remote_request *request,
		struct remote_answer *out, struct err *err);
/* "the service says 404: index report not found", from an error body. */
int remote_refused(const struct remote_answer *answer, const char *what, struct err *err);

#endif
