/* SPDX-License-Identifier: Apache-2.0 */
/* A layer with dpkg databases: the input is a status file, and after a line "--" a list of files of package
 * "a"; the same status file stands for a distroless package and for opkg. */
#include "scanned_layer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };
	struct str text = { (const char *)data, size }, separator = STR("\n--\n"), list = STR("");
	size_t at = str_search(text, separator);

	if (at < text.n) {
		list = str_sub(text, at + separator.n, text.n - at - separator.n);
		text.n = at + 1;
	}
	scanned_layer_file(&tar, STR("var/lib/dpkg/status"), text);
	scanned_layer_file(&tar, STR("var/lib/dpkg/info/a.list"), list);
	scanned_layer_file(&tar, STR("var/lib/dpkg/info/b.md5sums"), list);
	scanned_layer_file(&tar, STR("opt/db/status"), text);
	scanned_layer_file(&tar, STR("opt/db/info/a:all.list"), list);
	scanned_layer_file(&tar, STR("var/lib/dpkg/status.d/a"), text);
	scanned_layer_file(&tar, STR("var/lib/dpkg/status.d/a.md5sums"), list);
	scanned_layer_file(&tar, STR("usr/lib/opkg/status"), text);
	scanned_layer_run(&task, &tar, &scanner_dpkg);
	return 0;
}
