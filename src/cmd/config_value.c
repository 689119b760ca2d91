/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the configuration, by type. Sources: durations are those of Go's time.ParseDuration,
 * https://pkg.go.dev/time#ParseDuration ; base64: RFC 4648 section 4. What a reader would get wrong: messages
 * repeat a value only where it cannot be a secret, and yes, no, on and off are truth values here although
 * YAML reads them as texts: that is for whoever wants them. */
#include "cmd/config_value.h"

#include "base/yaml_scalar.h"
#include "cmd/options.h"

#include <stdio.h>

static int wrong_type(const struct config_key *key, struct err *err)
{
	return err_set(err, E_CONFIG, "must be %s", config_type_name(key->type));
}

/* ---- durations ---- */

/* Nanoseconds in a unit at the beginning of *rest, which is passed; 0: none. */
static double take_unit(struct str *rest)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = { { "ns", 1e-9 }, { "us", 1e-6 },	 { "\xc2\xb5s", 1e-6 }, { "\xce\xbcs", 1e-6 },
		      { "ms", 1e-3 }, { "s", 1 },	 { "m", 60 },		{ "h", 3600 },
		      { "d", 86400 }, { "w", 7 * 86400 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct str name = str_of(units[i].name);

		if (!str_starts(*rest, name))
			continue;
		*rest = str_sub(*rest, name.n, rest->n - name.n);
		return units[i].seconds;
	}
	return 0;
}

/* "12", "1.5", ".5" at the beginning of *rest. False: no digit. */
static bool take_number(struct str *rest, double *out)
{
	double v = 0, scale = 1;
	bool has_digit = false, after_point = false;
	size_t i = 0;

	for (; i < rest->n; i++) {
		char c = rest->p[i];

		if (c == '.' && !after_point) {
			after_point = true;
			continue;
		}
		if (c < '0' || c > '9')
			break;
		has_digit = true;
		v = after_point ? v + (c - '0') * (scale /= 10) : v * 10 + (c - '0');
	}
	*rest = str_sub(*rest, i, rest->n - i);
	*out = v;
	return has_digit;
}

bool config_duration(struct str text, int64_t *seconds)
{
	const double max = 9223372036.0; /* Go counts nanoseconds in 64 bits */
	struct str rest = text;
	double total = 0, number, unit;

	if (rest.n && rest.p[0] == '+')
		rest = str_sub(rest, 1, rest.n - 1);
	if (str_eq(rest, STR("0"))) {
		*seconds = 0;
		return true;
	}
	if (rest.n == 0)
		return false;
	while (rest.n) {
		if (!take_number(&rest, &number))
			return false;
		unit = take_unit(&rest);
		total += number * unit;
		if (unit == 0 || total > max)
			return false;
	}
	*seconds = (int64_t)total;
	*seconds += total - (double)*seconds > 1e-9;
	return true;
}

static int duration_value(const struct config_key *key, const struct json_value *v, int64_t *out,
			  struct err *err)
{
	if (v->type == JSON_NUMBER && str_eq(v->text, STR("0"))) {
		*out = 0;
		return 0;
	}
	if (v->type != JSON_STRING)
		return wrong_type(key, err);
	if (!config_duration(v->text, out))
		return err_set(err, E_CONFIG, "'" STR_FMT "' is no duration; write 90s, 15m or 1h30m",
			       STR_ARG(v->text));
	return 0;
}

/* ---- base64 ---- */

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool config_base64(struct arena *a, struct str text, struct str *out)
{
	char *bytes = arena_alloc(a, text.n / 4 * 3 + 3);
	size_t n = 0, digits = 0, padding = 0;
	uint32_t bits = 0;

	for (size_t i = 0; i < text.n; i++) {
		int v = sextet(text.p[i]);

		if (text.p[i] == '\n' || text.p[i] == '\r')
			continue;
		if (text.p[i] == '=' && digits % 4 >= 2 && digits % 4 + padding < 4) {
			padding++;
			continue;
		}
		if (v < 0 || padding)
			return false;
		bits = bits << 6 | (uint32_t)v;
		if (digits++ % 4)
			bytes[n++] = (char)(bits >> (6 - 2 * ((digits - 1) % 4)));
	}
	*out = (struct str){ bytes, n };
	return (digits + padding) % 4 == 0;
}

