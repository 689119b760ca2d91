# SPDX-License-Identifier: Apache-2.0
"""What can go wrong beside a service: registries that refuse, lie or hang, bad requests, databases that restart."""
import json
import os
import socket
import threading
import time

import pytest

import blobs
import images

INDEX, MATCH = "/indexer/api/v1", "/matcher/api/v1"
FILES = {"etc/os-release": images.ALPINE_RELEASE, "lib/apk/db/installed": images.apk_installed(("zlib", "1.3-r0"))}


def layer(service, mark):
    return service.blobs.add(images.Layer(images.tar({**FILES, "mark": mark, "filler": os.urandom(200000)})))


def post(service, manifest, **more):
    return service.ask("POST", INDEX + "/index_report", manifest, **more)


@pytest.mark.parametrize("name, fault, status, says", [
    ("unauthorized", blobs.status(401), 500, "401"), ("forbidden", blobs.status(403), 500, "403"),
    ("not found", blobs.status(404), 500, "404"), ("too many", blobs.status(429, Retry_After="0"), 500, "429"),
    ("broken server", blobs.status(500), 500, "500"), ("cut short", blobs.cut(1000), 500, ""),
    ("too long a length", blobs.lie_about_length, 500, ""), ("other bytes", blobs.other_bytes, 500, "digest"),
    ("a page", blobs.html, 500, "text/html"),
    ("metadata address", blobs.redirect("http://169.254.169.254/latest/meta-data"), 500, "disallowed by policy"),
    ("no http", blobs.redirect("file:///etc/passwd"), 500, "")])
def test_a_registry_that_fails(service, name, fault, status, says):
    entry = layer(service, name)
    service.blobs.faults[entry["hash"]] = fault
    manifest = service.blobs.manifest(entry)
    answer = post(service, manifest)
    assert answer.status == status, answer
    assert answer.json()["message"].startswith("failed to start scan: ") and says in answer.json()["message"]
    assert answer.json()["reason"]
    assert service.ask("GET", f"{INDEX}/index_report/{manifest['hash']}").json()["state"] == "IndexError"
    del service.blobs.faults[entry["hash"]]
    assert post(service, manifest).json()["success"] is True


def test_a_transfer_that_breaks_once_is_resumed(service):
    entry = layer(service, "resumed")
    data = service.blobs.data[entry["hash"]]

    def once(handler, _data):
        del service.blobs.faults[entry["hash"]]
        blobs.cut(len(data) // 2)(handler, data)
    service.blobs.faults[entry["hash"]] = once
    assert post(service, service.blobs.manifest(entry)).status == 201
    assert any("Range" in h for h in service.blobs.headers[entry["hash"]])


def test_a_busy_registry_is_asked_again(service):
    entry = layer(service, "busy")
    tries = []

    def twice(handler, data):
        tries.append(1)
        (blobs.status(429, Retry_After="0") if len(tries) < 3 else blobs.serve)(handler, data)
    service.blobs.faults[entry["hash"]] = twice
    assert post(service, service.blobs.manifest(entry)).status == 201


def test_a_registry_that_hangs_costs_its_own_request_only(make_service):
    service = make_service(indexer={"layer_fetch": {"timeout": "2s"}})
    entry = layer(service, "hangs")
    service.blobs.faults[entry["hash"]] = blobs.hang()
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(post(service, service.blobs.manifest(entry))))
    waiting.start()
    assert post(service, service.blobs.manifest(layer(service, "fine"))).status == 201
    waiting.join(60)
    assert answers and answers[0].status == 500


