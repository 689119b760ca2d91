/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_PLACES_H
#define STORE_PLACES_H

/* A PostgreSQL server for one test program: a temporary cluster on a loopback port, as the user postgres when
 * we are root; or the one that CLAIR_TEST_POSTGRES (a connection string; its schemas clair_* are dropped)
 * names. What one would get wrong: the server must die with the program, however that ends, so the kernel is
 * told to kill it. */

#include "base/str.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <glob.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct places_server {
	char dir[64], bin[200], conninfo[300];
	int port;
	pid_t pid; /* 0: none is ours */
};

static inline struct places_server *places_server(void)
{
	static struct places_server server;

	return &server;
}

static inline bool places_find_(struct places_server *s)
{
	glob_t found;
	bool ok = glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) == 0;

	if (ok)
		snprintf(s->bin, sizeof(s->bin), "%s", found.gl_pathv[found.gl_pathc - 1]);
	if (ok)
		globfree(&found);
	return ok;
}

static inline int places_free_port_(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0), port = 0;

	if (bind(fd, (struct sockaddr *)&a, n) == 0 && getsockname(fd, (struct sockaddr *)&a, &n) == 0)
		port = ntohs(a.sin_port);
	close(fd);
	return port;
}

/* In a child, as postgres. */
static inline pid_t places_spawn_(const struct places_server *s, const char *const *argv)
{
	const struct passwd *user = getpwnam("postgres");
	char path[300];
	pid_t pid = fork();

	if (pid)
		return pid;
	if (getuid() == 0 && (!user || setgid(user->pw_gid) < 0 || setuid(user->pw_uid) < 0))
		_exit(126);
	prctl(PR_SET_PDEATHSIG, SIGQUIT);
	snprintf(path, sizeof(path), "%s/log", s->dir);
	if (!freopen(path, "a", stdout) || dup2(1, 2) < 0 || chdir(s->dir) < 0)
		_exit(126);
	snprintf(path, sizeof(path), "%s/%s", s->bin, argv[0]);
	execv(path, (char *const *)(uintptr_t)argv);
	_exit(127);
}

static inline bool places_init_(struct places_server *s)
{
	const struct passwd *user = getpwnam("postgres");
	char data[100], secret[100], pwfile[120];
	const char *const argv[] = { "initdb",	      "-D",   data,	   "-U",     "clair",	   "-A",
				     "scram-sha-256", pwfile, "--no-sync", "-EUTF8", "--locale=C", NULL };
	int status = 1;
	FILE *f;

	snprintf(s->dir, sizeof(s->dir), "/tmp/clair-postgres-XXXXXX");
	if (!mkdtemp(s->dir) || chmod(s->dir, 0755) < 0)
		return false;
	if (getuid() == 0 && (!user || chown(s->dir, user->pw_uid, user->pw_gid) < 0))
		return false;
	snprintf(data, sizeof(data), "%s/data", s->dir);
	snprintf(secret, sizeof(secret), "%s/secret", s->dir);
	snprintf(pwfile, sizeof(pwfile), "--pwfile=%s", secret);
	f = fopen(secret, "w");
	if (!f || fputs("sekret", f) < 0 || fclose(f) || chmod(secret, 0644) < 0)
		return false;
	waitpid(places_spawn_(s, argv), &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Start, or start again on the same data. */
static inline bool places_start(struct places_server *s)
{
	char data[100], port[16];
	const char *const argv[] = { "postgres",
				     "-D",
				     data,
				     "-p",
				     port,
				     "-k",
				     s->dir,
				     "-c",
				     "listen_addresses=127.0.0.1",
				     "-c",
				     "fsync=off",
				     "-c",
				     "autovacuum=off",
				     "-c",
				     "shared_buffers=64MB",
				     NULL };

	snprintf(data, sizeof(data), "%s/data", s->dir);
	snprintf(port, sizeof(port), "%d", s->port);
	s->pid = places_spawn_(s, argv);
	for (int i = 0; i < 1000; i++) {
		if (PQping(s->conninfo) == PQPING_OK)
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return false;
}

/* how: SIGINT ends sessions at once, SIGQUIT is a crash. */
static inline void places_stop(struct places_server *s, int how)
{
	if (s->pid) {
		kill(s->pid, how);
		waitpid(s->pid, NULL, 0);
	}
	s->pid = 0;
}

static inline int places_remove_(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static inline void places_close(struct places_server *s)
{
	places_stop(s, SIGQUIT);
	if (s->dir[0])
		nftw(s->dir, places_remove_, 8, FTW_DEPTH | FTW_PHYS);
	s->dir[0] = 0;
}

/* The connection string of the server, started at the first call; NULL: there is none. */
static inline const char *places_postgres(void)
{
	struct places_server *s = places_server();
	const char *given = getenv("CLAIR_TEST_POSTGRES");

	if (given || s->conninfo[0])
		return given ? given : s->conninfo;
	if (!places_find_(s) || !places_init_(s))
		return NULL;
	s->port = places_free_port_();
	snprintf(s->conninfo, sizeof(s->conninfo),
		 "host=127.0.0.1 port=%d user=clair password=sekret dbname=postgres sslmode=disable",
		 s->port);
	return places_start(s) ? s->conninfo : NULL;
}

/* Run SQL; the first column of the first row in `text`, when wanted. False: it failed, and why is shown. */
static inline bool places_sql(const char *schema, const char *sql, char *text, size_t n)
{
	PGconn *c = PQconnectdb(places_postgres());
	char path[200];
	PGresult *r;
	bool ok;

	snprintf(path, sizeof(path), "SET client_min_messages = error; SET search_path = %s", schema);
	PQclear(PQexec(c, path));
	r = PQexec(c, sql);
	ok = PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK;
	if (!ok)
		fprintf(stderr, "%s: %s", sql, PQerrorMessage(c));
	if (text)
		snprintf(text, n, "%s", ok && PQntuples(r) ? PQgetvalue(r, 0, 0) : "");
	PQclear(r);
	PQfinish(c);
	return ok;
}

/* No store is there any more. unixepoch(): as SQLite's, for the SQL of tests. */
static inline bool places_empty(void)
{
	return places_sql(
		"public",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
		" AND pid <> pg_backend_pid();"
		"DROP SCHEMA IF EXISTS clair_advisories CASCADE; DROP SCHEMA IF EXISTS clair_index CASCADE;"
		"DROP SCHEMA IF EXISTS clair_thing CASCADE;"
		"CREATE OR REPLACE FUNCTION public.unixepoch() RETURNS bigint LANGUAGE sql AS"
		" 'SELECT extract(epoch FROM clock_timestamp())::bigint'",
		NULL, 0);
}

#endif