static int base64_value(struct arena *a, const struct config_key *key, const struct json_value *v,
			struct err *err)
{
	struct str ignored;

	if (v->type != JSON_STRING || !config_base64(a, v->text, &ignored))
		return wrong_type(key, err);
	return 0;
}

/* ---- plain ones ---- */

static int bool_value(const struct config_key *key, const struct json_value *v, bool *out, struct err *err)
{
	static const char *const words[] = { "false", "no", "off", "n", "true", "yes", "on", "y" };

	if (v->type == JSON_TRUE || v->type == JSON_FALSE) {
		*out = v->type == JSON_TRUE;
		return 0;
	}
	for (size_t i = 0; v->type == JSON_STRING && i < 8; i++)
		if (str_eq_nocase(v->text, str_of(words[i]))) {
			*out = i >= 4;
			return 0;
		}
	return wrong_type(key, err);
}

static int integer_value(const struct config_key *key, const struct json_value *v, int64_t *out,
			 struct err *err)
{
	bool is_negative = v->type == JSON_NUMBER && v->text.n && v->text.p[0] == '-';
	uint64_t n;

	if (v->type != JSON_NUMBER ||
	    !str_u64(str_sub(v->text, is_negative, v->text.n - is_negative), INT32_MAX, &n))
		return err_set(err, E_CONFIG, "must be a whole number below 2^31");
	if (is_negative && n && !(key->flags & (CONFIG_SIGNED | CONFIG_ZERO | CONFIG_UNUSED)))
		return err_set(err, E_CONFIG, "must not be below 0");
	*out = is_negative ? -(int64_t)n : (int64_t)n;
	return 0;
}

static int size_value(const struct config_key *key, const struct json_value *v, int64_t *out, struct err *err)
{
	struct err ignored;
	uint64_t n;

	if ((v->type != JSON_STRING && v->type != JSON_NUMBER) ||
	    options_size("", v->text, &n, &ignored) < 0 || n > INT64_MAX)
		return wrong_type(key, err);
	*out = (int64_t)n;
	return 0;
}

static int text_value(const struct config_key *key, const struct json_value *v, struct str *out,
		      struct err *err)
{
	int choice;

	if (v->type != JSON_STRING)
		return wrong_type(key, err);
	*out = v->text;
	if (!key->choices)
		return 0;
	choice = options_choice("value", v->text, key->choices, err);
	TRY(choice);
	*out = str_of(key->choices[choice]);
	return 0;
}

static int policy_value(const struct json_value *v, enum fetch_policy_mode *out, struct err *err)
{
	static const char *const names[] = { "default", "strict", "any", NULL };
	int choice = options_choice("policy", v->text, names, err);

	TRY(choice);
	*out = (enum fetch_policy_mode)choice;
	return 0;
}

static int compression_value(const struct config_key *key, const struct json_value *v, struct err *err)
{
	static const char *const words[] = { "none", "gzip", "0", "1", "2" };

	for (size_t i = 0; i < 5; i++)
		if ((v->type == JSON_STRING || v->type == JSON_NUMBER) && str_eq(v->text, str_of(words[i])))
			return 0;
	return wrong_type(key, err);
}

/* ---- lists and mappings ---- */

static int names_value(struct arena *a, const struct config_key *key, const struct json_value *v,
		       config_names *out, struct err *err)
{
	config_names names = { 0 };

	if (v->type != JSON_ARRAY)
		return wrong_type(key, err);
	for (size_t i = 0; i < v->n; i++) {
		if (v->items[i].type != JSON_STRING)
			return wrong_type(key, err);
		VEC_PUSH(a, &names, v->items[i].text);
	}
	*out = names;
	return 0;
}

