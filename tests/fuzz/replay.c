/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over its committed corpus, one TAP line a file: an ordinary test without libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *slurp(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = NULL;
	size_t n = 0, cap = 0;

	if (!f)
		return NULL;
	for (;;) {
		size_t got;

		if (n == cap) {
			cap = cap ? cap * 2 : 4096;
			bytes = realloc(bytes, cap);
			if (!bytes)
				abort();
		}
		got = fread(bytes + n, 1, cap - n, f);
		if (got == 0)
			break;
		n += got;
	}
	fclose(f);
	*size = n;
	return bytes;
}

int main(int argc, char **argv)
{
	struct dirent **names;
	int n, count = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s CORPUS-DIRECTORY\n", argv[0]);
		return 64;
	}
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	n = scandir(argv[1], &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char path[4096];
		uint8_t *bytes;
		size_t size;

		snprintf(path, sizeof(path), "%s/%s", argv[1], names[i]->d_name);
		bytes = names[i]->d_name[0] == '.' ? NULL : slurp(path, &size);
		if (bytes) {
			uint8_t *exact = malloc(size ? size : 1); /* no slack behind it: overreads are seen */

			printf("# %s\n", names[i]->d_name);
			fflush(stdout);
			memcpy(exact, bytes, size);
			LLVMFuzzerTestOneInput(exact, size);
			free(exact);
			free(bytes);
			printf("ok %d - %s\n", ++count, names[i]->d_name);
			fflush(stdout);
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	printf("1..%d\n", count);
	return count ? 0 : 1;
}
