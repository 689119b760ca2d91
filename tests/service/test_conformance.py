# SPDX-License-Identifier: Apache-2.0
"""What clients of Clair v4 may rely on: routes, statuses, headers, bodies. Each test says what it holds; docs/api.md
lists what is different on purpose. The service has an advisory for zlib and one for busybox of Alpine 3.20."""
import json
import re
import uuid

import pytest

import blobs
import images

INDEX, MATCH = "/indexer/api/v1", "/matcher/api/v1"
RELEASE = {"etc/os-release": images.ALPINE_RELEASE}
ALPINE = {**RELEASE, "lib/apk/db/installed": images.apk_installed(("zlib", "1.3-r0"), ("busybox", "1.36.1-r29"),
                                                                 ("musl", "1.2.5-r0"))}
UNKNOWN = "sha256:" + "0" * 64


def nulls(value, path="$"):
    """Paths of nulls anywhere in a document."""
    if value is None:
        yield path
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from nulls(part, f"{path}.{key}")


def assert_error(answer, status, code):
    assert answer.status == status, answer
    assert answer.header("Content-Type") == "application/json", answer
    assert answer.header("X-Content-Type-Options") == "nosniff", answer
    body = answer.json()
    assert body["code"] == code and body["message"], answer
    answer.body.decode("ascii")
    return body["message"]


@pytest.fixture(scope="module")
def known(service):
    """The digest of an image that is indexed."""
    manifest = service.blobs.manifest(ALPINE, {"added": "one layer more"})
    assert service.ask("POST", INDEX + "/index_report", manifest).status == 201
    return manifest["hash"]


# ---- index state, index reports ----

def test_index_state_is_the_tag_of_every_index_report(service, known):
    state = service.ask("GET", INDEX + "/index_state")
    token = state.json()["state"]
    assert state.status == 200 and re.fullmatch("[0-9a-f]{32}", token)
    assert state.header("Etag") == f'"{token}"'
    assert service.ask("GET", f"{INDEX}/index_report/{known}").header("Etag") == f'"{token}"'
    again = service.ask("POST", INDEX + "/index_report", service.blobs.manifest(ALPINE, {"added": "one layer more"}))
    assert again.status == 201 and again.header("Etag") == f'"{token}"'


def test_index_state_304_carries_the_tag(service):
    tag = service.ask("GET", INDEX + "/index_state").header("Etag")
    for condition in (tag, f'"other", {tag}', "*"):
        answer = service.ask("GET", INDEX + "/index_state", headers={"If-None-Match": condition})
        assert answer.status == 304 and answer.header("Etag") == tag and answer.body == b"", condition
    assert service.ask("GET", INDEX + "/index_state", headers={"If-None-Match": '"other"'}).status == 200


def test_post_answers_201_with_tag_location_and_links(service):
    manifest = service.blobs.manifest(ALPINE)
    answer = service.ask("POST", INDEX + "/index_report", manifest)
    digest = manifest["hash"]
    assert answer.status == 201, answer
    assert answer.header("Location") == f"{INDEX}/index_report/{digest}"
    links = ", ".join(answer.all("Link"))
    for path, relation in ((f"{INDEX}/index_report/{digest}", "index_report"),
                           (f"{MATCH}/vulnerability_report/{digest}", "vulnerability_report")):
        assert f'<{path}>; rel="https://projectquay.io/clair/v1/{relation}"' in links
    report = answer.json()
    assert report["state"] == "IndexFinished" and report["success"] is True and report["err"] == ""
    assert report["manifest_hash"] == digest


def test_post_again_fetches_nothing(service):
    manifest = service.blobs.manifest({**ALPINE, "again": "x"})
    assert service.ask("POST", INDEX + "/index_report", manifest).status == 201
    before = sum(service.blobs.asked.values())
    assert service.ask("POST", INDEX + "/index_report", manifest).status == 201
    assert sum(service.blobs.asked.values()) == before


def test_post_with_the_current_state_is_412_with_links_and_indexes_nothing(service):
    tag = service.ask("GET", INDEX + "/index_state").header("Etag")
    manifest = service.blobs.manifest({**ALPINE, "precondition": "x"})
    answer = service.ask("POST", INDEX + "/index_report", manifest, headers={"If-None-Match": tag})
    assert answer.status == 412 and answer.body == b"" and answer.all("Link")
    assert service.ask("GET", f"{INDEX}/index_report/{manifest['hash']}").status == 404


