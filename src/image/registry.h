/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_REGISTRY_H
#define IMAGE_REGISTRY_H

#include "image/image.h"
#include "model/manifest.h"
#include "net/http_client.h"

/* Images in a registry (OCI distribution specification 1.1). References as Docker writes them:
 * [host[:port]/]name[:tag][@digest]; no host: Docker Hub, one-word names below "library/", no tag: latest.
 * Credentials: DOCKER_CONFIG or ~/.docker/config.json (auths; helpers come later), answered to Basic and
 * Bearer challenges. http only for loopback hosts and hosts of `insecure`. */
struct registry_options {
	struct str platform; /* as struct image_options */
	struct http_client_options client;
	const struct str
		*insecure; /* hosts (host[:port]) that may be asked by http and without verified TLS */
	size_t insecure_count;
	struct str username, password; /* override the config file; empty: none */
	struct str docker_config; /* file; empty: $DOCKER_CONFIG/config.json or ~/.docker/config.json */
};

/* Resolve a reference and open the image; layers are streamed when opened. Close with image_close. E_NOTFOUND
 * (says what tags there are), E_AUTH, E_UNSUPPORTED (no such platform: lists them), E_IO. */
int registry_open(struct task *task, struct str reference, const struct registry_options *options,
		  struct image *out, struct err *err);
/* The digest that a reference has now for the platform (one request or two). */
int registry_resolve(struct task *task, struct str reference, const struct registry_options *options,
		     struct str *digest, struct err *err);
/* The manifest to post to an indexer: for each layer the URL after redirects (asked with Range bytes=0-0) and
 * the headers that were needed for it. Task's arena. */
int registry_manifest(struct task *task, struct str reference, const struct registry_options *options,
		      struct manifest *out, struct err *err);

#endif
