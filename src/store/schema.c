/* SPDX-License-Identifier: Apache-2.0 */
/* The schemas of advisories.db and index.db, as lists of migrations: entry i leads from version i to i + 1.
 * An entry that was released is never edited: a change is a new entry at the end. docs/store.md says why the
 * tables are as they are. What one would get wrong: a table without rowid is a tree in the order of its
 * primary key, so that the order of the columns there is the order on disk and the order of answers. */
#include "store/schema.h"

static const char *const advisories[] = {
	"CREATE TABLE updater("
	" id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, fingerprint TEXT NOT NULL DEFAULT '',"
	" last_attempt INTEGER NOT NULL DEFAULT 0, last_success INTEGER NOT NULL DEFAULT 0,"
	" changed_at INTEGER NOT NULL DEFAULT 0, last_error TEXT NOT NULL DEFAULT '',"
	" valid INTEGER NOT NULL DEFAULT 0," /* advisories valid now */
	" operation INTEGER NOT NULL DEFAULT 0," /* the newest of update_operation */
	" revision INTEGER NOT NULL DEFAULT 0);" /* raised when a running update must notice a change */

	"CREATE TABLE update_operation("
	" id INTEGER PRIMARY KEY, ref TEXT NOT NULL, updater_id INTEGER NOT NULL REFERENCES updater,"
	" fingerprint TEXT NOT NULL, date INTEGER NOT NULL, kind TEXT NOT NULL,"
	" added INTEGER NOT NULL, ended INTEGER NOT NULL);" /* ended: rows of it still kept */

	"CREATE TABLE lease("
	" updater TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, started INTEGER NOT NULL,"
	" expires INTEGER NOT NULL) WITHOUT ROWID;"

	"CREATE TABLE namespace("
	" id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE, did TEXT, name TEXT, version TEXT, "
	"version_code_name TEXT,"
	" version_id TEXT, arch TEXT, cpe TEXT, pretty_name TEXT, release TEXT);"
	"CREATE TABLE updater_namespace("
	" updater_id INTEGER NOT NULL REFERENCES updater, namespace_id INTEGER NOT NULL REFERENCES namespace,"
	" valid INTEGER NOT NULL, PRIMARY KEY(updater_id, namespace_id)) WITHOUT ROWID;"

	"CREATE TABLE advisory_key("
	" id INTEGER PRIMARY KEY, namespace_id INTEGER NOT NULL REFERENCES namespace, package TEXT NOT NULL,"
	" UNIQUE(namespace_id, package));"

	"CREATE TABLE scope("
	" id INTEGER PRIMARY KEY, module TEXT NOT NULL, arch TEXT NOT NULL, arch_operation TEXT NOT NULL,"
	" repository_name TEXT NOT NULL, repository_key TEXT NOT NULL, repository_uri TEXT NOT NULL,"
	" UNIQUE(module, arch, arch_operation, repository_name, repository_key, repository_uri));"

	"CREATE TABLE advisory("
	" key_id INTEGER NOT NULL REFERENCES advisory_key, name TEXT NOT NULL, fixed_in TEXT NOT NULL,"
	" hash INTEGER NOT NULL, began INTEGER NOT NULL REFERENCES update_operation,"
	" ended INTEGER REFERENCES update_operation," /* NULL: valid now */
	" updater_id INTEGER NOT NULL REFERENCES updater, package_kind INTEGER NOT NULL, status INTEGER NOT "
	"NULL,"
	" normalized INTEGER NOT NULL, severity TEXT, status_text TEXT, scope_id INTEGER REFERENCES scope,"
	" PRIMARY KEY(key_id, name, fixed_in, hash, began)) WITHOUT ROWID;"

	"CREATE TABLE vulnerability("
	" updater_id INTEGER NOT NULL REFERENCES updater, name TEXT NOT NULL, text_id INTEGER NOT NULL "
	"REFERENCES text,"
	" PRIMARY KEY(updater_id, name)) WITHOUT ROWID;"
	"CREATE TABLE text(" /* id: content hash, so that equal texts of several updaters are one */
	" id INTEGER PRIMARY KEY, description TEXT, links TEXT, issued INTEGER NOT NULL);",

	"ALTER TABLE advisory ADD COLUMN version_range TEXT;"
	"CREATE TABLE generation(" /* of a kind of operation: no id is given twice */
	" kind TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;"
	"INSERT INTO generation(kind, id) SELECT 'vulnerability', coalesce(max(id), 0) FROM "
	"update_operation;"
	"INSERT INTO generation(kind, id) VALUES('enrichment', 0);"
	"CREATE TABLE advisory_change(" /* keys with rows that begin or end there */
	" updater_id INTEGER NOT NULL REFERENCES updater, operation INTEGER NOT NULL, key_id INTEGER NOT "
	"NULL,"
	" PRIMARY KEY(updater_id, operation, key_id)) WITHOUT ROWID;"
	"INSERT INTO advisory_change(updater_id, operation, key_id)"
	" SELECT a.updater_id, a.began, a.key_id FROM advisory a"
	" JOIN (SELECT updater_id, min(id) AS id FROM update_operation GROUP BY updater_id) first"
	" ON first.updater_id = a.updater_id WHERE a.began > first.id"
	" UNION SELECT updater_id, ended, key_id FROM advisory WHERE ended IS NOT NULL;"
	"ALTER TABLE updater ADD COLUMN enrichments INTEGER NOT NULL DEFAULT 0;" /* valid now */
	"CREATE TABLE enrichment("
	" updater_id INTEGER NOT NULL REFERENCES updater, tag TEXT NOT NULL, text_id INTEGER NOT NULL,"
	" PRIMARY KEY(updater_id, tag, text_id)) WITHOUT ROWID;"
	"CREATE TABLE enrichment_text(" /* text_id: content hash */
	" updater_id INTEGER NOT NULL REFERENCES updater, text_id INTEGER NOT NULL, text BLOB NOT NULL,"
	" PRIMARY KEY(updater_id, text_id)) WITHOUT ROWID;",

	"CREATE TABLE forgotten(" /* what was valid from `since` until before `until` is not known any more */
	" updater_id INTEGER NOT NULL REFERENCES updater, since INTEGER NOT NULL, until INTEGER NOT NULL,"
	" PRIMARY KEY(updater_id, since, until)) WITHOUT ROWID;"
	"INSERT INTO forgotten(updater_id, since, until) SELECT u.id, 0, coalesce((SELECT min(o.date)"
	" FROM update_operation o WHERE o.updater_id = u.id), u.changed_at) FROM updater u"
	" WHERE u.changed_at > 0 AND u.enrichments = 0 AND NOT EXISTS (SELECT 1 FROM update_operation e"
	" WHERE e.updater_id = u.id AND e.kind = 'enrichment');",
};

