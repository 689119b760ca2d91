/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_REGISTRY_REFERENCE_H
#define IMAGE_REGISTRY_REFERENCE_H

#include "base/err.h"
#include "base/str.h"

struct arena;

/* An image in a registry, as Docker writes it, with the defaults filled in. Strings are in the arena. */
struct registry_reference {
	struct str host; /* to ask: "registry.example:5000" */
	struct str key; /* under which credentials are kept: the host, but for Docker Hub */
	struct str repository; /* "library/alpine" */
	struct str tag; /* empty when there is a digest and no tag */
	struct str digest; /* "sha256:..."; it goes before the tag */
	struct str shown; /* all of it, for messages: "docker.io/library/alpine:latest" */
	bool is_hub;
};

/* Parse [host[:port]/]name[:tag][@digest]. E_CONFIG says what is wrong. */
int registry_reference_parse(struct arena *a, struct str text, struct registry_reference *out,
			     struct err *err);

/* "registry.example:5000" → "registry.example"; "[::1]:5000" → "::1". */
struct str registry_host_name(struct str host);
/* 127.0.0.0/8, ::1, localhost. */
bool registry_host_is_loopback(struct str host);

#endif
