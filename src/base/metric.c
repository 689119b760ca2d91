/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics in memory and as text. Source: Prometheus documentation, "Exposition formats", section "Text-based
 * format" (version 0.0.4), https://prometheus.io/docs/instrumenting/exposition_formats/
 * What one would get wrong: the buckets of a histogram are cumulative in the text, each counts also what the
 * smaller ones counted, and the last one, +Inf, equals _count. A series is kept under its labels as they will
 * be written, so that writing is only printing. One mutex holds it all: an update takes a tenth of a
 * microsecond. */
#include "base/metric.h"

#include "base/cursor.h"
#include "base/map.h"
#include "base/vec.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SERIES_MAX = 1000, /* of one metric; hostile label values must not cost memory */
	VALUE_BYTES = 128, /* of a label; longer ones are cut */
};

struct series {
	struct str labels; /* "a=\"b\",c=\"d\"" */
	double value; /* of a histogram: the sum */
	uint64_t count, *buckets; /* histogram: not cumulative here */
};

struct family {
	struct str name, help;
	const char *type;
	const double *bounds;
	unsigned bound_count;
	bool is_histogram;
	struct map series; /* labels to struct series */
};

struct metrics {
	pthread_mutex_t mutex;
	struct arena arena;
	struct map families; /* name to struct family */
	struct buffer key; /* labels being looked up */
};

struct metrics *metrics_new(void)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	pthread_mutex_init(&m->mutex, NULL);
	m->families.arena = m->key.arena = &m->arena;
	return m;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	pthread_mutex_destroy(&m->mutex);
	arena_reset(&m->arena);
	free(m);
}

void metric_declare(struct metrics *m, const char *name, const char *type, const char *help,
		    const double *buckets, unsigned bucket_count)
{
	struct family *f;
	void **slot;

	if (!m)
		return;
	pthread_mutex_lock(&m->mutex);
	slot = map_put(&m->families, str_of(name));
	if (!*slot) {
		*slot = f = ARENA_NEW(&m->arena, struct family);
		*f = (struct family){
			.name = str_of(name),
			.help = str_of(help),
			.type = type,
			.bounds = buckets,
			.bound_count = bucket_count,
			.is_histogram = strcmp(type, "histogram") == 0,
			.series = { .arena = &m->arena },
		};
	}
	assert(strcmp(((struct family *)*slot)->type, type) == 0);
	pthread_mutex_unlock(&m->mutex);
}

/* ---- labels ---- */

/* At most VALUE_BYTES, cut between characters. */
static struct str cut(struct str value)
{
	if (value.n <= VALUE_BYTES)
		return value;
	value.n = VALUE_BYTES;
	while (value.n && ((unsigned char)value.p[value.n] & 0xc0) == 0x80)
		value.n--;
	return value;
}

static void put_escaped(struct buffer *b, struct str value)
{
	bool is_text = str_is_text(value);

	value = cut(value);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\n')
			put_bytes(b, STR("\\n"));
		else if (c == '"' || c == '\\')
			put_bytes(b, (struct str){ (char[]){ '\\', c }, 2 });
		else
			put_u8(b, !is_text && ((unsigned char)c >= 0x80 || c == 0) ? '?' : (uint8_t)c);
	}
}

/* The labels as text, valid until the next call. other: every value is replaced. */
static struct str label_text(struct metrics *m, const struct metric_label *labels, bool other)
{
	m->key.n = 0;
	for (unsigned i = 0; labels && i < METRIC_LABELS - 1 && labels[i].name; i++) {
		if (i)
			put_u8(&m->key, ',');
		put_bytes(&m->key, str_of(labels[i].name));
		put_bytes(&m->key, STR("=\""));
		put_escaped(&m->key, other ? STR("other") : labels[i].value);
		put_u8(&m->key, '"');
	}
	return buffer_str(&m->key);
}

static struct series *series_of(struct metrics *m, const char *name, const struct metric_label *labels)
{
	struct family *f = map_get(&m->families, str_of(name));
	struct str key = label_text(m, labels, false);
	struct series *s;

	assert(f); /* it was declared */
	s = map_get(&f->series, key);
	if (!s && f->series.n >= SERIES_MAX) {
		key = label_text(m, labels, true);
		s = map_get(&f->series, key);
	}
	if (s)
		return s;
	s = ARENA_NEW(&m->arena, struct series);
	s->labels = str_copy(&m->arena, key);
	if (f->is_histogram)
		s->buckets = ARENA_ARRAY(&m->arena, uint64_t, f->bound_count + 1);
	*map_put(&f->series, s->labels) = s;
	return s;
}

/* ---- values ---- */

void metric_add(struct metrics *m, const char *name, const struct metric_label *labels, double value)
{
	if (!m)
		return;
	pthread_mutex_lock(&m->mutex);
	series_of(m, name, labels)->value += value;
	pthread_mutex_unlock(&m->mutex);
}

