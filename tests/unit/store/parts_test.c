/* SPDX-License-Identifier: Apache-2.0 */
/* The small parts of the store: the spool, the tables of what is known, packed blobs, processes. */
#include "store_case.h"

#include "store/blob.h"
#include "store/known.h"
#include "store/process.h"
#include "store/spool.h"

static void records_come_back_from_memory_and_from_a_file(void **state)
{
	static const size_t counts[] = { 0, 1, 1000, 9000 };

	(void)state;
	for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
		struct spool s = { .fd = -1 };
		static char record[1000];
		uint64_t at = 0, offset, last = 0;
		struct str got;
		struct err err = { 0 };

		for (size_t i = 0; i < counts[k]; i++) {
			memset(record, (int)i, sizeof(record));
			ok(spool_add(&s, (struct str){ record, i * 7 % 1000 }, &offset, &err), &err);
			if (i == counts[k] / 2)
				last = offset;
		}
		for (size_t i = 0; i < counts[k]; i++) {
			ok(spool_read(&s, &at, &got, &err), &err);
			assert_int_equal(got.n, i * 7 % 1000);
			for (size_t j = 0; j < got.n; j += 99)
				assert_int_equal((char)i, got.p[j]);
		}
		assert_int_equal(at, spool_end(&s));
		if (counts[k]) {
			ok(spool_read(&s, &last, &got, &err), &err);
			assert_int_equal(got.n, counts[k] / 2 * 7 % 1000);
		}
		assert_int_equal(spool_read(&s, &at, &got, &err), E_IO);
		spool_close(&s);
	}
}

static void rows_are_new_stored_or_repeated(void **state)
{
	struct known_rows k = { 0 };
	size_t i = 0, unseen = 0;
	uint32_t key;

	(void)state;
	known_rows_reserve(&k, 100);
	for (uint64_t h = 1; h <= 10000; h++)
		known_rows_add(&k, h * UINT64_C(0x9e3779b97f4a7c15) >> 1, (uint32_t)h);
	assert_int_equal(k.unseen, 10000);
	for (uint64_t h = 5001; h <= 20000; h++) {
		uint64_t hash = h * UINT64_C(0x9e3779b97f4a7c15) >> 1;

		assert_int_equal(known_rows_see(&k, hash), h <= 10000 ? ROW_STORED : ROW_NEW);
		assert_int_equal(known_rows_see(&k, hash), ROW_REPEATED);
		assert_true(known_rows_is_seen(&k, hash));
	}
	while (known_rows_next_unseen(&k, &i, &key)) {
		assert_in_range(key, 1, 5000);
		unseen++;
	}
	assert_int_equal(unseen, 5000);
	assert_int_equal(k.unseen, 5000);
	assert_false(known_rows_is_seen(&k, UINT64_C(0x9e3779b97f4a7c15) >> 1));
	arena_reset(&k.arena);
	assert_false(known_rows_is_seen(&(struct known_rows){ 0 }, 1));
}

/* Quadratic probing would take minutes. */
static void hashes_that_lie_close_together_are_found_as_fast(void **state)
{
	struct known_rows k = { 0 };

	(void)state;
	for (uint64_t h = 1; h <= 300000; h++)
		assert_int_equal(known_rows_see(&k, h), ROW_NEW);
	for (uint64_t h = 1; h <= 300000; h++)
		assert_true(known_rows_is_seen(&k, h));
	arena_reset(&k.arena);
}

static void texts_are_kept_by_name(void **state)
{
	struct known_texts k = { 0 };
	char name[32];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "CVE-%d", i);
		known_texts_at(&k, str_of(name))->text_id = (uint64_t)i;
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "CVE-%d", i);
		assert_int_equal(known_texts_at(&k, str_of(name))->text_id, i);
	}
	assert_int_equal(k.n, 5000);
	arena_reset(&k.arena);
}

static void blobs_come_back_and_lies_do_not(void **state)
{
	autoarena struct arena a = { 0 };
	struct str bytes = str_format(&a, "%0*d", 100000, 7), packed = blob_pack(&a, bytes), out;
	struct err err = { 0 };

	(void)state;
	assert_true(packed.n < 1000);
	ok(blob_unpack(&a, packed, 100000, &out, &err), &err);
	assert_str(out, bytes);
	assert_int_equal(blob_unpack(&a, packed, 99999, &out, &err), E_LIMIT);
	assert_int_equal(blob_unpack(&a, str_sub(packed, 0, packed.n - 1), 100000, &out, &err), E_FORMAT);
	assert_int_equal(blob_unpack(&a, STR("junk"), 100000, &out, &err), E_FORMAT);
	assert_int_equal(blob_pack(&a, STR("")).n, 0);
	ok(blob_unpack(&a, STR(""), 0, &out, &err), &err);
	assert_int_equal(out.n, 0);
}

static void a_process_runs_until_its_id_or_start_is_another(void **state)
{
	autoarena struct arena a = { 0 };
	struct process self = process_self(&a), other = self;

	(void)state;
	assert_int_equal(self.pid, getpid());
	assert_true(self.started > 0);
	assert_true(process_may_run(&self, &other));
	other.started--;
	assert_false(process_may_run(&self, &other));
	other.started = 0;
	assert_true(process_may_run(&self, &other));
	other.pid = 4194304; /* one above the highest id there can be */
	assert_false(process_may_run(&self, &other));
	other.host = STR("elsewhere");
	assert_true(process_may_run(&self, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back_from_memory_and_from_a_file),
		cmocka_unit_test(rows_are_new_stored_or_repeated),
		cmocka_unit_test(hashes_that_lie_close_together_are_found_as_fast),
		cmocka_unit_test(texts_are_kept_by_name),
		cmocka_unit_test(blobs_come_back_and_lies_do_not),
		cmocka_unit_test(a_process_runs_until_its_id_or_start_is_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
