/* SPDX-License-Identifier: Apache-2.0 */
/* Taking over prebuilt databases from mirrors (docs/formats/data-file.md). What one would get wrong: an index
 * is not signed, the files are; so an index may make us fetch in vain, or leave us with what we have, but not
 * put anything in force. And changes are a shortcut only: whatever is wrong with them, the whole database is
 * tried. */
#include "engine/data_pull.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "engine/data_chain.h"
#include "engine/data_part.h"
#include "image/registry.h"
#include "net/url.h"
#include "store/data_delta.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARTIFACT_TYPE "application/vnd.clair.data.v1+zstd"

struct pull {
	struct task *task;
	struct str dir;
	const struct data_pull_options *options;
	struct http_client *http;
	struct str local; /* content of what is in force; empty: none */
	bool is_over; /* other mirrors would not help */
	struct data_pulled *out;
};

/* One mirror. */
struct place {
	struct str url; /* http(s); empty: local */
	struct str path; /* local */
	bool is_folder;
};

/* ---- files of the data directory ---- */

static int open_part(struct pull *p, const char *name, struct data_part *out, struct err *err)
{
	*out = (struct data_part){ .task = p->task,
				   .http = p->http,
				   .log = p->options->log,
				   .fd = -1,
				   .transferred = p->options->transferred,
				   .transferred_ctx = p->options->transferred_ctx };
	out->path = str_format(&p->task->arena, STR_FMT "/%s", STR_ARG(p->dir), name).p;
	return data_part_open(out, err);
}

static int fetch_part(struct pull *p, struct data_part *part, const struct data_source *source,
		      struct err *err)
{
	int rc = data_part_fetch(part, source, err);

	p->out->bytes += part->moved;
	part->moved = 0;
	return rc;
}

/* What is wrong will be wrong again; what was in the way may be gone. */
static bool is_file_at_fault(int code)
{
	return code == E_FORMAT || code == E_LIMIT || code == E_AUTH || code == E_UNSUPPORTED ||
	       code == E_CONFIG;
}

static int import(struct pull *p, int fd, struct err *err)
{
	int rc = data_import(p->task, p->dir, fd, &p->options->trust, &p->out->manifest, err);

	p->is_over = rc < 0 && !is_file_at_fault(rc);
	if (rc == 0)
		p->out->how = DATA_PULL_FULL;
	return rc;
}

static int import_part(struct pull *p, struct data_part *part, struct err *err)
{
	int rc = import(p, part->fd, err);

	if (rc == 0 || is_file_at_fault(rc))
		data_part_drop(part);
	return rc;
}

static int open_local(struct pull *p, struct str path, int *out, struct err *err)
{
	autoclose int fd = open(str_copy(&p->task->arena, path).p, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return err_set(err, E_NOTFOUND, STR_FMT ": %m", STR_ARG(path));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, E_CONFIG, STR_FMT " is no regular file", STR_ARG(path));
	*out = take_fd(&fd);
	return 0;
}

/* ---- one file ---- */

static bool is_current(const struct pull *p, struct str content)
{
	return p->local.n && str_eq(p->local, content);
}

/* From the head alone: is it signed by whom it must be, and is it needed? */
static int judge_head(struct pull *p, const struct data_head *head, struct err *err)
{
	TRY(data_head_check(head, &p->options->trust, err));
	return head->manifest.kind == DATA_FULL && is_current(p, head->manifest.content);
}

static int pull_remote(struct pull *p, struct data_part *part, const struct data_source *source,
		       struct err *err)
{
	struct data_head head = { 0 };
	int rc = data_part_head(part, source, &head, err);

	p->out->bytes += part->moved;
	part->moved = 0;
	if (rc == 0)
		rc = judge_head(p, &head, err);
	if (rc > 0 || is_file_at_fault(rc))
		data_part_drop(part);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	TRY(fetch_part(p, part, source, err));
	return import_part(p, part, err);
}

static int pull_url(struct pull *p, const struct data_source *source, struct err *err)
{
	autopart struct data_part part;

	TRY(open_part(p, "pull.part", &part, err));
	return pull_remote(p, &part, source, err);
}

static int pull_local(struct pull *p, struct str path, struct err *err)
{
	autoclose int fd = -1;
	struct data_head head;
	struct fd_reader file;
	int judged;

	TRY(open_local(p, path, &fd, err));
	fd_reader_open(&file, fd, 0, UINT64_MAX);
	TRY(data_head_read(&p->task->arena, &file.reader, &head, err));
	judged = judge_head(p, &head, err);
	return judged == 0 ? import(p, fd, err) : judged < 0 ? judged : 0;
}

