/* SPDX-License-Identifier: Apache-2.0 */
/* What the service says about itself to strangers: its OpenAPI document, and that robots should stay away. */
#include "api/request.h"
#include "api/routes.h"

int handle_openapi(struct request *r, struct err *err)
{
	const struct openapi *o = &r->api->openapi;

	(void)err;
	request_etag(r, o->tag);
	r->answer.media = r->media;
	r->answer.body = str_ends(str_of(r->media), STR("yaml")) ? o->yaml : o->json;
	return 0;
}

int handle_robots(struct request *r, struct err *err)
{
	(void)err;
	r->answer.media = "text/plain; charset=utf-8";
	r->answer.body = STR("User-agent: *\nDisallow: /\n");
	r->answer.is_final = true;
	request_header(r, "X-Content-Type-Options", STR("nosniff"));
	request_header(r, "Cache-Control", STR("no-store"));
	return 0;
}
