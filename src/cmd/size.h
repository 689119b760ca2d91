/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_SIZE_H
#define CMD_SIZE_H

#include <stdint.h>

/* "12 bytes", "34.5 MiB". Returns buf. */
char *size_text(uint64_t bytes, char buf[32]);

#endif
