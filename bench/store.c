/* SPDX-License-Identifier: Apache-2.0 */
/* What the store of advisories costs: first load, unchanged and changed updates, bytes written, finding.
 * Prints figures. usage: store PLACE [ROWS]; PLACE is a directory, which must be
 * empty or absent, or a connection string of PostgreSQL. Rows look like a large
 * distribution's: packages with 27 vulnerabilities each in 5 releases, a text per vulnerability. What one
 * would get wrong: bytes written are those handed to write(2) and friends (wchar of /proc/self/io), so pages
 * written to the log and again to the file count twice, as they do for a disk. */
#include "base/time.h"
#include "store/advisories.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define RELEASES 5
#define PER_PACKAGE 27

static void must(int rc, const struct err *err)
{
	if (rc < 0) {
		fprintf(stderr, "bench: %s\n", err->text);
		exit(1);
	}
}

/* field: "wchar: " handed to the kernel, "write_bytes: " pages it made dirty. */
static uint64_t bytes_written(const char *field)
{
	char line[128];
	unsigned long long n = 0;
	FILE *f = fopen("/proc/self/io", "r");

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, field, strlen(field)) == 0)
			n = strtoull(line + strlen(field), NULL, 10);
	if (f)
		fclose(f);
	return n;
}

static double peak_mb(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (double)use.ru_maxrss / 1024;
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= UINT64_C(0x9e3779b97f4a7c15);
	return x ^ x >> 29;
}

/* Put all rows; of every thousand vulnerabilities (clustered) or rows, `changed` have another fix. */
static void put_all(struct update *u, uint64_t rows, uint64_t changed, bool clustered, struct err *err)
{
	static const char *const label[RELEASES] = { "debian:10", "debian:11", "debian:12", "debian:13",
						     "debian:sid" };
	static const char *const word[] = { "unimportant", "low", "medium", "not yet assigned" };
	char package[32], name[32], fixed[32], text[400];
	uint64_t flaws = rows / RELEASES;

	for (uint64_t i = 0; i < flaws; i++) {
		snprintf(package, sizeof(package), "package-%llu",
			 (unsigned long long)(mix(i / PER_PACKAGE) % 1000000));
		snprintf(name, sizeof(name), "CVE-%llu-%llu", (unsigned long long)(2000 + i % 26),
			 (unsigned long long)(mix(i) % 90000 + 1000));
		snprintf(text, sizeof(text), "%s: a flaw in %s, %0*llu", name, package, 250,
			 (unsigned long long)mix(i));
		for (int r = 0; r < RELEASES; r++) {
			uint64_t pick = clustered ? i : i * RELEASES + (uint64_t)r;
			bool is_new = mix(pick * 7 + 3) % 1000 < changed;
			struct advisory a = {
				.key = { str_of(label[r]), str_of(package) },
				.package_kind = PACKAGE_SOURCE,
				.name = str_of(name),
				.severity = str_of(word[mix(i) % 4]),
				.normalized_severity = (enum severity)(mix(i) % 4),
				.distribution = { .did = STR("debian"),
						  .name = STR("Debian GNU/Linux"),
						  .version_id = STR("12") },
				.description = str_of(text),
			};

			snprintf(fixed, sizeof(fixed), "%llu.%d.%llu-1%s", (unsigned long long)(mix(i) % 9),
				 r, (unsigned long long)(mix(i) % 30), is_new ? "+deb12u2" : "");
			a.fixed_in = mix(i) % 3 ? str_of(fixed) : is_new ? STR("0") : STR("");
			must(update_put(u, &a, err), err);
		}
	}
}

static void update(const char *what, const struct store_place *place, uint64_t rows, uint64_t changed,
		   bool clustered)
{
	struct err err = { 0 };
	struct advisory_store *s = NULL;
	struct update *u = NULL;
	struct update_summary sum;
	uint64_t t0, t1, t2, t3, before = bytes_written("wchar: "), written;
	uint64_t dirty = bytes_written("write_bytes: ");

	must(advisories_open_at(place, STORE_WRITE, &s, &err), &err);
	t0 = time_monotonic_ns();
	must(update_begin(s, STR("debian/updater"), &u, &err), &err);
	t1 = time_monotonic_ns();
	put_all(u, rows, changed, clustered, &err);
	t2 = time_monotonic_ns();
	must(update_commit(u, STR("fingerprint"), time_now(), &sum, &err), &err);
	t3 = time_monotonic_ns();
	update_close(u);
	advisories_close(s);
	written = bytes_written("wchar: ") - before;
	dirty = bytes_written("write_bytes: ") - dirty;
	printf("%-22s begin %.2f s, put %.2f M/s, commit %.2f s (%.2f M rows/s in all), +%llu -%llu, texts "
	       "%llu, "
	       "fields %.2f MB, written %.2f MB (%.1f x), dirty pages %.2f MB, peak %.0f MB\n",
	       what, (double)(t1 - t0) / 1e9, (double)rows * 1e3 / (double)(t2 - t1), (double)(t3 - t2) / 1e9,
	       (double)rows * 1e3 / (double)(t3 - t0), (unsigned long long)sum.added,
	       (unsigned long long)sum.ended, (unsigned long long)sum.texts_changed,
	       (double)sum.bytes_added / 1e6, (double)written / 1e6,
	       sum.bytes_added ? (double)written / (double)sum.bytes_added : 0.0, (double)dirty / 1e6,
	       peak_mb());
}

