/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's orders as bytes. The worker trusts its parent, yet reads them with the same care. */
#include "model/job.h"

#include "base/limits.h"

enum { WANT_DIFF_ID = 1, HEADS_FIRST = 2, SECOND = 4 };

void names_encode(const struct str *names, size_t n, struct buffer *out)
{
	put_varint(out, n);
	for (size_t i = 0; i < n; i++)
		put_string(out, names[i]);
}

int names_decode(struct arena *a, struct cursor *in, struct str **out, size_t *n, struct err *err)
{
	uint64_t count = get_varint(in);
	struct str *names;

	if (count > LIMIT_AGAIN_NAMES)
		return err_set(err, E_LIMIT, "names: %llu, limit %u", (unsigned long long)count,
			       LIMIT_AGAIN_NAMES);
	if (in->bad || count > cursor_left(in))
		return err_set(err, E_FORMAT, "names: truncated");
	names = ARENA_ARRAY(a, struct str, (size_t)count);
	for (size_t i = 0; i < count; i++) {
		names[i] = get_string(in, LIMIT_PATH_BYTES);
		if (in->bad || !str_is_text(names[i]))
			return err_set(err, E_FORMAT, "names: truncated or not UTF-8");
	}
	*out = names;
	*n = (size_t)count;
	return 0;
}

static void put_distribution(struct buffer *out, const struct distribution *d)
{
	put_string(out, d->did);
	put_string(out, d->name);
	put_string(out, d->version);
	put_string(out, d->version_code_name);
	put_string(out, d->version_id);
	put_string(out, d->pretty_name);
}

static struct distribution get_distribution(struct cursor *in)
{
	struct distribution d = { .did = get_string(in, LIMIT_FIELD_BYTES) };

	d.name = get_string(in, LIMIT_FIELD_BYTES);
	d.version = get_string(in, LIMIT_FIELD_BYTES);
	d.version_code_name = get_string(in, LIMIT_FIELD_BYTES);
	d.version_id = get_string(in, LIMIT_FIELD_BYTES);
	d.pretty_name = get_string(in, LIMIT_FIELD_BYTES);
	return d;
}

static void put_feed(struct buffer *out, const struct job *job)
{
	put_u8(out, (uint8_t)job->format);
	put_string(out, job->namespace);
	put_distribution(out, &job->distribution);
	put_varint(out, job->distribution_count);
	for (size_t i = 0; i < job->distribution_count; i++)
		put_distribution(out, &job->distributions[i]);
}

static int get_feed(struct arena *a, struct cursor *in, struct job *job, struct err *err)
{
	uint8_t format = get_u8(in);
	struct distribution *distributions;
	uint64_t n;

	job->namespace = get_string(in, LIMIT_FIELD_BYTES);
	job->distribution = get_distribution(in);
	n = get_varint(in);
	if (in->bad || format >= FEED_FORMAT_COUNT || n > cursor_left(in) / 6)
		return err_set(err, E_FORMAT, "job: truncated or of an unknown format");
	distributions = ARENA_ARRAY(a, struct distribution, (size_t)n);
	for (size_t i = 0; i < n; i++)
		distributions[i] = get_distribution(in);
	job->format = (enum feed_format)format;
	job->distributions = distributions;
	job->distribution_count = (size_t)n;
	return in->bad ? err_set(err, E_FORMAT, "job: truncated") : 0;
}

void job_encode(const struct job *job, struct buffer *out)
{
	put_u8(out, (uint8_t)job->kind);
	put_u8(out, (uint8_t)((job->want_diff_id ? WANT_DIFF_ID : 0) |
			      (job->is_heads_first ? HEADS_FIRST : 0) | (job->is_second ? SECOND : 0)));
	put_le64(out, job->scanner_set);
	put_varint(out, job->max_inflated_bytes);
	put_varint(out, job->max_entries);
	put_varint(out, job->seconds);
	put_varint(out, job->archive_bytes);
	names_encode(job->also, job->also_count, out);
	if (job->kind == JOB_FEED)
		put_feed(out, job);
}

int job_decode(struct arena *a, struct str bytes, struct job *out, struct err *err)
{
	struct cursor in = cursor_of(bytes);
	uint8_t kind = get_u8(&in), flags = get_u8(&in);
	struct job job = { .scanner_set = get_le64(&in) };
	struct str *also = NULL;

	job.max_inflated_bytes = get_varint(&in);
	job.max_entries = get_varint(&in);
	job.seconds = (unsigned)get_varint(&in);
	job.archive_bytes = get_varint(&in);
	if (in.bad || kind > JOB_ARCHIVE)
		return err_set(err, E_FORMAT, "job: truncated or of an unknown kind");
	TRY(names_decode(a, &in, &also, &job.also_count, err));
	job.kind = (enum job_kind)kind;
	if (kind == JOB_FEED)
		TRY(get_feed(a, &in, &job, err));
	job.want_diff_id = flags & WANT_DIFF_ID;
	job.is_heads_first = flags & HEADS_FIRST;
	job.is_second = flags & SECOND;
	job.also = also;
	*out = job;
	return 0;
}
