/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: a YAML document, then after a line "---" a second one that is merged into it or, when it
 * is a list, applied as a patch; decoded for every mode and masked. What is decoded has the shape it
 * promises. */
#include "base/json_patch.h"
#include "base/yaml.h"
#include "cmd/config.h"
#include "cmd/config_mask.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int merge(struct arena *a, struct str text, struct json_value *document, struct err *err)
{
	struct str first, second;
	struct json_value more;
	size_t at = str_search(text, STR("\n---\n"));

	first = str_sub(text, 0, at);
	second = at < text.n ? str_sub(text, at + 5, text.n - at - 5) : STR("");
	TRY(yaml_parse(a, first, document, err));
	TRY(yaml_parse(a, second, &more, err));
	if (more.type == JSON_ARRAY)
		return json_patch(a, document, &more, document, err);
	*document = json_merge(a, document, &more);
	return 0;
}

static void must_be_whole(const struct config *c, enum config_mode mode)
{
	bool ok = c->log_level.n && c->metrics_endpoint.n && c->http_listen_addr.n &&
		  c->indexer.layer_scan_concurrency > 0 && c->matcher.period >= 60 &&
		  c->matcher.cache_age > 0 && c->matcher.update_retention != 1 && c->server.threads >= 0 &&
		  c->server.request_timeout > 0 && c->server.store_connections > 0 && c->matcher.history >= 0;

	if (!ok || (mode != MODE_CLIENT && c->auth.has_psk && (!c->auth.keys.n || !c->auth.issuers.n)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct json_value document;
	struct err err = { 0 };

	if (merge(&a, (struct str){ (const char *)data, size }, &document, &err) < 0)
		return 0;
	for (enum config_mode mode = MODE_COMBO; mode <= MODE_CLIENT; mode++) {
		struct config c;
		config_lints lints = { 0 };
		config_names unknown = { 0 };
		static const char *const none[] = { NULL };

		if (config_decode(&a, &document, STR(""), mode, &c, &lints, &err) < 0) {
			if (err.code != E_CONFIG || !err.text[0])
				abort();
			continue;
		}
		must_be_whole(&c, mode);
		config_unknown_names(&a, &c, none, none, &unknown);
	}
	config_mask(&a, &document);
	return 0;
}
