/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* Error codes say what a caller can do about a failure; the text says what happened. */
enum err_code {
	E_IO = -1, /* the operating system or a peer failed; trying again may help */
	E_FORMAT = -2, /* the input breaks its format; trying again will not help */
	E_LIMIT = -3, /* a named limit was crossed (base/limits.h) */
	E_NOTFOUND = -4, /* what was asked for does not exist */
	E_CONFLICT = -5, /* the thing is being used or changed by somebody else */
	E_CANCELED = -6, /* the caller gave up */
	E_TIMEOUT = -7, /* a deadline passed */
	E_UNSUPPORTED = -8, /* well-formed, but not something we handle */
	E_CONFIG = -9, /* a setting or an argument is wrong */
	E_AUTH = -10, /* credentials are missing or refused */
};

/* Lives in the caller's frame; nothing to free. code is 0 until set. */
struct err {
	int code;
	char text[512];
};

/* Set code and text. Returns code, so that `return err_set(...)` reads well. */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Put "context: " before the text. The cause is never cut: when both do not fit, the context is.
 * Returns e->code. */
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "E_IO" and so on; "E_?" for anything else. For logs and JSON. */
const char *err_name(int code);

/* Return the error of a call that failed. */
#define TRY(call)                                                                                            \
	do {                                                                                                 \
		int try_ = (call);                                                                           \
		if (try_ < 0)                                                                                \
			return try_;                                                                         \
	} while (0)

#endif
