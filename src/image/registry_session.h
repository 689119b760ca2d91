/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_REGISTRY_SESSION_H
#define IMAGE_REGISTRY_SESSION_H

#include "image/registry.h"
#include "image/registry_reference.h"

/* One repository of one registry, and what lets us in. Threads may share it for registry_authorization; the
 * rest is for the thread that opened it. */
struct registry_session;

/* reference and options are borrowed until the session is closed. Settles whether the registry is asked by
 * https or http. */
int registry_session_open(struct task *task, const struct registry_reference *reference,
			  const struct registry_options *options, struct registry_session **out,
			  struct err *err);
void registry_session_close(struct registry_session *s);

/* GET of something below /v2/NAME/, with credentials when the registry asks for them. */
struct registry_request {
	struct str path; /* "manifests/latest" */
	struct str accept, range; /* empty: none */
	uint64_t max_bytes;
	bool stops_at_body;
};
struct registry_answer {
	struct http_response http;
	struct str body; /* task's arena */
};
/* Any status but one of 401 and 403 that credentials could not mend is an answer. */
int registry_get(struct registry_session *s, struct task *task, const struct registry_request *request,
		 struct registry_answer *out, struct err *err);
/* An answer that is no success as an error that says what to do. */
int registry_refused(struct registry_session *s, struct arena *a, const struct registry_answer *answer,
		     struct err *err);

/* "https://host/v2/NAME/PATH". */
struct str registry_url(const struct registry_session *s, struct arena *a, struct str path);
/* The value of Authorization for now, empty when none is needed; renews: the last one was refused. In the
 * task's arena. From any thread. */
int registry_authorization(struct registry_session *s, struct task *task, bool renews, struct str *out,
			   struct err *err);
/* With this a reader may ask the registry. */
const struct http_client_options *registry_client(const struct registry_session *s);

#endif