@pytest.mark.parametrize("body, prefix", [
    (b"", "failed to deserialize manifest"), (b"{", "failed to deserialize manifest"),
    (b"[]", "failed to deserialize manifest"), (b'{"hash":""}', "failed to deserialize manifest"),
    (b'{"hash":"sha256:12"}', "failed to deserialize manifest"), (b'{"hash":"md5:00"}', "failed to deserialize manifest"),
    (b'{"hash":7}', "failed to deserialize manifest"),
    (json.dumps({"hash": UNKNOWN, "layers": [{"hash": "x"}]}).encode(), "failed to deserialize manifest"),
    (b"{}", "bogus manifest"), (b'{"hash":null,"layers":null}', "bogus manifest"),
    (json.dumps({"hash": UNKNOWN}).encode(), "bogus manifest"),
    (json.dumps({"hash": UNKNOWN, "layers": []}).encode(), "bogus manifest")])
def test_post_of_what_is_no_manifest_is_400(service, body, prefix):
    assert assert_error(service.ask("POST", INDEX + "/index_report", body), 400, "bad-request").startswith(prefix)


def test_post_is_lenient_where_clair_is(service):
    manifest = service.blobs.manifest({**ALPINE, "lenient": "x"})
    manifest["hash"] = manifest["hash"][:7] + manifest["hash"][7:].upper()
    manifest["unknown"] = {"any": ["thing"]}
    manifest["layers"][0].update(headers=None, media_type="x/y")
    answer = service.ask("POST", INDEX + "/index_report", json.dumps(manifest).encode() + b" trailing",
                         headers={"Content-Type": "text/odd"})
    assert answer.status == 201 and answer.json()["manifest_hash"] == manifest["hash"].lower()


def test_names_of_members_count_as_written(service):
    manifest = {"Hash": UNKNOWN, "Layers": [{"hash": UNKNOWN, "uri": "http://127.0.0.1/"}]}
    assert assert_error(service.ask("POST", INDEX + "/index_report", manifest), 400, "bad-request") == "bogus manifest"


def test_a_layer_that_cannot_be_fetched_is_500_and_an_index_error(service):
    layer = service.blobs.add({**ALPINE, "missing": "x"})
    del service.blobs.data[layer["hash"]]
    manifest = service.blobs.manifest(layer)
    answer = service.ask("POST", INDEX + "/index_report", manifest)
    assert assert_error(answer, 500, "internal-error").startswith("failed to start scan: ")
    stored = service.ask("GET", f"{INDEX}/index_report/{manifest['hash']}")
    assert stored.status == 200 and stored.json()["state"] == "IndexError"
    assert stored.json()["success"] is False and stored.json()["err"]
    assert service.ask("GET", f"{MATCH}/vulnerability_report/{manifest['hash']}").status == 404


def test_a_broken_tar_is_400_and_an_index_error(service):
    manifest = service.blobs.manifest(images.Layer(b"this is no tar at all" * 100))
    answer = service.ask("POST", INDEX + "/index_report", manifest)
    assert assert_error(answer, 400, "bad-request").startswith("failed to start scan: ")
    assert service.ask("GET", f"{INDEX}/index_report/{manifest['hash']}").json()["state"] == "IndexError"


def test_a_failed_image_is_tried_again(service):
    layer = service.blobs.add({**ALPINE, "later": "x"})
    data = service.blobs.data.pop(layer["hash"])
    manifest = service.blobs.manifest(layer)
    assert service.ask("POST", INDEX + "/index_report", manifest).status == 500
    service.blobs.data[layer["hash"]] = data
    assert service.ask("POST", INDEX + "/index_report", manifest).json()["success"] is True
    assert service.ask("GET", f"{INDEX}/index_report/{manifest['hash']}").json()["err"] == ""


def test_get_index_report_304_comes_before_looking(service):
    tag = service.ask("GET", INDEX + "/index_state").header("Etag")
    answer = service.ask("GET", f"{INDEX}/index_report/{UNKNOWN}", headers={"If-None-Match": tag})
    assert answer.status == 304 and answer.header("Etag") == tag


def test_get_index_report_of_unknown_and_malformed_digests(service):
    message = assert_error(service.ask("GET", f"{INDEX}/index_report/{UNKNOWN}"), 404, "not-found")
    assert message == "index report not found"
    for bad in ("sha256:00", "x", "sha256:" + "g" * 64, "md5:" + "0" * 32):
        message = assert_error(service.ask("GET", f"{INDEX}/index_report/{bad}"), 400, "bad-request")
        assert message.startswith("malformed path")


