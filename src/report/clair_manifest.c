/* SPDX-License-Identifier: Apache-2.0 */
/* What an indexer is asked to index, as JSON. Source: Clair's OpenAPI document, schemas manifest and layer.
 * What one would get wrong: a header has a list of values, even when there is one. */
#include "report/clair_manifest.h"

static void write_layer(struct json_writer *w, const struct manifest_layer *layer)
{
	json_object_begin(w);
	json_member(w, "hash", layer->hash);
	json_member(w, "uri", layer->uri);
	json_key(w, "headers");
	json_object_begin(w);
	VEC_EACH (struct manifest_header, h, &layer->headers) {
		json_key_str(w, h->name);
		json_array_begin(w);
		for (size_t i = 0; i < h->n; i++)
			json_str(w, h->values[i]);
		json_array_end(w);
	}
	json_object_end(w);
	json_object_end(w);
}

void clair_manifest_write(struct json_writer *w, const struct manifest *m)
{
	json_object_begin(w);
	json_member(w, "hash", m->hash);
	json_key(w, "layers");
	json_array_begin(w);
	VEC_EACH (const struct manifest_layer, layer, &m->layers)
		write_layer(w, layer);
	json_array_end(w);
	json_object_end(w);
}
