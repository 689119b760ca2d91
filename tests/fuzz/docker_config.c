/* SPDX-License-Identifier: Apache-2.0 */
/* docker's config.json: the key in the first line, the document behind it. Base64 goes both ways. */
#include "image/docker_config.h"

#include "image/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct str key, text, out;
	struct docker_credentials c = { 0 };
	struct err err = { 0 };

	str_cut((struct str){ (const char *)data, size }, '\n', &key, &text);
	if (docker_config_parse(&a, text, key, &c, &err) < 0 && (err.code != E_FORMAT || !err.text[0]))
		__builtin_trap();
	base64_decode(&a, text, &out);
	if (!base64_decode(&a, base64_encode(&a, text), &out) || !str_eq(out, text))
		__builtin_trap();
	return 0;
}