def test_index_report_has_the_members_that_clients_need(service, known):
    report = service.ask("GET", f"{INDEX}/index_report/{known}").json()
    assert set(report) == {"manifest_hash", "state", "packages", "distributions", "repository", "environments",
                           "success", "err"}
    assert not list(nulls(report))
    assert sorted(p["name"] for p in report["packages"].values()) == ["busybox", "musl", "zlib"]
    for key, package in report["packages"].items():
        assert package["id"] == key and re.fullmatch("[0-9]+", key)
        assert isinstance(package["cpe"], str) and isinstance(package["normalized_version"], str)
        assert "source" not in package["source"] and package["source"]["name"]
        environment = report["environments"][key][0]
        assert environment["package_db"] == "lib/apk/db/installed"
        assert environment["distribution_id"] in report["distributions"]
        assert environment["introduced_in"].startswith("sha256:") and environment["repository_ids"] == []
    for distribution in report["distributions"].values():
        assert set(distribution) == {"id", "did", "name", "version", "version_code_name", "version_id", "arch", "cpe",
                                     "pretty_name"}


def test_an_image_without_packages_is_a_finished_report(service):
    manifest = service.blobs.manifest({"file": "content"})
    report = service.ask("POST", INDEX + "/index_report", manifest).json()
    assert report["state"] == "IndexFinished" and report["packages"] == {}
    found = service.ask("GET", f"{MATCH}/vulnerability_report/{manifest['hash']}")
    assert found.status == 200 and found.json()["package_vulnerabilities"] == {}


# ---- deleting ----

def test_delete_of_one_is_204_also_for_unknown(service):
    manifest = service.blobs.manifest({**ALPINE, "delete": "x"})
    service.ask("POST", INDEX + "/index_report", manifest)
    answer = service.ask("DELETE", f"{INDEX}/index_report/{manifest['hash']}")
    assert answer.status == 204 and answer.body == b""
    assert service.ask("GET", f"{INDEX}/index_report/{manifest['hash']}").status == 404
    assert service.ask("DELETE", f"{INDEX}/index_report/{UNKNOWN}").status == 204
    assert_error(service.ask("DELETE", f"{INDEX}/index_report/x"), 400, "bad-request")


def test_delete_of_many_answers_with_those_that_were_there(service):
    manifests = [service.blobs.manifest({**ALPINE, "many": str(n)}) for n in range(2)]
    for manifest in manifests:
        service.ask("POST", INDEX + "/index_report", manifest)
    hashes = [m["hash"] for m in manifests]
    answer = service.ask("DELETE", INDEX + "/index_report", [*hashes, UNKNOWN])
    assert answer.status == 200 and sorted(answer.json()) == sorted(hashes)
    assert service.ask("DELETE", INDEX + "/index_report", hashes).json() == []
    for body in (b"{", b'["x"]', b'{"a":1}'):
        message = assert_error(service.ask("DELETE", INDEX + "/index_report", body), 400, "bad-request")
        assert message.startswith("failed to deserialize bulk delete")


# ---- vulnerability reports ----

def test_vulnerability_report_has_what_quay_needs(service, known):
    answer = service.ask("GET", f"{MATCH}/vulnerability_report/{known}")
    assert answer.status == 200 and re.fullmatch("max-age=[0-9]+", answer.header("Cache-Control"))
    report = answer.json()
    assert set(report) == {"manifest_hash", "packages", "distributions", "repository", "environments",
                           "vulnerabilities", "package_vulnerabilities", "enrichments"}
    assert not list(nulls(report)) and report["manifest_hash"] == known
    names = {report["packages"][p]["name"]: [report["vulnerabilities"][v]["name"] for v in found]
             for p, found in report["package_vulnerabilities"].items()}
    assert names == {"zlib": ["CVE-2099-0001"], "busybox": ["CVE-2099-0002"]}
    for key, one in report["vulnerabilities"].items():
        assert one["id"] == key and "range" not in one
        for member in ("updater", "name", "description", "links", "severity", "normalized_severity", "fixed_in_version",
                       "issued"):
            assert isinstance(one[member], str)
        assert one["normalized_severity"] in ("Unknown", "Negligible", "Low", "Medium", "High", "Critical")
        assert isinstance(one["package"], dict) and isinstance(one["repository"], dict)
        assert one["distribution"]["did"] == "alpine"
    assert all(p in report["environments"] for p in report["packages"])
    assert report["enrichments"] == {}


