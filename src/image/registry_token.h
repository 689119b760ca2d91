/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_REGISTRY_TOKEN_H
#define IMAGE_REGISTRY_TOKEN_H

#include "image/docker_config.h"
#include "image/registry_challenge.h"
#include "image/registry_reference.h"
#include "net/http_client.h"

/* What lets us in, and until when. */
struct registry_pass {
	struct str authorization; /* the header's value */
	uint64_t expires_ns; /* CLOCK_MONOTONIC; UINT64_MAX: never */
};

/* Answer a challenge: credentials as they are (Basic), or a token for pulling the repository from the server
 * that the registry names (Bearer), anonymously without credentials. may_be_plain: that server may be asked
 * by http. In the task's arena. E_AUTH says what to do. */
int registry_answer_challenge(struct http_client *http, struct task *task,
			      const struct registry_reference *reference,
			      const struct registry_challenge *challenge,
			      const struct docker_credentials *credentials, bool may_be_plain,
			      struct registry_pass *out, struct err *err);

/* "docker login registry.example", for messages. */
struct str registry_login_advice(struct arena *a, const struct registry_reference *reference,
				 const struct docker_credentials *credentials);

#endif
