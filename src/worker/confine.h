/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_CONFINE_H
#define WORKER_CONFINE_H

#include "base/err.h"
#include "model/defence.h"

/* Give up everything but computing: after this the process can read and write the descriptors it holds,
 * manage plain memory, and end. `wanted`: bits of enum defence; *got: those that the kernel granted. Memory
 * and CPU time are bounded by max_memory_bytes and max_seconds. Descriptors above last_fd are closed. A
 * defence that the kernel lacks is left out; one that exists and cannot be set up is E_IO. */
int confine(unsigned wanted, int last_fd, uint64_t max_memory_bytes, unsigned max_seconds, unsigned *got,
	    struct err *err);

#endif
