/* SPDX-License-Identifier: Apache-2.0 */
/* zstd frames through libzstd.
 * Source: RFC 8878; zstd.h 1.5.4, https://facebook.github.io/zstd/zstd_manual.html
 * Easy to get wrong: the window is the sender's choice, up to 3.75 TiB, and costs memory at once; it is
 * capped at LIMIT_ZSTD_WINDOW_LOG. The library may also know the formats before 1.0 (other magics, other
 * memory): inflate.c never hands it a frame that does not begin with a magic of today. */
#include "base/codec.h"

#include "base/limits.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

static void *zstd_open(struct arena *a)
{
	ZSTD_DCtx *d = ZSTD_createDCtx();

	(void)a;
	if (!d || ZSTD_isError(ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, LIMIT_ZSTD_WINDOW_LOG)))
		abort(); /* out of memory */
	return d;
}

static int zstd_begin(void *state, struct err *err)
{
	if (ZSTD_isError(ZSTD_DCtx_reset(state, ZSTD_reset_session_only)))
		return err_set(err, E_FORMAT, "zstd state is damaged");
	return 0;
}

static int zstd_step(void *state, struct codec_io *io, struct err *err)
{
	ZSTD_inBuffer in = { io->in, io->in_n, 0 };
	ZSTD_outBuffer out = { io->out, io->out_n, 0 };
	size_t left = ZSTD_decompressStream(state, &out, &in);

	if (ZSTD_isError(left)) {
		ZSTD_ErrorCode code = ZSTD_getErrorCode(left);

		if (code == ZSTD_error_frameParameter_windowTooLarge)
			return err_set(err, E_LIMIT, "window above 2^%u bytes", LIMIT_ZSTD_WINDOW_LOG);
		return err_set(err, code == ZSTD_error_memory_allocation ? E_LIMIT : E_FORMAT, "%s",
			       ZSTD_getErrorName(left));
	}
	*io = (struct codec_io){ io->in + in.pos, io->in_n - in.pos, io->out + out.pos, io->out_n - out.pos };
	return left == 0 ? CODEC_END : CODEC_MORE;
}

static void zstd_close(void *state)
{
	ZSTD_freeDCtx(state);
}

const struct codec codec_zstd = {
	.open = zstd_open,
	.begin = zstd_begin,
	.step = zstd_step,
	.close = zstd_close,
};
