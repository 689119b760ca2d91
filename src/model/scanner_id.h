/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_SCANNER_ID_H
#define MODEL_SCANNER_ID_H

/* What a scanner reports. The names are Clair's. */
enum scanner_kind { SCANNER_PACKAGE, SCANNER_DISTRIBUTION, SCANNER_REPOSITORY, SCANNER_FILE };

/* A scanner by name; raise the version whenever its results change: layers are then scanned again. */
struct scanner_id {
	const char *name, *version;
	enum scanner_kind kind;
};

/* All the scanners of this build, in the order in which their results are stored; ends with a NULL name. */
extern const struct scanner_id scanner_ids[];
extern const struct scanner_id id_whiteout, id_os_release, id_dpkg, id_apk, id_rpm, id_alpm,
	id_rhel_repository, id_rhcc_dockerfile, id_rhcc_labels, id_bottlerocket, id_chisel, id_ubuntu_pro;

const char *scanner_kind_name(enum scanner_kind kind); /* "package", "distribution", "repository", "file" */
/* Position in scanner_ids, or -1. */
int scanner_index(const struct scanner_id *id);

/* Format of findings and of the frames that carry them; parent and worker must agree. */
#define ENGINE_VERSION "1"

#endif
