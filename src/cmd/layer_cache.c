/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the store of scanned layers for one scan. The one thing to know: the cap is compared with the file,
 * but what is then kept is counted in stored findings; a file a little above its cap after a trim is normal.
 */
#include "cmd/layer_cache.h"

#include "base/limits.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_CAP_BYTES (1 * GIB)

static int open_temporary(struct app *app, struct layer_cache *out, struct err *err)
{
	const char *base = getenv("TMPDIR");
	char *path = (char *)str_format(&app->task.arena, "%s/clair.XXXXXX", base && *base ? base : "/tmp").p;

	if (!mkdtemp(path))
		return err_set(err, E_IO, "temporary directory %s: %m", path);
	out->temporary = path;
	return index_store_open(str_of(path), &out->store, err);
}

int layer_cache_open(struct app *app, struct layer_cache *out, struct err *err)
{
	*out = (struct layer_cache){ 0 };
	app_make_parents(app);
	if (index_store_open(app->data, &out->store, err) == 0)
		return 0;
	log_line(&app->log, LOG_WARNING, "layers will not be remembered: %s", err->text);
	return open_temporary(app, out, err);
}

void layer_cache_trim(const struct app *app, struct layer_cache *cache, uint64_t cap_bytes)
{
	struct index_totals totals;
	struct err err = { 0 };
	uint64_t dropped = 0;

	if (cache->temporary)
		return;
	if (index_status(cache->store, &totals, &err) == 0 && totals.file_bytes > cap_bytes)
		(void)index_clean(cache->store, 0, cap_bytes, true, &dropped, &err);
	if (err.code)
		log_line(&app->log, LOG_WARNING, "cleaning the layer cache: %s", err.text);
	else if (dropped)
		log_line(&app->log, LOG_INFO, "forgot %" PRIu64 " layers: the cache was above its cap",
			 dropped);
}

static void remove_directory(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	(void)rmdir(path);
}

void layer_cache_close(struct layer_cache *c)
{
	if (c->store)
		index_store_close(c->store);
	if (c->temporary)
		remove_directory(c->temporary);
}

int layer_cache_cap(uint64_t *bytes, struct err *err)
{
	const char *text = getenv("CLAIR_CACHE_SIZE");

	*bytes = DEFAULT_CAP_BYTES;
	return text && *text ? options_size("CLAIR_CACHE_SIZE", str_of(text), bytes, err) : 0;
}
