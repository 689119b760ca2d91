/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_TAR_MUTATE_H
#define FUZZ_TAR_MUTATE_H

/* libFuzzer's mutations, with the checksums of headers made right afterwards: else hardly a changed header
 * would be read. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
	__attribute__((weak)); /* not in replay */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static void seal(uint8_t *block)
{
	char text[8];
	unsigned sum = 0;

	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += block[i];
	snprintf(text, sizeof(text), "%06o", sum);
	memcpy(block + 148, text, 7);
}

static int looks_like_header(const uint8_t *block)
{
	int digits = 0;

	for (size_t i = 148; i < 154; i++)
		digits += block[i] >= '0' && block[i] <= '7';
	return digits >= 4;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	size = LLVMFuzzerMutate(data, size, max_size);
	for (size_t at = 0; seed % 8 && at + 512 <= size; at += 512)
		if (looks_like_header(data + at))
			seal(data + at);
	return size;
}

#endif