static int base64_list_value(struct arena *a, const struct config_key *key, const struct json_value *v,
			     struct err *err)
{
	if (v->type != JSON_ARRAY)
		return wrong_type(key, err);
	for (size_t i = 0; i < v->n; i++)
		TRY(base64_value(a, key, &v->items[i], err));
	return 0;
}

static int rules_value(struct arena *a, const struct config_key *key, const struct json_value *v,
		       fetch_rules *out, struct err *err)
{
	fetch_rules rules = { 0 };
	struct fetch_rule rule;

	if (v->type != JSON_ARRAY)
		return wrong_type(key, err);
	for (size_t i = 0; i < v->n; i++) {
		if (v->items[i].type != JSON_STRING)
			return wrong_type(key, err);
		TRY(fetch_rule_parse(a, v->items[i].text, &rule, err));
		VEC_PUSH(a, &rules, rule);
	}
	*out = rules;
	return 0;
}

static int texts_value(const struct config_key *key, const struct json_value *v, struct err *err)
{
	if (v->type != JSON_OBJECT)
		return wrong_type(key, err);
	for (size_t i = 0; i < v->n; i++) {
		const struct json_value *item = &v->items[i];
		bool ok = item->type == JSON_STRING || item->type == JSON_ARRAY || item->type == JSON_NULL;

		for (size_t j = 0; ok && j < item->n; j++)
			ok = item->items[j].type == JSON_STRING;
		if (!ok)
			return err_set(err, E_CONFIG, "must be a mapping of texts or lists of texts");
	}
	return 0;
}

/* Somewhere to put the values of keys without a member. */
union nowhere {
	struct str text;
	bool truth;
	int64_t number;
	config_names names;
	fetch_rules rules;
	enum fetch_policy_mode policy;
	struct json_value tree;
};

int config_value(struct arena *a, const struct config_key *key, const struct json_value *v,
		 struct config *out, struct err *err)
{
	union nowhere nowhere;
	void *to = key->member == CONFIG_NOWHERE ? (void *)&nowhere : (char *)out + key->member;

	switch (key->type) {
	case CONFIG_TEXT:
	case CONFIG_CONNSTRING:
	case CONFIG_URL: return text_value(key, v, to, err);
	case CONFIG_BOOL: return bool_value(key, v, to, err);
	case CONFIG_INTEGER: return integer_value(key, v, to, err);
	case CONFIG_NUMBER: return v->type == JSON_NUMBER ? 0 : wrong_type(key, err);
	case CONFIG_DURATION: return duration_value(key, v, to, err);
	case CONFIG_SIZE: return size_value(key, v, to, err);
	case CONFIG_NAMES:
	case CONFIG_URLS: return names_value(a, key, v, to, err);
	case CONFIG_FREE:
		*(struct json_value *)to = *v;
		return v->type == JSON_OBJECT ? 0 : wrong_type(key, err);
	case CONFIG_TEXTS: return texts_value(key, v, err);
	case CONFIG_BASE64: return base64_value(a, key, v, err);
	case CONFIG_BASE64_LIST: return base64_list_value(a, key, v, err);
	case CONFIG_POLICY: return v->type == JSON_STRING ? policy_value(v, to, err) : wrong_type(key, err);
	case CONFIG_RULES: return rules_value(a, key, v, to, err);
	case CONFIG_COMPRESSION: return compression_value(key, v, err);
	}
	return 0;
}

void config_value_default(struct arena *a, const struct config_key *key, struct config *out)
{
	struct json_value v = { .type = JSON_STRING, .text = str_of(key->standard) };
	struct err err = { 0 };

	if (key->type != CONFIG_TEXT && yaml_scalar(a, str_of(key->standard), &v, &err) < 0)
		return;
	(void)config_value(a, key, &v, out, &err); /* a unit test reads every default */
}