def test_a_client_that_hangs_up_cancels_its_job(service):
    entry = layer(service, "given up")
    service.blobs.faults[entry["hash"]] = blobs.hang()
    manifest = service.blobs.manifest(entry)
    body = json.dumps(manifest).encode()
    with socket.create_connection(("127.0.0.1", service.port)) as s:
        s.sendall(b"POST /indexer/api/v1/index_report HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        service.wait(lambda: service.blobs.asked[entry["hash"]] == 1)
    del service.blobs.faults[entry["hash"]]
    service.wait(lambda: post(service, manifest, timeout=20).status == 201)


def test_secrets_of_layers_do_not_reach_log_error_or_store(service):
    secret = "sEcReT-0123456789"
    entry = service.blobs.add({**FILES, "mark": "secret"}, headers={"Authorization": [f"Bearer {secret}"]},
                              query=f"?signature={secret}")
    service.blobs.faults[entry["hash"]] = blobs.status(403)
    answer = post(service, service.blobs.manifest(entry))
    assert answer.status == 500 and secret not in answer.body.decode() and secret not in service.log()
    assert service.blobs.headers[entry["hash"]][0]["Authorization"] == f"Bearer {secret}"
    for top, _, names in os.walk(service.top):
        for name in names:
            if name != "config.json":
                with open(os.path.join(top, name), "rb") as f:
                    assert secret.encode() not in f.read(), name


def test_headers_go_to_the_registry_and_not_beyond_it(service):
    entry = service.blobs.add({**FILES, "mark": "redirected"}, headers={"Authorization": ["Bearer x"], "X-Own": ["y"]})
    other = blobs.Blobs()
    try:
        other.data = service.blobs.data
        service.blobs.faults[entry["hash"]] = blobs.redirect(other.url(entry["hash"]))
        assert post(service, service.blobs.manifest(entry)).status == 201
        seen = other.headers[entry["hash"]][0]
        assert "Authorization" not in seen and "X-Own" not in seen
    finally:
        other.close()


# ---- policy ----

def test_strict_policy_refuses_loopback_and_allow_opens_it(make_service):
    strict = make_service(indexer={"layer_fetch": {"policy": "strict"}})
    answer = post(strict, strict.blobs.manifest(layer(strict, "strict")))
    assert answer.status == 500 and "disallowed by policy" in answer.json()["message"]
    opened = make_service(indexer={"layer_fetch": {"policy": "strict", "allow": ["127.0.0.0/8"]}})
    assert post(opened, opened.blobs.manifest(layer(opened, "opened"))).status == 201
    denied = make_service(indexer={"layer_fetch": {"deny": ["127.0.0.1/32"]}})
    assert post(denied, denied.blobs.manifest(layer(denied, "denied"))).status == 500


# ---- bad requests ----

@pytest.mark.parametrize("body, status, reason", [
    (b"x" * (100 << 20), 413, None),
    (json.dumps({"hash": "sha256:" + "1" * 64, "layers": [{"hash": "sha256:%064x" % n, "uri": "http://127.0.0.1/"}
                                                         for n in range(10000)]}).encode(), 400, None),
    (b"[" * 100000, 400, None), (b'{"hash":"' + b"\xff" * 10, 400, None)])
def test_bad_bodies(service, body, status, reason):
    try:
        answer = service.ask("POST", INDEX + "/index_report", body)
    except (BrokenPipeError, ConnectionResetError):
        assert status == 413  # closed before the whole of it was sent
        return
    assert answer.status == status, answer
    assert answer.json()["code"] in ("bad-request", "internal-error")


def test_duplicate_layers_are_one_layer(service):
    entry = layer(service, "twice")
    answer = post(service, service.blobs.manifest(entry, entry, {"between": "x"}, entry))
    assert answer.status == 201 and service.blobs.asked[entry["hash"]] == 1


def test_an_url_that_is_none(service):
    for uri in ("", "nonsense", "file:///etc/passwd", "ftp://127.0.0.1/x"):
        entry = {**layer(service, "url" + uri), "uri": uri}
        assert post(service, service.blobs.manifest(entry)).status in (400, 500)


# ---- slow clients ----

def test_a_slow_client_is_closed_and_others_are_served(make_service):
    service = make_service(server={"request_timeout": "2s"})
    slow = socket.create_connection(("127.0.0.1", service.port))
    began = time.monotonic()
    closed = []

    def drip():
        try:
            for byte in b"GET /indexer/api/v1/index_state HTTP/1.1\r\nHost: " + b"x" * 1000:
                slow.sendall(bytes([byte]))
                time.sleep(0.1)
                slow.setblocking(False)
                try:
                    if slow.recv(1) == b"":
                        break
                except BlockingIOError:
                    pass
                slow.setblocking(True)
        except OSError:
            pass
        closed.append(time.monotonic() - began)
    dripping = threading.Thread(target=drip)
    dripping.start()
    while dripping.is_alive():
        asked = time.monotonic()
        assert service.ask("GET", INDEX + "/index_state").status == 200
        assert time.monotonic() - asked < 1
        time.sleep(0.05)
    assert closed[0] < 4


def test_at_the_connection_limit_a_new_client_is_served(make_service):
    service = make_service(server={"connections": 50})
    idle = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(60)]
    time.sleep(0.3)
    began = time.monotonic()
    assert service.ask("GET", INDEX + "/index_state").status == 200
    assert time.monotonic() - began < 1
    for s in idle:
        s.close()


