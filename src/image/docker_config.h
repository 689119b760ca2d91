/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_DOCKER_CONFIG_H
#define IMAGE_DOCKER_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* What `docker login` left for a registry; all empty: nothing. */
struct docker_credentials {
	struct str username, password;
	struct str identity_token; /* instead of a password, to be exchanged for tokens */
	struct str helper; /* the program that keeps them, "docker-credential-pass"; we do not run it */
};

/* Look a registry up. key: as `docker login` writes it (registry_reference.key). Errors never hold what the
 * document says. Returns 0, E_FORMAT. */
int docker_config_parse(struct arena *a, struct str text, struct str key, struct docker_credentials *out,
			struct err *err);
/* The same in a file; empty: $DOCKER_CONFIG/config.json or ~/.docker/config.json. A file that is not there,
 * but for one that was named, has no credentials. E_CONFIG, with the file's name. */
int docker_config_load(struct arena *a, struct str file, struct str key, struct docker_credentials *out,
		       struct err *err);

#endif
