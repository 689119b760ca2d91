/* SPDX-License-Identifier: Apache-2.0 */
/* What the service says about itself: is it ready, and the gauges that are only worked out when somebody
 * asks. What a reader would get wrong: not being ready is no error; a service without its first advisories,
 * or one that drains, answers what it can, but a load balancer should ask another one. */
#include "cmd/serve.h"

#include "base/time.h"
#include "store/manifests.h"

static void say(struct buffer *why, const char *line)
{
	put_bytes(why, str_of(line));
	put_u8(why, '\n');
}

static bool has_data(struct serve *s, struct buffer *why)
{
	struct err err = { 0 };
	int any = advisories_any(s->advisories, &err);
	bool waits = s->config.matcher.wait_for_data && !s->config.matcher.disable_updaters;

	if (any < 0)
		say(why, "the store of advisories cannot be asked");
	else if (waits && any == 0)
		say(why,
		    "no advisories yet: the first update is running, or its publishers cannot be reached");
	else if (waits && !(s->schedule && schedule_has_data(s->schedule)))
		say(why, "the first update is running");
	else
		return true;
	return false;
}

static bool has_index(struct serve *s, struct buffer *why)
{
	struct err err = { 0 };
	uint64_t jobs;

	if (index_jobs_running(s->index, &jobs, &err) >= 0)
		return true;
	say(why, "the store of indexes cannot be asked");
	return false;
}

bool serve_ready(void *ctx, struct buffer *why)
{
	struct serve *s = ctx;
	bool is_ready = !atomic_load(&s->draining);

	if (!is_ready)
		say(why, "shutting down");
	if (s->index && !has_index(s, why))
		is_ready = false;
	if (s->advisories && !has_data(s, why))
		is_ready = false;
	VEC_EACH (struct str, name, &s->unknown)
		say(why,
		    str_format(why->arena, "the configuration names \"" STR_FMT "\", which is not known here",
			       STR_ARG(*name))
			    .p);
	return is_ready;
}

/* ---- metrics ---- */

static void set(struct serve *s, const char *name, double value)
{
	metric_set(s->metrics, name, NULL, value);
}

static void collect_layers(struct serve *s)
{
	struct layer_pool_stats l;

	layer_pool_stats(s->layers, &l);
	set(s, "clair_layers_waiting", (double)l.waiting);
	set(s, "clair_layers_running", (double)l.running);
	set(s, "clair_layers_scanned_total", (double)l.scanned);
	set(s, "clair_layers_failed_total", (double)l.failed);
	set(s, "clair_layers_shared_total", (double)l.shared);
	set(s, "clair_workers_died_total", (double)l.workers_died);
	set(s, "clair_workers_timed_out_total", (double)l.workers_timed_out);
	set(s, "clair_worker_memory_bytes", (double)l.memory_in_use);
}

static void collect_server(struct serve *s)
{
	struct http_server_stats h;

	http_server_stats(s->server, &h);
	set(s, "clair_connections", h.connections);
	set(s, "clair_requests_running", h.requests_running);
	set(s, "clair_requests_queued", h.queued);
	set(s, "clair_connections_accepted_total", (double)h.accepted);
	set(s, "clair_connections_evicted_total", (double)h.evicted);
	set(s, "clair_connections_timed_out_total", (double)h.timed_out);
}

static void collect_renderings(struct serve *s)
{
	struct render_stats r;

	render_cache_stats(s->renderings, &r);
	set(s, "clair_report_cache_hits_total", (double)r.hits);
	set(s, "clair_report_cache_misses_total", (double)r.misses);
	set(s, "clair_report_cache_bytes", (double)r.bytes);
}

static void collect_feeds(struct serve *s)
{
	autotask struct task task = { 0 };
	updater_states states = { 0 };
	struct err err = { 0 };
	int64_t now = time_now();

	if (advisories_updaters(s->advisories, &task, &states, &err) < 0)
		return;
	VEC_EACH (struct updater_state, u, &states) {
		const struct metric_label labels[] = { { "updater", u->name }, { 0 } };

		metric_set(s->metrics, "clair_updater_advisories", labels, (double)u->advisories);
		metric_set(s->metrics, "clair_updater_last_run_succeeded", labels, u->last_error.n == 0);
		if (u->last_success)
			metric_set(s->metrics, "clair_updater_age_seconds", labels,
				   (double)(now - u->last_success));
	}
}

void serve_collect(void *ctx)
{
	struct serve *s = ctx;
	struct err err = { 0 };
	uint64_t jobs;

	collect_server(s);
	if (s->layers)
		collect_layers(s);
	if (s->renderings)
		collect_renderings(s);
	if (s->index && index_jobs_running(s->index, &jobs, &err) >= 0)
		set(s, "clair_index_jobs_running", (double)jobs);
	if (s->advisories)
		collect_feeds(s);
}

void serve_declare(struct metrics *m)
{
	static const struct {
		const char *name, *type, *help;
	} all[] = {
		{ "clair_cmd_version_info", "gauge", "What is running." },
		{ "clair_layers_waiting", "gauge", "Layers that wait for a worker." },
		{ "clair_layers_running", "gauge", "Layers being fetched and scanned." },
		{ "clair_layers_scanned_total", "counter", "Layers scanned." },
		{ "clair_layers_failed_total", "counter", "Layers that could not be fetched or scanned." },
		{ "clair_layers_shared_total", "counter",
		  "Requests for a layer that was being scanned already." },
		{ "clair_workers_died_total", "counter", "Workers that were killed or crashed." },
		{ "clair_workers_timed_out_total", "counter", "Workers that ran into their deadline." },
		{ "clair_worker_memory_bytes", "gauge", "Memory granted to running workers." },
		{ "clair_connections", "gauge", "Connections of the API." },
		{ "clair_requests_running", "gauge", "Requests being answered." },
		{ "clair_requests_queued", "gauge", "Requests that wait for a thread." },
		{ "clair_connections_accepted_total", "counter", "Connections accepted." },
		{ "clair_connections_evicted_total", "counter",
		  "Idle or slow connections closed for new ones." },
		{ "clair_connections_timed_out_total", "counter", "Connections closed for being too slow." },
		{ "clair_report_cache_hits_total", "counter", "Reports answered from memory." },
		{ "clair_report_cache_misses_total", "counter", "Reports that had to be made." },
		{ "clair_report_cache_bytes", "gauge", "Memory of cached reports." },
		{ "clair_index_jobs_running", "gauge", "Manifests being indexed, on all nodes." },
		{ "clair_updater_advisories", "gauge", "Advisories valid now." },
		{ "clair_updater_last_run_succeeded", "gauge", "1 when the last attempt succeeded." },
		{ "clair_updater_age_seconds", "gauge",
		  "Time since the data were last known to be current." },
	};
	const struct metric_label version[] = { { "version", STR(CLAIR_VERSION) }, { 0 } };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		metric_declare(m, all[i].name, all[i].type, all[i].help, NULL, 0);
	metric_set(m, "clair_cmd_version_info", version, 1);
}
