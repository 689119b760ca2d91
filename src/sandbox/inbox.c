/* SPDX-License-Identifier: Apache-2.0 */
/* The parent's ear. A worker that was taken over by a layer can say anything: whatever is not exactly a
 * proper answer to the job ends the conversation with an error, and nothing of it is kept. */
#include "sandbox/inbox.h"

#include "base/limits.h"
#include "model/advisory_codec.h"
#include "model/defence.h"
#include "model/enrichment_codec.h"
#include "model/scanner_id.h"

void inbox_open(struct inbox *in, struct task *task, const struct job *job)
{
	*in = (struct inbox){ .task = task, .job = job, .scanner = -1 };
}

bool inbox_ended(const struct inbox *in)
{
	return in->state == INBOX_AGAIN || in->state == INBOX_DONE || in->state == INBOX_ERROR;
}

static int take_hello(struct inbox *in, struct cursor *c, struct err *err)
{
	uint64_t protocol = get_varint(c);
	struct str engine = get_string(c, 64);
	uint64_t defences = get_varint(c);

	if (c->bad || cursor_left(c) || defences > DEFENCE_ALL)
		return err_set(err, E_FORMAT, "worker: bad greeting");
	if (protocol != FRAME_PROTOCOL || !str_eq(engine, STR(ENGINE_VERSION)))
		return err_set(err, E_UNSUPPORTED,
			       "clair-worker is of another version (protocol %llu, this program speaks %d): "
			       "install both from one build",
			       (unsigned long long)protocol, FRAME_PROTOCOL);
	if (in->required & ~defences)
		return err_set(err, E_UNSUPPORTED,
			       "the worker is not confined as required: it lacks %s (see `clair version "
			       "--security`)",
			       defence_names(&in->task->arena, in->required & ~(unsigned)defences).p);
	in->result.defences = (unsigned)defences;
	in->state = INBOX_OPEN;
	return 0;
}

/* The collected pieces of one scanner are complete: they must decode. */
static int finish_scanner(struct inbox *in, struct err *err)
{
	struct task *t = in->task;
	struct arena_mark mark;
	struct findings f = { .arena = &t->arena };
	struct sandbox_scan *scan;

	if (in->scanner < 0)
		return 0;
	scan = VEC_ADD(&t->arena, &in->result.scans);
	*scan = (struct sandbox_scan){ in->scanner, buffer_str(&in->findings), buffer_str(&in->owned) };
	mark = arena_mark(&t->arena);
	if (findings_decode(t, scan->findings, in->scanner, &f, err) < 0 ||
	    findings_decode_owned(t, scan->owned, &f, err) < 0)
		return err_wrap(err, "worker, scanner %s", scanner_ids[in->scanner].name);
	arena_release(&t->arena, mark);
	in->findings = in->owned = (struct buffer){ .arena = &t->arena };
	return 0;
}

static bool in_set(const struct inbox *in, uint64_t scanner)
{
	return scanner < 64 && in->job->scanner_set >> scanner & 1;
}

static int take_findings(struct inbox *in, struct cursor *c, bool owned, struct err *err)
{
	uint64_t scanner = get_varint(c);
	struct buffer *to = owned ? &in->owned : &in->findings;
	bool same = (int64_t)scanner == in->scanner;

	if (c->bad || !in_set(in, scanner) || (int64_t)scanner < in->scanner || (owned && !same) ||
	    (!owned && same && in->in_owned))
		return err_set(err, E_FORMAT, "worker: findings out of order");
	if (!same) {
		TRY(finish_scanner(in, err));
		in->scanner = (int)scanner;
		in->findings = in->owned = (struct buffer){ .arena = &in->task->arena };
	}
	in->in_owned = owned;
	if (cursor_left(c) > LIMIT_FINDINGS_BYTES - in->findings_bytes)
		return err_set(err, E_LIMIT, "worker: more than %llu bytes of findings",
			       LIMIT_FINDINGS_BYTES);
	in->findings_bytes += cursor_left(c);
	put_bytes(to, get_bytes(c, cursor_left(c)));
	return task_check(in->task, err);
}

static int count_scanners(uint64_t set)
{
	return __builtin_popcountll(set);
}

static int take_done(struct inbox *in, struct cursor *c, struct err *err)
{
	uint64_t inflated = get_varint(c), entries = get_varint(c);
	struct str diff_id = get_string(c, 128);

	TRY(finish_scanner(in, err));
	if (c->bad || cursor_left(c) || !str_is_text(diff_id))
		return err_set(err, E_FORMAT, "worker: bad end");
	if (in->job->kind == JOB_LAYER && in->result.scans.n != (size_t)count_scanners(in->job->scanner_set))
		return err_set(err, E_FORMAT, "worker: %zu of %d scanners answered", in->result.scans.n,
			       count_scanners(in->job->scanner_set));
	in->result.inflated_bytes = inflated;
	in->result.entries = entries;
	in->result.diff_id = str_copy(&in->task->arena, diff_id);
	in->state = INBOX_DONE;
	return 0;
}

static int take_error(struct inbox *in, struct cursor *c, struct err *err)
{
	uint64_t code = get_varint(c);
	struct str text = get_string(c, sizeof(in->error.text));

	if (c->bad || cursor_left(c) || code == 0 || code > (uint64_t)-E_AUTH || !str_is_text(text))
		return err_set(err, E_FORMAT, "worker: bad error");
	err_set(&in->error, -(int)code, STR_FMT, STR_ARG(text));
	in->state = INBOX_ERROR;
	return 0;
}

