/* SPDX-License-Identifier: Apache-2.0 */
/* How the updaters are: ours, as Clair keeps this in a table that nothing shows. What a reader would get
 * wrong: the age of data counts from when they were last known to be current, not from when they last
 * changed. */
#include "api/request.h"
#include "api/routes.h"
#include "base/time.h"
#include "report/clair_objects.h"

static void write_one(struct json_writer *w, const struct updater_state *u, int64_t now)
{
	json_object_begin(w);
	json_member(w, "updater", u->name);
	json_member_int(w, "advisories", (int64_t)u->advisories);
	clair_member_time(w, "last_attempt", u->last_attempt);
	clair_member_time(w, "last_success", u->last_success);
	clair_member_time(w, "changed_at", u->changed_at);
	if (u->last_success)
		json_member_int(w, "age_seconds", now - u->last_success);
	json_member_bool(w, "last_run_succeeded", u->last_attempt && !u->last_error.n);
	json_member(w, "last_error", u->last_error);
	json_object_end(w);
}

int handle_updater_status(struct request *r, struct err *err)
{
	const struct api_options *o = &r->api->options;
	updater_states states = { 0 };
	int64_t now = time_now();
	struct json_body b;

	TRY(advisories_updaters(o->advisories, &r->x->task, &states, err));
	json_body_begin(r, &b);
	json_object_begin(&b.json);
	json_key(&b.json, "updaters");
	json_array_begin(&b.json);
	VEC_EACH (struct updater_state, u, &states)
		write_one(&b.json, u, now);
	json_array_end(&b.json);
	json_key(&b.json, "unknown_names");
	json_array_begin(&b.json);
	for (size_t i = 0; i < o->unknown_count; i++)
		json_str(&b.json, o->unknown_names[i]);
	json_array_end(&b.json);
	json_object_end(&b.json);
	return json_body_end(r, &b, err);
}
