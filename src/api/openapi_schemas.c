/* SPDX-License-Identifier: Apache-2.0 */
/* The schemas of our OpenAPI document, as JSON text. Source: what Clair 4.9's API sends and takes, in our own
 * words; JSON Schema 2020-12, as OpenAPI 3.1 has it. What one would get wrong: names of schemas and members
 * are Clair's, since clients are generated from them. */
#include "api/openapi_schemas.h"

/* clang-format off */
const struct openapi_schema openapi_schemas[] = {
	{ "token",
	  "{\"type\":\"string\",\"description\":\"An opaque text: the same on every node of one version; it c"
	  "hanges when images should be indexed again.\"}" },
	{ "digest",
	  "{\"type\":\"string\",\"pattern\":\"^(sha256:[0-9a-fA-F]{64}|sha512:[0-9a-fA-F]{128})$\",\"descript"
	  "ion\":\"Digest of a manifest or layer; answers have it in lower case.\"}" },
	{ "cpe",
	  "{\"type\":\"string\",\"description\":\"A CPE 2.3 formatted string, or empty.\"}" },
	{ "normalized_severity",
	  "{\"type\":\"string\",\"enum\":[\"Unknown\",\"Negligible\",\"Low\",\"Medium\",\"High\",\"Critical\""
	  "]}" },
	{ "error",
	  "{\"type\":\"object\",\"properties\":{\"code\":{\"type\":\"string\",\"description\":\"A word for th"
	  "e status.\"},\"message\":{\"type\":\"string\",\"description\":\"What went wrong, in ASCII.\"},\"re"
	  "ason\":{\"type\":\"string\",\"description\":\"What kind of failure it was, for programs.\"}},\"req"
	  "uired\":[\"code\",\"message\"]}" },
	{ "layer",
	  "{\"type\":\"object\",\"properties\":{\"hash\":{\"$ref\":\"#/components/schemas/digest\"},\"uri\":{"
	  "\"type\":\"string\",\"description\":\"Where the layer is fetched: http or https.\"},\"headers\":{\""
	  "type\":\"object\",\"additionalProperties\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\""
	  "description\":\"Sent with the request for the layer; never stored.\"},\"media_type\":{\"type\":\"s"
	  "tring\"}},\"required\":[\"hash\",\"uri\"]}" },
	{ "manifest",
	  "{\"type\":\"object\",\"properties\":{\"hash\":{\"$ref\":\"#/components/schemas/digest\"},\"layers\""
	  ":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/layer\"},\"minItems\":1,\"descript"
	  "ion\":\"Base first.\"}},\"required\":[\"hash\",\"layers\"]}" },
	{ "bulk_delete",
	  "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/digest\"}}" },
	{ "index_state",
	  "{\"type\":\"object\",\"properties\":{\"state\":{\"$ref\":\"#/components/schemas/token\"}},\"requir"
	  "ed\":[\"state\"]}" },
	{ "package",
	  "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"},\""
	  "version\":{\"type\":\"string\"},\"kind\":{\"type\":\"string\",\"description\":\"binary or source\""
	  "},\"source\":{\"$ref\":\"#/components/schemas/package\"},\"normalized_version\":{\"type\":\"string"
	  "\"},\"module\":{\"type\":\"string\"},\"arch\":{\"type\":\"string\"},\"cpe\":{\"$ref\":\"#/componen"
	  "ts/schemas/cpe\"},\"detector\":{\"type\":\"string\"}},\"required\":[\"id\",\"name\",\"version\"]}" },
	{ "distribution",
	  "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"did\":{\"type\":\"string\"},\""
	  "name\":{\"type\":\"string\"},\"version\":{\"type\":\"string\"},\"version_code_name\":{\"type\":\"s"
	  "tring\"},\"version_id\":{\"type\":\"string\"},\"arch\":{\"type\":\"string\"},\"cpe\":{\"$ref\":\"#"
	  "/components/schemas/cpe\"},\"pretty_name\":{\"type\":\"string\"}},\"required\":[\"id\",\"did\",\"n"
	  "ame\",\"version\",\"version_code_name\",\"version_id\",\"arch\",\"cpe\",\"pretty_name\"]}" },
	{ "repository",
	  "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"},\""
	  "key\":{\"type\":\"string\"},\"uri\":{\"type\":\"string\"},\"cpe\":{\"$ref\":\"#/components/schemas"
	  "/cpe\"}},\"required\":[]}" },
	{ "environment",
	  "{\"type\":\"object\",\"properties\":{\"package_db\":{\"type\":\"string\"},\"introduced_in\":{\"typ"
	  "e\":\"string\",\"description\":\"Digest of a layer, or empty.\"},\"distribution_id\":{\"type\":\"s"
	  "tring\"},\"repository_ids\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}},\"required\":[\""
	  "package_db\",\"introduced_in\",\"distribution_id\",\"repository_ids\"]}" },
	{ "index_report",
	  "{\"type\":\"object\",\"properties\":{\"manifest_hash\":{\"$ref\":\"#/components/schemas/digest\"},"
	  "\"state\":{\"type\":\"string\",\"description\":\"IndexFinished, IndexError, or what is being done."
	  "\"},\"packages\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#/components/schemas/pa"
	  "ckage\"}},\"distributions\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#/components"
	  "/schemas/distribution\"}},\"repository\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\""
	  "#/components/schemas/repository\"}},\"environments\":{\"type\":\"object\",\"additionalProperties\""
	  ":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/environment\"}}},\"success\":{\"ty"
	  "pe\":\"boolean\"},\"err\":{\"type\":\"string\"}},\"required\":[\"manifest_hash\",\"state\",\"packa"
	  "ges\",\"distributions\",\"repository\",\"environments\",\"success\",\"err\"]}" },
	{ "range",
	  "{\"type\":\"object\",\"properties\":{\"[\":{\"type\":\"string\",\"description\":\"The first versio"
	  "n that is affected.\"},\")\":{\"type\":\"string\",\"description\":\"The first one that is not any "
	  "more.\"}},\"required\":[\"[\",\")\"]}" },
	{ "vulnerability_core",
	  "{\"type\":\"object\",\"properties\":{\"updater\":{\"type\":\"string\"},\"name\":{\"type\":\"string"
	  "\"},\"description\":{\"type\":\"string\"},\"links\":{\"type\":\"string\",\"description\":\"URLs wi"
	  "th blanks between.\"},\"severity\":{\"type\":\"string\",\"description\":\"The publisher's word.\"}"
	  ",\"normalized_severity\":{\"$ref\":\"#/components/schemas/normalized_severity\"},\"package\":{\"$r"
	  "ef\":\"#/components/schemas/package\"},\"distribution\":{\"$ref\":\"#/components/schemas/distribut"
	  "ion\"},\"repository\":{\"$ref\":\"#/components/schemas/repository\"},\"fixed_in_version\":{\"type\""
	  ":\"string\",\"description\":\"Empty: no fix.\"},\"issued\":{\"type\":\"string\",\"format\":\"date-"
	  "time\"},\"range\":{\"$ref\":\"#/components/schemas/range\"},\"arch_op\":{\"type\":\"string\",\"des"
	  "cription\":\"equals, not equals or pattern match\"}},\"required\":[\"name\",\"updater\",\"normaliz"
	  "ed_severity\"]}" },
	{ "vulnerability",
	  "{\"allOf\":[{\"$ref\":\"#/components/schemas/vulnerability_core\"},{\"type\":\"object\",\"properti"
	  "es\":{\"id\":{\"type\":\"string\"}},\"required\":[\"id\"]}]}" },
	{ "vulnerability_report",
	  "{\"type\":\"object\",\"properties\":{\"manifest_hash\":{\"$ref\":\"#/components/schemas/digest\"},"
	  "\"packages\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#/components/schemas/packag"
	  "e\"}},\"distributions\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#/components/sch"
	  "emas/distribution\"}},\"repository\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#/c"
	  "omponents/schemas/repository\"}},\"environments\":{\"type\":\"object\",\"additionalProperties\":{\""
	  "type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/environment\"}}},\"vulnerabilities\":{"
	  "\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#/components/schemas/vulnerability\"}},\""
	  "package_vulnerabilities\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"array\",\"item"
	  "s\":{\"type\":\"string\"}}},\"enrichments\":{\"type\":\"object\",\"additionalProperties\":{\"type\""
	  ":\"array\"}}},\"required\":[\"manifest_hash\",\"packages\",\"distributions\",\"repository\",\"envi"
	  "ronments\",\"vulnerabilities\",\"package_vulnerabilities\",\"enrichments\"]}" },
	{ "vulnerability_summary",
	  "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"fixed_in_version\":{\"type\""
	  ":\"string\"},\"links\":{\"type\":\"string\"},\"description\":{\"type\":\"string\"},\"severity\":{\""
	  "type\":\"string\"},\"normalized_severity\":{\"$ref\":\"#/components/schemas/normalized_severity\"}"
	  ",\"package\":{\"$ref\":\"#/components/schemas/package\"},\"distribution\":{\"$ref\":\"#/components"
	  "/schemas/distribution\"},\"repo\":{\"$ref\":\"#/components/schemas/repository\"}},\"required\":[\""
	  "name\",\"fixed_in_version\",\"links\",\"description\",\"normalized_severity\"]}" },
	{ "vulnerability_summaries",
	  "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/vulnerability_summary\"}}" },
	{ "affected_question",
	  "{\"oneOf\":[{\"type\":\"object\",\"properties\":{\"vulnerabilities\":{\"type\":\"array\",\"items\":{\"$"
	  "ref\":\"#/components/schemas/vulnerability\"}}},\"required\":[\"vulnerabilities\"]},{\"$ref\":\"#/com"
	  "ponents/schemas/vulnerability_summaries\"}]}" },
	{ "affected_manifests",
	  "{\"type\":\"object\",\"properties\":{\"vulnerabilities\":{\"type\":\"object\",\"additionalProperti"
	  "es\":{\"$ref\":\"#/components/schemas/vulnerability\"}},\"vulnerable_manifests\":{\"type\":\"objec"
	  "t\",\"additionalProperties\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}},\"required\":["
	  "\"vulnerabilities\",\"vulnerable_manifests\"]}" },
	{ "update_operation",
	  "{\"type\":\"object\",\"properties\":{\"ref\":{\"type\":\"string\",\"format\":\"uuid\"},\"updater\""
	  ":{\"type\":\"string\"},\"fingerprint\":{\"type\":\"string\"},\"date\":{\"type\":\"string\",\"forma"
	  "t\":\"date-time\"},\"kind\":{\"type\":\"string\",\"description\":\"vulnerability or enrichment\"}}"
	  ",\"required\":[\"ref\",\"updater\",\"fingerprint\",\"date\",\"kind\"]}" },
	{ "update_operations",
	  "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/componen"
	  "ts/schemas/update_operation\"}}}" },
	{ "update_diff",
	  "{\"type\":\"object\",\"properties\":{\"prev\":{\"$ref\":\"#/components/schemas/update_operation\"}"
	  ",\"cur\":{\"$ref\":\"#/components/schemas/update_operation\"},\"added\":{\"type\":\"array\",\"item"
	  "s\":{\"$ref\":\"#/components/schemas/vulnerability\"}},\"removed\":{\"type\":\"array\",\"items\":{"
	  "\"$ref\":\"#/components/schemas/vulnerability\"}}},\"required\":[\"prev\",\"cur\",\"added\",\"remo"
	  "ved\"]}" },
	{ "notification",
	  "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\",\"format\":\"uuid\"},\"manifest\""
	  ":{\"$ref\":\"#/components/schemas/digest\"},\"reason\":{\"type\":\"string\",\"enum\":[\"added\",\""
	  "removed\"]},\"vulnerability\":{\"$ref\":\"#/components/schemas/vulnerability_summary\"}},\"require"
	  "d\":[\"id\",\"manifest\",\"reason\",\"vulnerability\"]}" },
	{ "notification_page",
	  "{\"type\":\"object\",\"properties\":{\"page\":{\"type\":\"object\",\"properties\":{\"size\":{\"typ"
	  "e\":\"integer\"},\"next\":{\"type\":\"string\",\"format\":\"uuid\"}},\"required\":[\"size\"]},\"no"
	  "tifications\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/notification\"}}},\"r"
	  "equired\":[\"page\",\"notifications\"]}" },
	{ "notification_webhook",
	  "{\"type\":\"object\",\"properties\":{\"notification_id\":{\"type\":\"string\",\"format\":\"uuid\"}"
	  ",\"callback\":{\"type\":\"string\",\"format\":\"uri\"}},\"required\":[\"notification_id\",\"callba"
	  "ck\"]}" },
	{ "updater_status",
	  "{\"type\":\"object\",\"properties\":{\"updaters\":{\"type\":\"array\",\"items\":{\"type\":\"object"
	  "\",\"properties\":{\"updater\":{\"type\":\"string\"},\"advisories\":{\"type\":\"integer\"},\"last_"
	  "attempt\":{\"type\":\"string\"},\"last_success\":{\"type\":\"string\"},\"changed_at\":{\"type\":\""
	  "string\"},\"age_seconds\":{\"type\":\"integer\"},\"last_run_succeeded\":{\"type\":\"boolean\"},\"l"
	  "ast_error\":{\"type\":\"string\"}},\"required\":[\"updater\"]}},\"unknown_names\":{\"type\":\"arra"
	  "y\",\"items\":{\"type\":\"string\"}}},\"required\":[\"updaters\",\"unknown_names\"]}" },
	{ "named_vulnerability",
	  "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"vulnerabilities\":{\"type\":"
	  "\"array\",\"items\":{\"$ref\":\"#/components/schemas/vulnerability\"}}},\"required\":[\"name\",\"v"
	  "ulnerabilities\"]}" },
	{ "affected_page",
	  "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"manifests\":{\"type\":\"arra"
	  "y\",\"items\":{\"$ref\":\"#/components/schemas/digest\"}},\"next\":{\"type\":\"string\",\"descript"
	  "ion\":\"Give it as after for the next page; absent on the last one.\"}},\"required\":[\"name\",\"m"
	  "anifests\"]}" },
	{ 0 },
};
/* clang-format on */