def test_vulnerability_report_of_unknown_and_malformed_digests(service):
    message = assert_error(service.ask("GET", f"{MATCH}/vulnerability_report/{UNKNOWN}"), 404, "not-found")
    assert message == f'index report for manifest "{UNKNOWN}" not found'
    assert_error(service.ask("GET", f"{MATCH}/vulnerability_report/x"), 400, "bad-request")


def test_vulnerability_report_is_the_same_each_time(service, known):
    bodies = {service.ask("GET", f"{MATCH}/vulnerability_report/{known}").body for _ in range(3)}
    assert len(bodies) == 1


def test_vulnerability_report_types(service, known):
    path = f"{MATCH}/vulnerability_report/{known}"
    assert service.ask("GET", path).header("Content-Type") == "application/vnd.clair.vulnerability_report.v1+json"
    answer = service.ask("GET", path, headers={"Accept": "application/json"})
    assert answer.header("Content-Type") == "application/json"


def test_a_report_says_how_complete_and_how_old_it_is(service, known):
    answer = service.ask("GET", f"{MATCH}/vulnerability_report/{known}")
    names = " ".join(name.lower() for name, _ in answer.fields)
    assert "completeness" in names and "age" in names


def test_before_any_data_a_vulnerability_report_is_202_and_empty(empty_service):
    answer = empty_service.ask("GET", f"{MATCH}/vulnerability_report/{UNKNOWN}")
    assert answer.status == 202 and answer.body == b""


# ---- conventions ----

@pytest.mark.parametrize("path, default", [("/index_state", "index_state"), ("/index_report/KNOWN", "index_report")])
def test_negotiation(service, known, path, default):
    path, own = INDEX + path.replace("KNOWN", known), f"application/vnd.clair.{default}.v1+json"

    def kind(accept):
        answer = service.ask("GET", path, headers={"Accept": accept})
        return answer.header("Content-Type") if answer.status == 200 else answer.status

    assert service.ask("GET", path).header("Content-Type") == own
    assert kind("*/*") == own and kind("application/*") == own and kind("") == own
    assert kind("application/json") == "application/json"
    assert kind(f"{own};q=0.1, application/json;q=0.9") == "application/json"
    assert kind(f"application/json;q=0, */*;q=0.1") == own
    assert kind("text/html, application/json") == "application/json"
    assert kind("text/html") == 415 and kind("nonsense") == 400 and kind("a/b;;;=,") == 400


def test_no_type_at_all_is_415_with_a_json_error(service):
    assert_error(service.ask("GET", INDEX + "/index_state", headers={"Accept": "image/png"}), 415, "internal-error")


@pytest.mark.parametrize("accepted, coding", [
    (None, None), ("identity", None), ("gzip", "gzip"), ("x-gzip", "gzip"), ("zstd", "zstd"), ("*", "gzip"),
    ("gzip;q=0.1, zstd", "zstd"), ("br", None), ("gzip;q=0", None), ("identity, *;q=0", None)])
def test_compression(service, known, accepted, coding):
    import gzip
    import subprocess
    path = f"{INDEX}/index_report/{known}"
    headers = {"Accept-Encoding": accepted} if accepted else {}
    answer = service.ask("GET", path, headers=headers)
    assert answer.status == 200 and answer.header("Content-Encoding") == coding
    assert "accept-encoding" in (answer.header("Vary") or "").lower()
    body = answer.body
    if coding == "gzip":
        body = gzip.decompress(body)
    elif coding == "zstd":
        body = subprocess.run(["zstd", "-dc"], input=body, capture_output=True, check=True).stdout
    assert json.loads(body)["manifest_hash"] == known


def test_no_coding_at_all_is_415(service):
    for refused in ("identity;q=0", "*;q=0"):
        answer = service.ask("GET", INDEX + "/index_state", headers={"Accept-Encoding": refused})
        assert answer.status == 415 and answer.body == b""
        assert answer.header("Accept-Encoding")


def test_empty_answers_are_not_compressed(service):
    tag = service.ask("GET", INDEX + "/index_state").header("Etag")
    answer = service.ask("GET", INDEX + "/index_state", headers={"If-None-Match": tag, "Accept-Encoding": "gzip"})
    assert answer.status == 304 and answer.body == b"" and answer.header("Content-Encoding") is None