# ---- many at once ----

def test_beyond_the_limit_429_says_when_to_come_back_and_all_complete(make_service):
    service = make_service(indexer={"index_report_request_concurrency": 2})
    entries = [layer(service, f"many {n}") for n in range(12)]
    for entry in entries:
        service.blobs.faults[entry["hash"]] = blobs.slowly(0.3)
    refused, done = [], []

    def index(entry):
        manifest = service.blobs.manifest(entry)
        while True:
            answer = post(service, manifest)
            if answer.status == 201:
                done.append(manifest["hash"])
                return
            assert answer.status == 429, answer
            assert answer.json()["code"] == "too-many-requests" and int(answer.header("Retry-After")) >= 1
            refused.append(1)
            time.sleep(0.1)
    threads = [threading.Thread(target=index, args=(entry,)) for entry in entries]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert len(set(done)) == len(entries) and refused


def test_a_layer_wanted_by_many_is_fetched_once(service):
    entry = layer(service, "shared by all")
    service.blobs.faults[entry["hash"]] = blobs.slowly(1)
    manifests = [service.blobs.manifest(entry, {"own": f"shared {n}"}) for n in range(8)]
    statuses = []
    threads = [threading.Thread(target=lambda m=m: statuses.append(post(service, m).status)) for m in manifests]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert statuses == [201] * 8 and service.blobs.asked[entry["hash"]] == 1


# ---- restarts ----

def test_a_graceful_stop_answers_what_was_asked(make_service):
    service = make_service()
    entry = layer(service, "drained")
    service.blobs.faults[entry["hash"]] = blobs.slowly(1)
    statuses = []
    asking = threading.Thread(target=lambda: statuses.append(post(service, service.blobs.manifest(entry)).status))
    asking.start()
    service.wait(lambda: service.blobs.asked[entry["hash"]] == 1)
    service.stop()
    asking.join(30)
    assert statuses == [201]


def test_killed_while_indexing_nothing_is_half_and_the_job_ends(make_service):
    service = make_service()
    for number in range(100 if os.environ.get("SOAK") else 10):
        manifest = service.blobs.manifest(layer(service, f"killed {number}"), layer(service, f"second {number}"))
        asking = threading.Thread(target=lambda m=manifest: swallow(lambda: post(service, m)))
        asking.start()
        time.sleep(0.005 * (number % 40))
        service.kill()
        asking.join(30)
        service.start()
        found = service.ask("GET", f"{INDEX}/index_report/{manifest['hash']}")
        if found.status == 200 and found.json()["state"] == "IndexFinished":
            assert len(found.json()["packages"]) == 1
        service.wait(lambda: service.ask("GET", f"{INDEX}/index_report/{manifest['hash']}").status == 404
                     or service.ask("GET", f"{INDEX}/index_report/{manifest['hash']}").json()["state"]
                     in ("IndexFinished", "IndexError"))
        report = post(service, manifest).json()
        assert report["state"] == "IndexFinished" and len(report["packages"]) == 1