/* The store as it was after the first load. */
static struct advisory_store *as_it_was(struct advisory_store *s)
{
	struct advisory_store *then = NULL;
	int64_t first = 0;
	struct err err = { 0 };

	must(advisories_history(s, 0, &first, &err), &err);
	must(advisories_as_of(s, first, &then, &err), &err);
	return then;
}

/* What a report of a past moment asks besides. */
static void count_then(const struct store_place *place)
{
	autotask struct task task = { 0 };
	struct advisory_store *s = NULL, *then;
	updater_states updaters = { 0 };
	str_list names = { 0 };
	uint64_t count = 0, t0, t1, t2;
	struct err err = { 0 };

	must(advisories_open_at(place, STORE_READ, &s, &err), &err);
	then = as_it_was(s);
	t0 = time_monotonic_ns();
	must(advisories_namespace(then, &task, STR("debian:12"), &count, &names, &err), &err);
	t1 = time_monotonic_ns();
	must(advisories_updaters(then, &task, &updaters, &err), &err);
	t2 = time_monotonic_ns();
	printf("as it was: %llu advisories of a namespace counted in %.1f ms, all in %.1f ms\n",
	       (unsigned long long)count, (double)(t1 - t0) / 1e6, (double)(t2 - t1) / 1e6);
	advisories_close(then);
	advisories_close(s);
}

static void find(const struct store_place *place, uint64_t rows, bool with_text, bool is_then)
{
	enum { KEYS = 400, ROUNDS = 50 };
	struct err err = { 0 };
	struct advisory_store *s = NULL, *then = NULL;
	static char names[KEYS][32];
	struct advisory_key keys[KEYS];
	advisory_list lists[KEYS];
	uint64_t first = 0, t0 = 0, found = 0;

	for (uint64_t i = 0; i < KEYS; i++) {
		uint64_t package = mix(i * 31 + 5) % (rows / RELEASES / PER_PACKAGE);

		snprintf(names[i], sizeof(names[i]), "package-%llu",
			 (unsigned long long)(mix(package) % 1000000));
		keys[i] = (struct advisory_key){ STR("debian:12"), str_of(names[i]) };
	}
	t0 = time_monotonic_ns();
	must(advisories_open_at(place, STORE_READ, &s, &err), &err);
	if (is_then)
		then = as_it_was(s);
	for (int round = 0; round <= ROUNDS; round++) {
		autotask struct task task = { 0 };

		must(advisories_find(is_then ? then : s, &task, keys, KEYS, with_text, lists, &err), &err);
		if (round)
			continue;
		first = time_monotonic_ns() - t0;
		for (size_t i = 0; i < KEYS; i++)
			found += lists[i].n;
		t0 = time_monotonic_ns();
	}
	printf("find %-17s %d keys, %llu candidates: open and first %.2f ms, then %.2f ms, peak %.0f MB\n",
	       is_then	   ? "as it was"
	       : with_text ? "with texts"
			   : "without texts",
	       KEYS, (unsigned long long)found, (double)first / 1e6,
	       (double)(time_monotonic_ns() - t0) / 1e6 / ROUNDS, peak_mb());
	advisories_close(then);
	advisories_close(s);
}

int main(int argc, char **argv)
{
	uint64_t rows = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
	struct store_place there, *place = &there;
	int only = argc > 3 ? argv[3][0] : 0;
	struct err err = { 0 };

	if (argc < 2) {
		fprintf(stderr, "usage: store PLACE [ROWS]\n");
		return 64;
	}
	must(store_place_parse(str_of(argv[1]), "PLACE", place, &err), &err);
	place->connections = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
	if (!only || only == 'l')
		update("first load", place, rows, 0, false);
	if (!only || only == 'u')
		update("unchanged", place, rows, 0, false);
	if (!only || only == 'c')
		update("1 % of flaws changed", place, rows, 10, true);
	if (!only || only == 'r') {
		update("back", place, rows, 0, false);
		update("1 % of rows at random", place, rows, 10, false);
	}
	if (!only || only == 'f')
		find(place, rows, false, false);
	if (!only || only == 't')
		find(place, rows, true, false);
	if (!only || only == 'a') {
		find(place, rows, false, true);
		count_then(place);
	}
	return 0;
}