def test_head_is_get_without_a_body(service, known):
    for path in (INDEX + "/index_state", f"{INDEX}/index_report/{known}", f"{MATCH}/vulnerability_report/{known}"):
        get, head = service.ask("GET", path), service.ask("HEAD", path)
        assert head.status == 200 and head.body == b""
        assert head.header("Content-Length") == str(len(get.body)) and head.header("Etag") == get.header("Etag")


@pytest.mark.parametrize("method, path, allowed", [
    ("PUT", INDEX + "/index_report", "POST"), ("POST", INDEX + "/index_state", "GET"),
    ("PUT", f"{INDEX}/index_report/{UNKNOWN}", "DELETE"), ("POST", f"{MATCH}/vulnerability_report/{UNKNOWN}", "GET"),
    ("GET", INDEX + "/internal/affected_manifest/", "POST"), ("POST", "/openapi/v1", "GET")])
def test_wrong_methods_are_405_and_say_what_is_allowed(service, method, path, allowed):
    answer = service.ask(method, path, b"" if method in ("PUT", "POST") else None)
    assert_error(answer, 405, "method-not-allowed")
    assert allowed in answer.header("Allow")


@pytest.mark.parametrize("path", ["/", "/indexer", "/indexer/api/v1/", "/indexer/api/v2/index_state", "/notifier/api/v1/x",
                                  "/notifier/api/v1/notification/" + str(uuid.UUID(int=1)), f"{INDEX}/index_report/a/b"])
def test_unknown_paths_are_404(service, path):
    assert service.ask("GET", path).status == 404


def test_errors_are_ascii_whatever_was_asked(service):
    answer = service.ask("GET", f"{INDEX}/index_report/%C3%A4%E2%82%AC")
    assert_error(answer, 400, "bad-request")
    answer = service.ask("POST", INDEX + "/index_report", '{"hash":"ä€"}'.encode())
    assert_error(answer, 400, "bad-request")


def test_robots_may_not_and_need_no_token(service):
    answer = service.ask("GET", "/robots.txt")
    assert answer.status == 200 and answer.body == b"User-agent: *\nDisallow: /\n"
    assert answer.header("Content-Type") == "text/plain; charset=utf-8"


def test_openapi_is_offered_as_json_and_yaml(service):
    answer = service.ask("GET", "/openapi/v1")
    document = answer.json()
    assert answer.status == 200 and answer.header("Content-Type") == "application/openapi+json"
    assert document["openapi"].startswith("3.1") and answer.header("Etag")
    for schema in ("manifest", "index_report", "vulnerability_report", "error", "digest", "update_diff"):
        assert schema in document["components"]["schemas"]
    yaml = pytest.importorskip("yaml")
    answer = service.ask("GET", "/openapi/v1", headers={"Accept": "application/yaml"})
    assert answer.header("Content-Type") == "application/yaml" and yaml.safe_load(answer.body) == document


# ---- update operations and what the notifier asks ----

def test_update_operations(service):
    answer = service.ask("GET", MATCH + "/internal/update_operation")
    operations = answer.json()
    assert answer.status == 200 and answer.header("Content-Type") == "application/json"
    one = operations["alpine-main-v3.20-updater"][0]
    assert set(one) == {"ref", "updater", "fingerprint", "date", "kind"} and one["kind"] == "vulnerability"
    newest = answer.header("Etag").strip('"')
    assert newest in [o["ref"] for found in operations.values() for o in found]
    again = service.ask("GET", MATCH + "/internal/update_operation?latest=true", headers={"If-None-Match": f'"{newest}"'})
    assert again.status == 304
    latest = service.ask("GET", MATCH + "/internal/update_operation?latest=true").json()
    assert all(len(found) == 1 for found in latest.values())


def test_update_operations_of_enrichments_and_of_unknown_kinds(service):
    answer = service.ask("GET", MATCH + "/internal/update_operation?kind=enrichment")
    assert answer.status == 200 and answer.json() == {} and answer.header("Etag") is None
    message = assert_error(service.ask("GET", MATCH + "/internal/update_operation?kind=x"), 400, "bad-request")
    assert message.startswith("unknown kind")