void metric_set(struct metrics *m, const char *name, const struct metric_label *labels, double value)
{
	if (!m)
		return;
	pthread_mutex_lock(&m->mutex);
	series_of(m, name, labels)->value = value;
	pthread_mutex_unlock(&m->mutex);
}

static void observe(const struct family *f, struct series *s, double value)
{
	unsigned i = 0;

	assert(f->is_histogram);
	while (i < f->bound_count && value > f->bounds[i])
		i++;
	s->buckets[i]++;
	s->count++;
	s->value += value;
}

void metric_observe(struct metrics *m, const char *name, const struct metric_label *labels, double value)
{
	if (!m)
		return;
	pthread_mutex_lock(&m->mutex);
	observe(map_get(&m->families, str_of(name)), series_of(m, name, labels), value);
	pthread_mutex_unlock(&m->mutex);
}

/* ---- text ---- */

static void put_number(struct buffer *b, double v)
{
	char text[40];

	if (isnan(v) || isinf(v))
		snprintf(text, sizeof(text), "%s", isnan(v) ? "NaN" : v > 0 ? "+Inf" : "-Inf");
	else
		snprintf(text, sizeof(text), "%.15g", v);
	put_bytes(b, str_of(text));
}

/* name + suffix {labels,le} value */
static void put_sample(struct buffer *b, const struct family *f, const char *suffix, const struct series *s,
		       const double *bound, double value)
{
	put_bytes(b, f->name);
	put_bytes(b, str_of(suffix));
	if (s->labels.n || bound) {
		put_u8(b, '{');
		put_bytes(b, s->labels);
		if (bound) {
			put_bytes(b, s->labels.n ? STR(",le=\"") : STR("le=\""));
			put_number(b, *bound);
			put_u8(b, '"');
		}
		put_u8(b, '}');
	}
	put_u8(b, ' ');
	put_number(b, value);
	put_u8(b, '\n');
}

static void put_histogram(struct buffer *b, const struct family *f, const struct series *s)
{
	double infinite = INFINITY;
	uint64_t sum = 0;

	for (unsigned i = 0; i <= f->bound_count; i++) {
		sum += s->buckets[i];
		put_sample(b, f, "_bucket", s, i < f->bound_count ? &f->bounds[i] : &infinite, (double)sum);
	}
	put_sample(b, f, "_sum", s, NULL, s->value);
	put_sample(b, f, "_count", s, NULL, (double)s->count);
}

/* HELP text: a line feed and a backslash are escaped, quotes are not. */
static void put_help(struct buffer *b, struct str help)
{
	for (size_t i = 0; i < help.n; i++) {
		if (help.p[i] == '\n' || help.p[i] == '\\')
			put_u8(b, '\\');
		put_u8(b, help.p[i] == '\n' ? 'n' : (uint8_t)help.p[i]);
	}
	put_u8(b, '\n');
}

static int compare_series(const void *a, const void *b)
{
	return str_cmp((*(struct series *const *)a)->labels, (*(struct series *const *)b)->labels);
}

static int compare_families(const void *a, const void *b)
{
	return str_cmp((*(struct family *const *)a)->name, (*(struct family *const *)b)->name);
}

/* The values of a map, sorted. */
static void **sorted(struct arena *a, const struct map *map, int (*compare)(const void *, const void *))
{
	void **list = ARENA_ARRAY(a, void *, map->n), *value;
	size_t i = 0, n = 0;
	struct str key;

	while (map_next(map, &i, &key, &value))
		list[n++] = value;
	if (n)
		qsort(list, n, sizeof(*list), compare);
	return list;
}

static void put_family(struct arena *a, struct buffer *b, const struct family *f)
{
	struct series **list = (struct series **)sorted(a, &f->series, compare_series);

	if (f->series.n == 0)
		return;
	put_bytes(b, str_format(a, "# HELP " STR_FMT " ", STR_ARG(f->name)));
	put_help(b, f->help);
	put_bytes(b, str_format(a, "# TYPE " STR_FMT " %s\n", STR_ARG(f->name), f->type));
	for (size_t i = 0; i < f->series.n; i++) {
		if (f->is_histogram)
			put_histogram(b, f, list[i]);
		else
			put_sample(b, f, "", list[i], NULL, list[i]->value);
	}
}

int metrics_write(struct metrics *m, struct writer *to, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct buffer text = { .arena = &scratch };
	struct family **list;

	if (!m)
		return 0;
	pthread_mutex_lock(&m->mutex); /* a reader that is slow to take the text must not hold it */
	list = (struct family **)sorted(&scratch, &m->families, compare_families);
	for (size_t i = 0; i < m->families.n; i++)
		put_family(&scratch, &text, list[i]);
	pthread_mutex_unlock(&m->mutex);
	return writer_str(to, buffer_str(&text), err);
}
