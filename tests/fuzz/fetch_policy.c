/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of a fetch policy: the first line is a rule, the second a host. What is parsed is in its bounds, and
 * a rule that denies and allows at once denies what it matches. */
#include "net/fetch_policy.h"

#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct fetch_policy p = { .mode = FETCH_ANY };
	struct fetch_rule rule = { 0 };
	struct str text, host;
	struct err err = { 0 };
	bool is_free;

	str_cut((struct str){ (const char *)data, size }, '\n', &text, &host);
	if (fetch_rule_parse(&a, text, &rule, &err) < 0)
		return err.code == E_CONFIG && err.text[0] ? 0 : (__builtin_trap(), 0);
	if (rule.bits > 128 || rule.port > 65535 || (rule.host.n && rule.bits))
		__builtin_trap();
	is_free = fetch_policy_check_host(&p, host, 443, &err) == 0;
	VEC_PUSH(&a, &p.deny, rule);
	if (fetch_policy_check_host(&p, host, 443, &err) == 0)
		return is_free ? 0 : (__builtin_trap(), 0);
	VEC_PUSH(&a, &p.allow, rule);
	if (fetch_policy_check_host(&p, host, 443, &err) == 0)
		__builtin_trap();
	return 0;
}