/* ---- a folder ---- */

static int read_local(struct pull *p, const struct place *from, struct str *out, struct err *err)
{
	struct str path = str_format(&p->task->arena, STR_FMT "/" DATA_INDEX_NAME, STR_ARG(from->path));
	autoclose int fd = -1;
	struct fd_reader file;

	TRY(open_local(p, path, &fd, err));
	fd_reader_open(&file, fd, 0, UINT64_MAX);
	return reader_all(&file.reader, &p->task->arena, LIMIT_DATA_INDEX_BYTES, out, err);
}

static int read_remote(struct pull *p, const struct place *from, struct str *out, struct err *err)
{
	struct arena *a = &p->task->arena;
	struct buffer body = { .arena = a };
	struct http_request request = { .url = url_join(a, from->url, STR(DATA_INDEX_NAME)),
					.max_bytes = LIMIT_DATA_INDEX_BYTES,
					.timeout_seconds = 60 };
	struct http_response answer = { 0 };
	struct mem_writer to;

	mem_writer_open(&to, &body);
	TRY(http_perform(p->http, p->task, &request, &to.writer, &answer, err));
	if (answer.status != 200)
		return err_set(err, answer.status == 404 ? E_NOTFOUND : E_IO, STR_FMT ": HTTP status %u",
			       STR_ARG(url_redact(a, request.url)), answer.status);
	*out = buffer_str(&body);
	p->out->bytes += out->n;
	return 0;
}

static int read_index(struct pull *p, const struct place *from, struct data_index *out, struct err *err)
{
	struct str text;

	TRY(from->url.n ? read_remote(p, from, &text, err) : read_local(p, from, &text, err));
	return data_index_parse(&p->task->arena, text, out, err);
}

/* A file of a folder, checked, as a descriptor: its own, or that of the part. */
static int fetch_entry(struct pull *p, const struct place *from, const struct data_entry *e,
		       struct data_part *part, int *fd, struct err *err)
{
	struct arena *a = &p->task->arena;
	struct data_source source = { .digest = e->digest, .size_bytes = e->size_bytes };

	if (from->url.n) {
		source.url = url_join(a, from->url, e->name);
		TRY(fetch_part(p, part, &source, err));
		*fd = part->fd;
		return 0;
	}
	data_part_drop(part);
	TRY(open_local(p, str_format(a, STR_FMT "/" STR_FMT, STR_ARG(from->path), STR_ARG(e->name)),
		       &part->fd, err));
	*fd = part->fd;
	if (data_part_check(*fd, e->digest, e->size_bytes, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(e->name));
	return 0;
}

static int apply_delta(struct pull *p, const struct place *from, const struct data_entry *e, struct err *err)
{
	autopart struct data_part part;
	int fd, rc;

	TRY(open_part(p, "pull.delta", &part, err));
	rc = fetch_entry(p, from, e, &part, &fd, err);
	if (rc == 0)
		rc = data_delta_apply(p->task, p->dir, fd, &p->options->trust, &p->out->manifest, err);
	data_part_drop(&part);
	if (rc < 0)
		return err_wrap(err, STR_FMT, STR_ARG(e->name));
	p->local = p->out->manifest.content;
	p->out->deltas++;
	return 0;
}

/* 1: the changes led to what the index says. */
static int pull_deltas(struct pull *p, const struct place *from, const struct data_index *index,
		       struct err *err)
{
	const struct data_entry *chain[DATA_CHAIN_MAX];
	unsigned n = p->local.n ? data_chain(index, p->local, chain) : 0;

	for (unsigned i = 0; i < n; i++)
		if (apply_delta(p, from, chain[i], err) < 0) {
			TRY(task_check(p->task, err));
			log_line(p->options->log, LOG_WARNING, "%s; the whole database is fetched",
				 err->text);
			return 0;
		}
	if (n)
		p->out->how = DATA_PULL_DELTAS;
	return n > 0;
}

static int pull_whole(struct pull *p, const struct place *from, const struct data_entry *full,
		      struct err *err)
{
	autopart struct data_part part;
	int fd;