def swallow(call):
    try:
        call()
    except OSError:
        pass
    except Exception:  # pylint: disable=broad-except
        pass


def test_postgresql_restarts(postgres, program_path, small_feeds, tmp_path):
    from service import Service
    place = postgres.conninfo(postgres.new_database())
    with Service(program_path, tmp_path / "s", feeds=small_feeds, connstrings=(place, place)) as service:
        service.ready()
        manifest = service.blobs.manifest(layer(service, "restart"))
        assert post(service, manifest).status == 201
        postgres.stop()
        assert service.ask("GET", f"{INDEX}/index_report/{manifest['hash']}").status == 500
        assert service.introspect("GET", "/readyz").status == 503
        postgres.start()
        service.wait(lambda: service.ask("GET", f"{INDEX}/index_report/{manifest['hash']}").status == 200)
        assert service.ask("GET", f"{MATCH}/vulnerability_report/{manifest['hash']}").status == 200
        service.wait(lambda: service.introspect("GET", "/readyz").status == 200)


def limited_files(size):
    """Before exec: files cannot grow beyond so many bytes, as on a full disk."""
    import resource
    import signal

    def apply():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return apply


def test_a_full_disk_is_an_error_and_nothing_is_lost(program_path, small_feeds, tmp_path):
    from service import Service
    places = (f"sqlite:{tmp_path}/data",) * 2
    packages = lambda n: {**FILES, "lib/apk/db/installed": images.apk_installed(
        *((f"package-{n}-{i}", f"1.{i}-r0") for i in range(400)))}
    with Service(program_path, tmp_path / "s", feeds=small_feeds, connstrings=places) as service:
        service.ready()
    done, refused = [], None
    full = Service(program_path, tmp_path / "s", connstrings=places, limits=limited_files(600_000))
    try:
        full.start()
        for n in range(60):
            manifest = full.blobs.manifest(packages(n))
            answer = post(full, manifest)
            if answer.status != 201:
                refused = answer
                break
            done.append(manifest["hash"])
        assert refused is not None and refused.status == 500 and done, refused
        for digest in done:
            assert full.ask("GET", f"{INDEX}/index_report/{digest}").json()["state"] == "IndexFinished"
    finally:
        full.close()
    with Service(program_path, tmp_path / "s", connstrings=places) as service:
        for digest in done:
            assert len(service.ask("GET", f"{INDEX}/index_report/{digest}").json()["packages"]) == 400
        assert post(service, service.blobs.manifest(packages(99))).status == 201


def test_killed_while_updating_the_data_are_whole(make_service, tmp_path):
    import feeds
    import random
    mirror, dice = tmp_path / "mirror", random.Random(7)
    feeds.large_debian(mirror, sources=200, each=30)
    service = make_service(start=False, feeds=mirror)
    wanted = None
    for number in range(100 if os.environ.get("SOAK") else 10):
        feeds.large_debian(mirror, sources=200, each=30, changed=number % 2)
        service.conf["matcher"]["period"] = "1m"
        service.start()
        time.sleep(dice.random() * 0.6)
        service.kill()
    service.start().ready()
    image = {"etc/os-release": images.DEBIAN_RELEASE, "var/lib/dpkg/status": images.dpkg_status(
        *((f"source-{n}", "1.0-1") for n in range(200)))}
    manifest = service.blobs.manifest(image)
    assert post(service, manifest).status == 201
    path = f"{MATCH}/vulnerability_report/{manifest['hash']}"
    service.wait(lambda: service.ask("GET", path).status == 200)
    wanted = 200 * 29  # all but the one of each source that 1.0-1 fixes already
    found = service.ask("GET", path).json()["vulnerabilities"]
    assert len(found) in (wanted, wanted + 200), len(found)
