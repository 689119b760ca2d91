# SPDX-License-Identifier: Apache-2.0
"""What whoever runs the service sees: logs without secrets, metrics that strangers cannot swell, readings until the
end, commands that refuse before they act."""
import json
import os
import socket
import subprocess
import threading

import pytest

import images

INDEX, MATCH = "/indexer/api/v1", "/matcher/api/v1"
RELEASE = {"etc/os-release": images.ALPINE_RELEASE}


def raw(service, text):
    """Bytes as they are on the wire; the first line of the answer."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=20) as s:
        s.sendall(text)
        return s.makefile("rb").readline()


def run(service, *args, env=None, data=None):
    done = subprocess.run([service.program, *args], input=data, capture_output=True, timeout=120, cwd=service.top,
                          env={"PATH": os.environ["PATH"], "HOME": service.top,
                               "CLAIR_API": f"http://127.0.0.1:{service.port}", **(env or {})})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_a_request_that_cannot_be_taken_apart_leaves_no_query_in_the_log(service):
    assert b" 400 " in raw(service, b"GET /indexer/%zz?token=hush-5 HTTP/1.1\r\nHost: x\r\n\r\n")
    service.wait(lambda: service.events(request_uri="/indexer/%zz"))
    assert "hush-5" not in service.log()


def test_methods_of_strangers_are_one_series(service):
    for n in range(20):
        assert service.ask(f"ODD{n}", "/robots.txt").status == 200
    names = [name for name in service.metrics() if name.startswith("clair_http_discovery_request_total")]
    assert any('method="other"' in name for name in names) and not any("ODD" in name for name in names)


def test_a_type_that_clair_sends_by_mistake_can_be_asked_for(service):
    manifest = service.blobs.manifest(RELEASE)
    service.ask("POST", INDEX + "/index_report", manifest)
    wrong = "application/vnd.clair.index_report.v1+json"
    answer = service.ask("GET", f"{MATCH}/vulnerability_report/{manifest['hash']}", headers={"Accept": wrong})
    assert answer.status == 200 and answer.header("Content-Type") == wrong
    assert service.ask("GET", INDEX + "/index_state", headers={"Accept": "application/json;"}).status == 200


def test_bodies_are_read_up_to_their_first_value_and_without_nulls(service):
    manifest = service.blobs.manifest(RELEASE)
    for path, body, status in ((INDEX + "/index_report", manifest, 201), (INDEX + "/internal/affected_manifest", [None], 200)):
        answer = service.ask("POST", path, json.dumps(body).encode() + b" trailing")
        assert answer.status == status and b"null" not in answer.body, answer


def test_not_modified_says_what_it_depends_on(service):
    tag = service.ask("GET", INDEX + "/index_state").header("Etag")
    answer = service.ask("GET", INDEX + "/index_state", headers={"If-None-Match": tag})
    assert answer.status == 304 and answer.header("Vary") == "Accept-Encoding, Accept"


def test_introspection_is_read_only(service):
    answer = service.introspect("POST", "/metrics")
    assert answer.status == 405 and answer.header("Allow") == "GET, HEAD"


def test_metrics_can_be_read_while_the_service_stops(make_service):
    one = make_service()
    seen = []

    def read():
        while True:
            try:
                seen.append(one.introspect("GET", "/metrics").status)
            except OSError:
                return
    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    one.wait(lambda: len(seen) > 20)
    one.stop()
    for reader in readers:
        reader.join()
    assert 200 in seen and set(seen) <= {200, 503}


@pytest.mark.parametrize("name", ["PGDATA", "PGAPPNAME", "PGP_HOME"])
def test_only_variables_that_name_a_server_mean_postgresql(program_path, tmp_path, name):
    from service import Service
    with Service(program_path, tmp_path, env={name: "anything"}, connstrings=("", "")) as one:
        assert one.ask("GET", INDEX + "/index_state").status == 200
        assert os.path.exists(f"{tmp_path}/data/index.db")


def test_a_severity_that_is_none_is_told_before_anything_is_asked(service):
    status, out, err = run(service, "report", "--fail-on", "hihg", "127.0.0.1:1/none:1")
    assert status == 64 and out == "" and "--fail-on" in err and "high" in err.lower()


def test_secrets_in_the_url_of_a_bundle_are_not_told(service):
    from urllib.parse import quote
    where = f"http://user:hush-1@127.0.0.1:{service.port}/robots.txt?token={quote('hush-2')}"
    status, out, err = run(service, "import-updaters", where)
    assert status == 1 and "hush" not in out + err and "127.0.0.1" in err