def test_update_diff_and_affected_manifests(service, known):
    ref = service.ask("GET", MATCH + "/internal/update_operation").json()["alpine-main-v3.20-updater"][0]["ref"]
    diff = service.ask("GET", f"{MATCH}/internal/update_diff?cur={ref}").json()
    assert set(diff) == {"prev", "cur", "added", "removed"} and diff["removed"] == [] and diff["cur"]["ref"] == ref
    assert diff["prev"]["ref"] == str(uuid.UUID(int=0))
    assert {v["name"] for v in diff["added"]} >= {"CVE-2099-0001", "CVE-2099-0002"}
    for path in ("/internal/affected_manifest/", "/internal/affected_manifest"):
        answer = service.ask("POST", INDEX + path, {"vulnerabilities": diff["added"]})
        assert answer.status == 200, answer
        found = answer.json()
        assert set(found["vulnerabilities"]) == {v["id"] for v in diff["added"]}
        names = {found["vulnerabilities"][v]["name"] for v in found["vulnerable_manifests"][known]}
        assert names == {"CVE-2099-0001", "CVE-2099-0002"}


def test_update_diff_refuses_what_it_must(service):
    for query, message in (("", '"cur" query param is required'), ("?cur=x", 'could not parse "cur"'),
                           (f"?cur={uuid.uuid4()}&prev=x", 'could not parse "prev"')):
        assert assert_error(service.ask("GET", MATCH + "/internal/update_diff" + query), 400,
                            "bad-request").startswith(message)
    answer = service.ask("GET", f"{MATCH}/internal/update_diff?cur={uuid.uuid4()}")
    assert "does not exist" in assert_error(answer, 500, "internal-error")


def test_affected_manifest_tolerates_vulnerabilities_without_context(service):
    body = {"vulnerabilities": [{"id": "1", "name": "x"}, {"id": "2", "name": "y", "package": {"name": "zlib"}},
                                {"id": "3", "package": None, "distribution": None, "repository": None}]}
    answer = service.ask("POST", INDEX + "/internal/affected_manifest/", body)
    assert answer.status == 200 and answer.json()["vulnerable_manifests"] == {}
    assert set(answer.json()["vulnerabilities"]) == {"1", "2", "3"}
    assert_error(service.ask("POST", INDEX + "/internal/affected_manifest/", b"{"), 400, "bad-request")


def test_deleting_an_update_operation_is_200_also_for_unknown(service):
    answer = service.ask("DELETE", f"{MATCH}/internal/update_operation/{uuid.uuid4()}")
    assert answer.status == 200 and answer.body == b""
    assert_error(service.ask("DELETE", MATCH + "/internal/update_operation/x"), 400, "bad-request")


# ---- ours ----

def test_updater_status_tells_ages_and_errors(service):
    status = service.ask("GET", MATCH + "/updater_status")
    assert status.status == 200 and "alpine-main-v3.20-updater" in status.body.decode()


def test_which_images_does_a_vulnerability_concern(service, known):
    found = service.ask("GET", MATCH + "/vulnerability/CVE-2099-0001")
    assert found.status == 200 and "zlib" in found.body.decode()
    answer = service.ask("GET", MATCH + "/vulnerability/CVE-2099-0001/affected")
    assert answer.status == 200 and known in answer.body.decode()
    assert service.ask("GET", MATCH + "/vulnerability/CVE-1970-0001").status == 404


def test_asynchronous_indexing(service):
    layer = service.blobs.add({**ALPINE, "asynchronous": "x"})
    service.blobs.faults[layer["hash"]] = blobs.slowly(0.5)
    manifest = service.blobs.manifest(layer)
    answer = service.ask("POST", INDEX + "/index_report", manifest, headers={"Prefer": "respond-async"})
    assert answer.status == 202 and answer.header("Location") == f"{INDEX}/index_report/{manifest['hash']}"
    assert service.ask("GET", answer.header("Location")).json()["state"] != "IndexFinished"
    service.wait(lambda: service.ask("GET", answer.header("Location")).json()["state"] == "IndexFinished")


# ---- introspection ----

def test_health_readiness_and_metrics(service, known):
    health = service.introspect("GET", "/healthz")
    assert health.status == 200 and health.body == b"ok"
    assert service.introspect("GET", "/readyz").status == 200
    text = service.introspect("GET", "/metrics").body.decode()
    for name in ("clair_http_indexerv1_request_total", "clair_http_matcherv1_request_duration_seconds_bucket",
                 "clair_cmd_version_info", "clair_updater_age_seconds"):
        assert name in text, name
    assert 'handler="/indexer/api/v1/index_report/:digest"' in text


def test_not_ready_before_the_first_advisories(empty_service):
    assert empty_service.introspect("GET", "/readyz").status == 503
    assert empty_service.introspect("GET", "/healthz").status == 200
