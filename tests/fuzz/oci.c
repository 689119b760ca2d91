/* SPDX-License-Identifier: Apache-2.0 */
/* OCI documents: each reader over the same bytes; what comes out has the form that oci.h promises. */
#include "base/limits.h"
#include "format/oci.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_digest(struct str s)
{
	size_t digits = str_starts(s, STR("sha256:")) ? 64 : str_starts(s, STR("sha512:")) ? 128 : 0;

	if (!digits || s.n != 7 + digits)
		abort();
	for (size_t i = 7; i < s.n; i++)
		if (!strchr("0123456789abcdef", s.p[i]) || !s.p[i])
			abort();
}

static void check_descriptor(const struct oci_descriptor *d)
{
	check_digest(d->digest);
	if (d->size_bytes != UINT64_MAX && d->size_bytes > INT64_MAX)
		abort();
}

static void check_document(const struct oci_document *d)
{
	if (d->kind == OCI_MANIFEST) {
		check_descriptor(&d->manifest.config);
		if (d->manifest.layers.n > LIMIT_MANIFEST_LAYERS)
			abort();
	}
	if ((d->kind != OCI_MANIFEST && d->manifest.layers.n) ||
	    (d->kind != OCI_INDEX && d->index.manifests.n))
		abort();
	for (size_t i = 0; i < d->manifest.layers.n; i++)
		check_descriptor(&d->manifest.layers.p[i]);
	for (size_t i = 0; i < d->index.manifests.n; i++)
		check_descriptor(&d->index.manifests.p[i]);
}

static void check_config(struct arena *a, const struct oci_config *c)
{
	if (c->diff_ids.n > LIMIT_MANIFEST_LAYERS || c->empty_layer_count > c->history_count)
		abort();
	for (size_t i = 0; i < c->diff_ids.n; i++)
		check_digest(c->diff_ids.p[i]);
	oci_platform_text(a, &c->platform);
}

static void check_archive(const docker_images *images)
{
	for (size_t i = 0; i < images->n; i++)
		if (!images->p[i].config.n || images->p[i].layers.n > LIMIT_MANIFEST_LAYERS)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct str text = { (const char *)data, size }, id, parent;
	struct oci_document document;
	struct oci_index index;
	struct oci_config config;
	docker_images images;
	docker_tags tags;
	struct err err = { 0 };

	if (oci_document_parse(&a, text, STR(""), &document, &err) == 0)
		check_document(&document);
	if (oci_document_parse(&a, text, STR("application/vnd.oci.image.manifest.v1+json"), &document,
			       &err) == 0)
		check_document(&document);
	oci_index_parse(&a, text, &index, &err);
	oci_layout_check(&a, text, &err);
	if (oci_config_parse(&a, text, &config, &err) == 0)
		check_config(&a, &config);
	if (docker_archive_parse(&a, text, &images, &err) == 0)
		check_archive(&images);
	docker_repositories_parse(&a, text, &tags, &err);
	if (docker_v1_layer_parse(&a, text, &id, &parent, &err) == 0 && !id.n)
		abort();
	return 0;
}