static int take_again(struct inbox *in, struct cursor *c, struct err *err)
{
	struct cursor rest = cursor_of(get_bytes(c, cursor_left(c)));
	char *copy = arena_alloc_raw(&in->task->arena, cursor_left(&rest));
	size_t n = cursor_left(&rest);

	if (in->job->kind != JOB_LAYER || in->job->is_second || in->scanner >= 0)
		return err_set(err, E_FORMAT, "worker: asks for the layer again out of order");
	memcpy(copy, rest.p, n);
	rest = cursor_of((struct str){ copy, n });
	TRY(names_decode(&in->task->arena, &rest, &in->again, &in->again_count, err));
	if (cursor_left(&rest))
		return err_set(err, E_FORMAT, "worker: bad list of names");
	in->state = INBOX_AGAIN;
	return 0;
}

static int take_member(struct inbox *in, struct cursor *c, struct err *err)
{
	struct sandbox_member m = { .type = get_u8(c) };
	struct arena *a = &in->task->arena;

	m.path = get_string(c, LIMIT_PATH_BYTES);
	m.target = get_string(c, LIMIT_PATH_BYTES);
	m.offset = get_varint(c);
	m.size = get_varint(c);
	if (c->bad || cursor_left(c) || in->job->kind != JOB_ARCHIVE || !str_is_text(m.path) ||
	    !str_is_text(m.target) || m.offset > in->job->archive_bytes ||
	    m.size > in->job->archive_bytes - m.offset)
		return err_set(err, E_FORMAT, "worker: bad archive member");
	if (in->members.n >= LIMIT_ARCHIVE_MEMBERS)
		return err_set(err, E_LIMIT, "archive: more than %u members", LIMIT_ARCHIVE_MEMBERS);
	m.path = str_copy(a, m.path);
	m.target = str_copy(a, m.target);
	VEC_PUSH(a, &in->members, m);
	return task_check(in->task, err);
}

static int take_read(struct inbox *in, struct cursor *c, struct err *err)
{
	uint64_t offset = get_varint(c), size = get_varint(c);

	if (c->bad || cursor_left(c) || in->job->kind != JOB_ARCHIVE || size == 0 ||
	    size > FRAME_PIECE_BYTES || offset > in->job->archive_bytes || in->read_size)
		return err_set(err, E_FORMAT, "worker: bad request to read");
	in->read_offset = offset;
	in->read_size = (size_t)size;
	return 0;
}

static int take_advisories(struct inbox *in, struct cursor *c, struct err *err)
{
	struct advisory a = { 0 };
	int got;

	if (in->job->kind != JOB_FEED || feed_format_enriches(in->job->format))
		return err_set(err, E_FORMAT, "worker: advisories out of order");
	while ((got = advisory_decode(c, &a, err)) > 0) {
		if (in->sink)
			TRY(in->sink->advisory(in->sink, &a, err));
		TRY(task_check(in->task, err));
	}
	return got < 0 ? err_wrap(err, "worker") : 0;
}

static int take_enrichments(struct inbox *in, struct cursor *c, struct err *err)
{
	struct str tags[LIMIT_ENRICHMENT_TAGS];
	struct enrichment e;
	int got;

	if (in->job->kind != JOB_FEED || !feed_format_enriches(in->job->format))
		return err_set(err, E_FORMAT, "worker: enrichments out of order");
	while ((got = enrichment_decode(c, tags, &e, err)) > 0) {
		if (in->sink)
			TRY(in->sink->enrichment(in->sink, &e, err));
		TRY(task_check(in->task, err));
	}
	return got < 0 ? err_wrap(err, "worker") : 0;
}

static int take_skipped(struct inbox *in, struct cursor *c, struct err *err)
{
	struct str what = get_string(c, LIMIT_FIELD_BYTES);

	if (in->job->kind != JOB_FEED || c->bad || cursor_left(c) || !str_is_text(what))
		return err_set(err, E_FORMAT, "worker: bad message about a record");
	if (in->sink && in->sink->skipped)
		in->sink->skipped(in->sink, what);
	return 0;
}

static int take_replaced(struct inbox *in, struct cursor *c, struct err *err)
{
	struct str name = get_string(c, LIMIT_FIELD_BYTES);

	if (in->job->kind != JOB_FEED || feed_format_enriches(in->job->format) || c->bad || cursor_left(c) ||
	    !name.n || !str_is_text(name))
		return err_set(err, E_FORMAT, "worker: bad message about a vulnerability");
	return in->sink && in->sink->replaced ? in->sink->replaced(in->sink, name, err) : 0;
}

int inbox_take(struct inbox *in, struct frame_header header, struct str payload, struct err *err)
{
	struct cursor c = cursor_of(payload);

	if (inbox_ended(in))
		return err_set(err, E_FORMAT, "worker: frame %u after the end", header.type);
	if (in->state == INBOX_HELLO) {
		if (header.type != FRAME_HELLO)
			return err_set(err, E_FORMAT, "worker: frame %u before the greeting", header.type);
		return take_hello(in, &c, err);
	}
	switch (header.type) {
	case FRAME_FINDINGS: return take_findings(in, &c, false, err);
	case FRAME_OWNED: return take_findings(in, &c, true, err);
	case FRAME_DONE: return take_done(in, &c, err);
	case FRAME_ERROR: return take_error(in, &c, err);
	case FRAME_AGAIN: return take_again(in, &c, err);
	case FRAME_MEMBER: return take_member(in, &c, err);
	case FRAME_ADVISORIES: return take_advisories(in, &c, err);
	case FRAME_ENRICHMENTS: return take_enrichments(in, &c, err);
	case FRAME_REPLACED: return take_replaced(in, &c, err);
	case FRAME_SKIPPED: return take_skipped(in, &c, err);
	case FRAME_READ: return take_read(in, &c, err);
	default: return err_set(err, E_FORMAT, "worker: unknown frame %u", header.type);
	}
}
