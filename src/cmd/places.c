/* SPDX-License-Identifier: Apache-2.0 */
/* Which stores the service uses. What a reader would get wrong: SQLite files are ours alone and are always
 * migrated; a PostgreSQL database is changed only when the configuration says so (Clair's `migrations`). */
#include "cmd/places.h"

#include <stdlib.h>

enum { DEFAULT_CONNECTIONS = 4 };

int places_data(struct app *app, const struct config *c, struct err *err)
{
	struct str state = str_of(getenv("STATE_DIRECTORY"));

	if (c->data_dir.n)
		app->data = c->data_dir;
	else if (!app->data.n && state.n)
		app->data = state;
	else
		TRY(app_data(app, err));
	app_make_parents(app);
	return 0;
}

/* libpq's own variables fill what a connection string leaves out, all of it if need be. Only those that say
 * where a server is count: PGDATA or PGAPPNAME may be set by whatever else is there. */
static bool has_postgres_environment(void)
{
	static const char *const names[] = { "PGHOST", "PGHOSTADDR", "PGPORT",	     "PGDATABASE",
					     "PGUSER", "PGSERVICE",  "PGSERVICEFILE" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (getenv(names[i]))
			return true;
	return false;
}

static int place_of(const struct app *app, const struct config *c, struct str connstring, bool migrations,
		    const char *what, struct store_place *out, struct err *err)
{
	if (connstring.n)
		TRY(store_place_parse(connstring, what, out, err));
	else if (has_postgres_environment())
		*out = (struct store_place){ .kind = STORE_POSTGRES };
	else
		*out = (struct store_place){ .kind = STORE_SQLITE, .dir = app->data };
	out->connections = c->server.store_connections ? (unsigned)c->server.store_connections
						       : DEFAULT_CONNECTIONS;
	out->no_migration = out->kind == STORE_POSTGRES && !migrations;
	return 0;
}

int places_index(const struct app *app, const struct config *c, struct store_place *out, struct err *err)
{
	return place_of(app, c, c->indexer.connstring, c->indexer.migrations, "indexer.connstring", out, err);
}

int places_advisories(const struct app *app, const struct config *c, struct store_place *out, struct err *err)
{
	return place_of(app, c, c->matcher.connstring, c->matcher.migrations, "matcher.connstring", out, err);
}