	TRY(open_part(p, "pull.part", &part, err));
	TRY(fetch_entry(p, from, full, &part, &fd, err));
	return from->url.n ? import_part(p, &part, err) : import(p, fd, err);
}

static int pull_folder(struct pull *p, const struct place *from, struct err *err)
{
	struct data_index index;
	int by_deltas;

	TRY(read_index(p, from, &index, err));
	if (is_current(p, index.full.to))
		return 0;
	by_deltas = pull_deltas(p, from, &index, err);
	if (by_deltas != 0)
		return by_deltas;
	return pull_whole(p, from, &index.full, err);
}

/* ---- an artifact in a registry ---- */

static int pull_artifact(struct pull *p, struct str reference, struct err *err)
{
	const struct registry_options options = { .client = p->options->client };
	struct manifest manifest = { 0 };
	const struct manifest_layer *layer;
	struct data_source source;
	http_headers headers = { 0 };

	TRY(registry_manifest(p->task, reference, &options, &manifest, err));
	layer = manifest.layers.p;
	if (manifest.layers.n != 1 || !str_eq(layer->media_type, STR(ARTIFACT_TYPE)))
		return err_set(err, E_UNSUPPORTED, STR_FMT ": not one layer of type " ARTIFACT_TYPE,
			       STR_ARG(reference));
	VEC_EACH (const struct manifest_header, h, &layer->headers)
		VEC_PUSH(&p->task->arena, &headers, ((struct http_header){ h->name, h->values[0] }));
	source = (struct data_source){
		.url = layer->uri, .headers = headers.p, .header_count = headers.n, .digest = layer->hash
	};
	return pull_url(p, &source, err);
}

/* ---- mirrors ---- */

static struct str after(struct str s, struct str prefix)
{
	return str_sub(s, prefix.n, s.n - prefix.n);
}

static int place_parse(struct pull *p, struct str url, struct place *out, struct err *err)
{
	struct arena *a = &p->task->arena;
	struct stat st;

	*out = (struct place){ 0 };
	if (url_is_http(url)) {
		out->url = str_copy(a, url);
		out->is_folder = str_ends(url_split(url).path, STR("/"));
		return 0;
	}
	out->path = str_copy(a, url);
	if (str_starts(url, STR("file:")))
		TRY(url_file_path(a, url, &out->path, err));
	else if (str_search(url, STR("://")) < url.n)
		return err_set(err, E_CONFIG, "give http(s)://, file://, oci:// or a path");
	out->is_folder = stat(out->path.p, &st) == 0 && S_ISDIR(st.st_mode);
	return 0;
}

static int pull_from(struct pull *p, struct str url, struct err *err)
{
	struct place from;

	if (str_starts(url, STR("oci://")))
		return pull_artifact(p, after(url, STR("oci://")), err);
	TRY(place_parse(p, url, &from, err));
	if (from.is_folder)
		return pull_folder(p, &from, err);
	if (from.url.n)
		return pull_url(p, &(struct data_source){ .url = from.url }, err);
	return pull_local(p, from.path, err);
}

static int pull_from_any(struct pull *p, struct err *err)
{
	const struct data_pull_options *o = p->options;

	for (size_t i = 0; i < o->url_count; i++) {
		struct str shown = url_redact(&p->task->arena, o->urls[i]);
		int rc = pull_from(p, o->urls[i], err);

		p->out->url = shown;
		if (rc >= 0)
			return 0;
		TRY(task_check(p->task, err));
		if (str_search(str_of(err->text), shown) == strlen(err->text))
			(void)err_wrap(err, STR_FMT, STR_ARG(shown));
		if (p->is_over || i + 1 == o->url_count)
			return rc;
		log_line(o->log, LOG_WARNING, "%s; the next mirror is asked", err->text);
	}
	return err_set(err, E_CONFIG, "no URL to pull data from");
}

int data_pull(struct task *task, struct str dir, const struct data_pull_options *options,
	      struct data_pulled *out, struct err *err)
{
	struct pull p = { .task = task, .dir = dir, .options = options, .out = out };
	autoclose int lock = -1;
	int rc;

	*out = (struct data_pulled){ .how = DATA_PULL_CURRENT };
	TRY(data_lock(task, dir, &lock, err));
	if (data_local_content(task, dir, &p.local, err) < 0) { /* what cannot be read is replaced */
		TRY(task_check(task, err));
		p.local = (struct str){ 0 };
	}
	TRY(http_client_new_with(&options->client, &p.http, err));
	rc = pull_from_any(&p, err);
	http_client_free(p.http);
	return rc;
}
