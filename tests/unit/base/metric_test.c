/* SPDX-License-Identifier: Apache-2.0 */
/* metrics: the text, escapes, histograms, bounds, threads */
#include "../unit.h"

#include "base/cursor.h"
#include "base/metric.h"

#include <pthread.h>
#include <stdio.h>

static struct str text_of(struct arena *a, struct metrics *m)
{
	struct buffer b = { .arena = a };
	struct mem_writer w;
	struct err err = { 0 };

	mem_writer_open(&w, &b);
	assert_int_equal(metrics_write(m, &w.writer, &err), 0);
	return buffer_str(&b);
}

#define LABELS(...) ((const struct metric_label[METRIC_LABELS]){ __VA_ARGS__ })

static void metrics_are_sorted_by_name_and_labels(void **state)
{
	autoarena struct arena a = { 0 };
	struct metrics *m = metrics_new();

	(void)state;
	metric_declare(m, "z_total", "counter", "Last.", NULL, 0);
	metric_declare(m, "a_bytes", "gauge", "First.", NULL, 0);
	metric_declare(m, "unused", "gauge", "Not shown.", NULL, 0);
	metric_add(m, "z_total", LABELS({ "code", STR("404") }, { "handler", STR("h") }), 1);
	metric_add(m, "z_total", LABELS({ "code", STR("200") }, { "handler", STR("h") }), 1);
	metric_add(m, "z_total", LABELS({ "code", STR("404") }, { "handler", STR("h") }), 2.5);
	metric_set(m, "a_bytes", NULL, 1e9);
	metric_set(m, "a_bytes", NULL, 123456789012);
	assert_str_is(text_of(&a, m), "# HELP a_bytes First.\n# TYPE a_bytes gauge\na_bytes 123456789012\n"
				      "# HELP z_total Last.\n# TYPE z_total counter\n"
				      "z_total{code=\"200\",handler=\"h\"} 1\n"
				      "z_total{code=\"404\",handler=\"h\"} 3.5\n");
	metrics_free(m);
}

static void buckets_count_what_smaller_ones_counted(void **state)
{
	static const double bounds[] = { 0.005, 0.1, 1 };
	autoarena struct arena a = { 0 };
	struct metrics *m = metrics_new();

	(void)state;
	metric_declare(m, "d_seconds", "histogram", "Time.", bounds, 3);
	metric_observe(m, "d_seconds", LABELS({ "x", STR("y") }), 0.004);
	metric_observe(m, "d_seconds", LABELS({ "x", STR("y") }), 0.1); /* le: the bound belongs to it */
	metric_observe(m, "d_seconds", LABELS({ "x", STR("y") }), 7);
	assert_str_is(text_of(&a, m),
		      "# HELP d_seconds Time.\n# TYPE d_seconds histogram\n"
		      "d_seconds_bucket{x=\"y\",le=\"0.005\"} 1\nd_seconds_bucket{x=\"y\",le=\"0.1\"} 2\n"
		      "d_seconds_bucket{x=\"y\",le=\"1\"} 2\nd_seconds_bucket{x=\"y\",le=\"+Inf\"} 3\n"
		      "d_seconds_sum{x=\"y\"} 7.104\nd_seconds_count{x=\"y\"} 3\n");
	metrics_free(m);
}

static void values_of_labels_are_escaped_and_cut(void **state)
{
	static const struct {
		struct str value;
		const char *want;
	} cases[] = {
		{ { "a\"b\\c\nd", 7 }, "g{l=\"a\\\"b\\\\c\\nd\"} 1" },
		{ { "\xff\0x", 3 }, "g{l=\"??x\"} 1" },
		{ { "\xc3\xb6", 2 }, "g{l=\"\xc3\xb6\"} 1" },
		{ { "", 0 }, "g{l=\"\"} 1" },
	};
	autoarena struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct metrics *m = metrics_new();
		struct str text;

		metric_declare(m, "g", "gauge", "back\\slash\nline", NULL, 0);
		metric_set(m, "g", LABELS({ "l", cases[i].value }), 1);
		text = text_of(&a, m);
		assert_true(str_starts(text, STR("# HELP g back\\\\slash\\nline\n")));
		if (str_search(text, str_of(cases[i].want)) == text.n)
			fail_msg("%zu: " STR_FMT, i, STR_ARG(text));
		metrics_free(m);
	}
}

static void a_long_value_is_cut_between_characters(void **state)
{
	autoarena struct arena a = { 0 };
	struct metrics *m = metrics_new();
	char value[301] = { 0 };
	struct str text;

	(void)state;
	memset(value, 'x', 127);
	for (int i = 127; i < 299; i += 2)
		memcpy(value + i, "\xc3\xb6", 2);
	metric_declare(m, "g", "gauge", "", NULL, 0);
	metric_set(m, "g", LABELS({ "l", str_of(value) }), 1);
	text = text_of(&a, m);
	assert_true(str_is_text(text));
	assert_true(text.n < 200);
	metrics_free(m);
}

static void too_many_combinations_are_counted_together(void **state)
{
	autoarena struct arena a = { 0 };
	struct metrics *m = metrics_new();
	char value[16];
	struct str text;

	(void)state;
	metric_declare(m, "c", "counter", "", NULL, 0);
	for (int i = 0; i < 1500; i++) {
		snprintf(value, sizeof(value), "%d", i);
		metric_add(m, "c", LABELS({ "l", str_of(value) }), 1);
	}
	text = text_of(&a, m);
	assert_true(str_search(text, STR("c{l=\"other\"} 500\n")) < text.n);
	assert_true(str_search(text, STR("c{l=\"999\"} 1\n")) < text.n);
	assert_true(str_search(text, STR("c{l=\"1000\"}")) == text.n);
	metrics_free(m);
}

static void no_registry_is_no_trouble(void **state)
{
	autoarena struct arena a = { 0 };

	(void)state;
	metric_declare(NULL, "c", "counter", "", NULL, 0);
	metric_add(NULL, "c", NULL, 1);
	metric_set(NULL, "c", NULL, 1);
	metric_observe(NULL, "c", NULL, 1);
	assert_str_is(text_of(&a, NULL), "");
	metrics_free(NULL);
}

static void *count(void *m)
{
	for (int i = 0; i < 10000; i++)
		metric_add(m, "c", LABELS({ "l", i % 2 ? STR("odd") : STR("even") }), 1);
	return NULL;
}

static void threads_lose_nothing(void **state)
{
	autoarena struct arena a = { 0 };
	struct metrics *m = metrics_new();
	pthread_t threads[4];

	(void)state;
	metric_declare(m, "c", "counter", "H", NULL, 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count, m), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_str_is(text_of(&a, m),
		      "# HELP c H\n# TYPE c counter\nc{l=\"even\"} 20000\nc{l=\"odd\"} 20000\n");
	metrics_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metrics_are_sorted_by_name_and_labels),
		cmocka_unit_test(buckets_count_what_smaller_ones_counted),
		cmocka_unit_test(values_of_labels_are_escaped_and_cut),
		cmocka_unit_test(a_long_value_is_cut_between_characters),
		cmocka_unit_test(too_many_combinations_are_counted_together),
		cmocka_unit_test(no_registry_is_no_trouble),
		cmocka_unit_test(threads_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
