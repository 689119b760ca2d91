/* SPDX-License-Identifier: Apache-2.0 */
/* The tar reader: no crash, names normal, contents as long as stated, and the same listing whether the
 * stream comes whole, byte by byte or is skipped in. */
#include "format/tar.h"
#include "base/cursor.h"

#include "tar_mutate.h"

#include <assert.h>

#define MAX_CONTENT 65536u

struct piecewise {
	struct reader reader;
	struct mem_reader mem;
};

static ssize_t one_byte(struct reader *r, void *buf, size_t n, struct err *err)
{
	(void)n;
	return reader_read(&((struct piecewise *)r)->mem.reader, buf, 1, err);
}

static int skip_some(struct reader *r, uint64_t n, struct err *err)
{
	struct str *rest = &((struct piecewise *)r)->mem.rest;

	if (n > rest->n)
		return err_set(err, E_FORMAT, "truncated");
	*rest = str_sub(*rest, (size_t)n, rest->n - (size_t)n);
	return 0;
}

static void check_path(struct str path)
{
	struct str rest = path, component;

	assert(path.n && path.p[path.n] == '\0' && str_is_text(path));
	if (str_eq(path, STR(".")))
		return;
	while (rest.n) {
		str_cut(rest, '/', &component, &rest);
		assert(component.n && !str_eq(component, STR(".")) && !str_eq(component, STR("..")));
	}
	assert(path.p[path.n - 1] != '/');
}

static int put_content(struct buffer *out, struct tar *t, uint64_t size, struct err *err)
{
	char bytes[1024];
	uint64_t left = size < MAX_CONTENT ? size : MAX_CONTENT;

	while (left) {
		ssize_t got = reader_read(tar_content(t), bytes, left < sizeof(bytes) ? left : sizeof(bytes),
					  err);

		if (got < 0)
			return (int)got;
		assert(got > 0);
		put_bytes(out, (struct str){ bytes, (size_t)got });
		left -= (uint64_t)got;
	}
	return 0;
}

static int list(struct reader *source, bool with_content, struct buffer *out)
{
	autotask struct task task = { 0 };
	struct tar *t = tar_open(&task, source, 10000);
	struct tar_entry e;
	struct err err;
	int got;

	while ((got = tar_next(t, &e, &err)) > 0) {
		check_path(e.path);
		if (e.target.n)
			check_path(e.target);
		assert(e.size <= INT64_MAX && (e.type == TAR_FILE || e.size == 0));
		put_string(out, e.path);
		put_string(out, e.target);
		put_varint(out, e.size);
		put_u8(out, (uint8_t)(e.type | e.is_sparse << 4 | e.is_opaque << 5 | e.is_whiteout << 6));
		if (e.type == TAR_FILE && with_content)
			TRY(put_content(out, t, e.size, &err));
	}
	return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena arena = { 0 };
	struct buffer whole = { .arena = &arena }, bytes = { .arena = &arena }, skipped = { .arena = &arena };
	struct piecewise source = { .reader.read = one_byte };
	int first, second;

	mem_reader_open(&source.mem, (struct str){ (const char *)data, size });
	first = list(&source.mem.reader, true, &whole);
	mem_reader_open(&source.mem, (struct str){ (const char *)data, size });
	second = list(&source.reader, true, &bytes);
	assert(first == second && str_eq(buffer_str(&whole), buffer_str(&bytes)));
	source.reader.skip = skip_some;
	mem_reader_open(&source.mem, (struct str){ (const char *)data, size });
	second = list(&source.reader, false, &skipped);
	assert(second == first || first == E_FORMAT);
	return 0;
}
