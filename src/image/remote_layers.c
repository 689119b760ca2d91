/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that a client of the service told the places of.
 * Source: Clair's API, "Manifest" and "Layer" (uri, headers),
 * https://quay.github.io/clair/reference/api.html. Easy to get wrong: layers are opened by threads of a pool,
 * each with a connection of its own, so nothing here may be changed after image_from_manifest; and URIs and
 * headers are secrets as a whole, hence url_redact. */
#include "image/remote_layers.h"

#include "base/limits.h"
#include "image/remote_reader.h"
#include "net/url.h"

struct remote_layer {
	struct task *task; /* cancellation and deadline are read */
	const struct http_client_options *client;
	const struct manifest_layer *layer;
	http_headers headers;
};

static int open_layer(const struct image_layer *layer, struct reader **out, struct err *err)
{
	const struct remote_layer *remote = layer->source;
	struct http_reader_options options = { .client = *remote->client,
					       .url = remote->layer->uri,
					       .headers = remote->headers.p,
					       .header_count = remote->headers.n,
					       .max_bytes = LIMIT_LAYER_STORED_BYTES,
					       .task = remote->task };

	return remote_reader_open(&options, layer->digest, layer->size_bytes, out, err);
}

/* One line for each value. */
static void list_headers(struct arena *a, const struct manifest_layer *layer, http_headers *out)
{
	VEC_EACH (const struct manifest_header, h, &layer->headers)
		for (size_t i = 0; i < h->n; i++)
			VEC_PUSH(a, out, ((struct http_header){ h->name, h->values[i] }));
}

static int check_uri(struct arena *a, const struct manifest_layer *layer, struct err *err)
{
	if (layer->uri.n == 0)
		return err_set(err, E_FORMAT, "layer " STR_FMT " has no uri", STR_ARG(layer->hash));
	if (!url_is_http(layer->uri))
		return err_set(err, E_FORMAT, "layer " STR_FMT ": uri is no http or https URL: " STR_FMT,
			       STR_ARG(layer->hash), STR_ARG(str_printable(a, url_redact(a, layer->uri))));
	return 0;
}

int image_from_manifest(struct task *task, const struct manifest *manifest,
			const struct http_client_options *client, struct image *out, struct err *err)
{
	struct image image = { .target = manifest->hash, .manifest_hash = manifest->hash };
	struct arena *a = &task->arena;

	VEC_EACH (const struct manifest_layer, layer, &manifest->layers) {
		struct remote_layer *remote = ARENA_NEW(a, struct remote_layer);
		struct image_layer opened = { .digest = layer->hash, .size_bytes = UINT64_MAX };

		TRY(check_uri(a, layer, err));
		*remote = (struct remote_layer){ .task = task, .client = client, .layer = layer };
		list_headers(a, layer, &remote->headers);
		opened.open = open_layer;
		opened.source = remote;
		VEC_PUSH(a, &image.layers, opened);
	}
	*out = image;
	return 0;
}