static const char *const index_[] = {
	"CREATE TABLE layer("
	" id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, last_used INTEGER NOT "
	"NULL,"
	" stored INTEGER NOT NULL);" /* bytes of its rows in layer_scan; 0: none, only named by a manifest */
	"CREATE TABLE scanner("
	" id INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, kind TEXT NOT NULL, "
	"UNIQUE(name, version));"
	"CREATE TABLE layer_scan("
	" id INTEGER PRIMARY KEY, layer_id INTEGER NOT NULL REFERENCES layer,"
	" scanner_id INTEGER NOT NULL REFERENCES scanner, findings BLOB NOT NULL, owned BLOB,"
	" UNIQUE(layer_id, scanner_id));"

	"CREATE TABLE distribution("
	" id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, did TEXT, name TEXT, version TEXT, "
	"version_code_name TEXT,"
	" version_id TEXT, arch TEXT, cpe TEXT, pretty_name TEXT, release TEXT);"
	"CREATE TABLE repository("
	" id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, name TEXT, key TEXT, uri TEXT, cpe TEXT);"
	"CREATE TABLE context(" /* repositories: varint ids, in the order of the report */
	" id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, distribution_id INTEGER REFERENCES distribution,"
	" repositories BLOB);"
	"CREATE TABLE record("
	" id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, context_id INTEGER NOT NULL REFERENCES context,"
	" name TEXT, version TEXT, kind INTEGER NOT NULL, arch TEXT, module TEXT, source_name TEXT, "
	"source_version TEXT,"
	" normalized_version TEXT, repository_hint TEXT, filepath TEXT, scanner TEXT);"

	"CREATE TABLE package_set(" /* see store/report_shape.h */
	" id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, package_db TEXT NOT NULL, layers BLOB NOT NULL,"
	" records BLOB NOT NULL);"
	"CREATE TABLE set_record("
	" record_id INTEGER NOT NULL REFERENCES record, set_id INTEGER NOT NULL REFERENCES package_set,"
	" PRIMARY KEY(record_id, set_id)) WITHOUT ROWID;"

	"CREATE TABLE manifest("
	" id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, state TEXT NOT NULL, indexed_at INTEGER NOT "
	"NULL,"
	" last_used INTEGER NOT NULL, is_incomplete INTEGER NOT NULL,"
	" notes BLOB, shape BLOB NOT NULL);" /* see store/report_shape.h */
	"CREATE TABLE manifest_layer("
	" manifest_id INTEGER NOT NULL REFERENCES manifest, position INTEGER NOT NULL,"
	" layer_id INTEGER NOT NULL REFERENCES layer, PRIMARY KEY(manifest_id, position)) WITHOUT ROWID;"
	"CREATE TABLE manifest_set("
	" manifest_id INTEGER NOT NULL REFERENCES manifest, position INTEGER NOT NULL,"
	" set_id INTEGER NOT NULL REFERENCES package_set, PRIMARY KEY(manifest_id, position)) WITHOUT ROWID;",

	"CREATE TABLE layer_failure(" /* layers that broke a worker; not tried again by the same engine */
	" digest TEXT PRIMARY KEY, engine TEXT NOT NULL, code INTEGER NOT NULL, problem TEXT NOT NULL,"
	" failed_at INTEGER NOT NULL) WITHOUT ROWID;",

	"CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
	"INSERT INTO counter(name, value) SELECT 'revision', coalesce(max(id), 0) FROM manifest;"
	"ALTER TABLE manifest ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE manifest ADD COLUMN problem TEXT;" /* of the last attempt, when it failed */
	"ALTER TABLE manifest ADD COLUMN is_permanent INTEGER NOT NULL DEFAULT 0;"
	"UPDATE manifest SET revision = id;"
	"CREATE TABLE index_job("
	" manifest_hash TEXT PRIMARY KEY, state TEXT NOT NULL, request TEXT NOT NULL, began_at INTEGER NOT "
	"NULL,"
	" host TEXT NOT NULL, pid INTEGER NOT NULL, started INTEGER NOT NULL, expires INTEGER NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE INDEX record_name ON record(name);"
	"CREATE INDEX record_source ON record(source_name) WHERE source_name IS NOT NULL;"
	"CREATE INDEX manifest_set_set ON manifest_set(set_id);"
	"CREATE INDEX manifest_layer_layer ON manifest_layer(layer_id);",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

const struct db_schema schema_advisories = {
	.file = "advisories.db",
	.name = "clair_advisories",
	.application_id = 0x436c6141, /* "ClaA" */
	.page_bytes = 1024,
	.migrations = advisories,
	.migration_count = COUNT(advisories),
	.advice = "run clair update",
};

const struct db_schema schema_index = {
	.file = "index.db",
	.name = "clair_index",
	.application_id = 0x436c6149, /* "ClaI" */
	.page_bytes = 4096,
	.gives_back = true,
	.migrations = index_,
	.migration_count = COUNT(index_),
	.advice = "scan again",
};
