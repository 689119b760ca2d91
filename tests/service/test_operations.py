# SPDX-License-Identifier: Apache-2.0
"""Running the service: where its configuration comes from, what it tells its manager, what it says when names are wrong."""
import os
import socket
import ssl
import subprocess

import pytest

import images
from service import Service
from test_auth import certificate

FILES = {"etc/os-release": images.ALPINE_RELEASE, "lib/apk/db/installed": images.apk_installed(("zlib", "1.3-r0"))}


def test_systemd_is_told_of_readiness_and_the_end(program_path, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(10)
        with Service(program_path, tmp_path / "s", env={"NOTIFY_SOCKET": str(tmp_path / "notify")}) as service:
            assert told.recv(100) == b"READY=1"
            service.stop()
            assert told.recv(100) == b"STOPPING=1"


def test_configuration_and_mode_from_the_environment(program_path, tmp_path):
    service = Service(program_path, tmp_path / "s", mode="indexer")
    with service:
        pass
    env = {"CLAIR_CONF": f"{service.top}/config.json", "CLAIR_MODE": "Indexer", "PATH": os.environ["PATH"], "HOME": service.top}
    process = subprocess.Popen([service.program, "serve"], env=env, stderr=subprocess.DEVNULL)
    try:
        service.process = process
        service.wait(service.listens)
        assert service.ask("GET", "/indexer/api/v1/index_state").status == 200
        assert service.ask("GET", "/matcher/api/v1/updater_status").status == 404
    finally:
        process.terminate()
        assert process.wait(20) == 0
        service.process = None


@pytest.mark.parametrize("text, says", [
    ("indexer: {constring: x}", "connstring"), ("http_listen_addr: nonsense", "http_listen_addr"),
    ("matcher: {period: soon}", "period"), ("indexer: {connstring: 'mysql://x'}", "connstring")])
def test_a_wrong_configuration_says_where_and_what(program_path, tmp_path, text, says):
    (tmp_path / "config.yaml").write_text(text + "\n")
    done = subprocess.run([program_path, "serve", "-conf", str(tmp_path / "config.yaml")], capture_output=True, text=True,
                          timeout=30, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    assert done.returncode != 0 and says in done.stderr, done


def test_an_address_in_use_is_an_error_that_names_it(make_service, program_path, tmp_path):
    first = make_service()
    second = Service(program_path, tmp_path / "second")
    second.conf["http_listen_addr"] = f"127.0.0.1:{first.port}"
    second.start(wait=False)
    assert second.process.wait(20) == 1
    assert str(first.port) in second.log() and "in use" in second.log()
    second.process = None
    second.blobs.close()


def test_unknown_updaters_are_told_and_nothing_fails(make_service, small_feeds):
    service = make_service(updaters={"mirror": str(small_feeds), "sets": ["alpine", "nonesuch", "rhel"]},
                           matchers={"names": ["alpine-matcher", "strange-matcher"]})
    detail = service.introspect("GET", "/readyz?detail=1")
    assert detail.status == 200 and b"nonesuch" in detail.body and b"strange-matcher" in detail.body
    status = service.ask("GET", "/matcher/api/v1/updater_status").json()
    assert "nonesuch" in status["unknown_names"] and "strange-matcher" in status["unknown_names"]
    assert [u["updater"] for u in status["updaters"]] == ["alpine-main-v3.20-updater"]


def test_an_airgapped_indexer_reaches_private_addresses_only(make_service):
    service = make_service(indexer={"airgap": True})
    assert service.ask("POST", "/indexer/api/v1/index_report", service.blobs.manifest(FILES)).status == 201
    far = {**service.blobs.add({**FILES, "far": "x"}), "uri": "http://192.0.2.1/layer"}
    answer = service.ask("POST", "/indexer/api/v1/index_report", service.blobs.manifest(far))
    assert answer.status == 500 and "disallowed by policy" in answer.json()["message"]


def test_draining_is_not_ready(make_service):
    import signal
    import threading
    import blobs
    service = make_service()
    entry = service.blobs.add({**FILES, "draining": "x"})
    service.blobs.faults[entry["hash"]] = blobs.slowly(2)
    asking = threading.Thread(target=lambda: service.ask("POST", "/indexer/api/v1/index_report", service.blobs.manifest(entry)))
    asking.start()
    service.wait(lambda: service.blobs.asked[entry["hash"]] == 1)
    service.process.send_signal(signal.SIGTERM)
    service.wait(lambda: service.introspect("GET", "/readyz").status == 503)
    asking.join(20)
    assert service.process.wait(20) == 0


def test_metrics_path_and_tls_of_the_second_listener(program_path, tmp_path):
    certificate(tmp_path, "both")
    service = Service(program_path, tmp_path / "s", metrics={"prometheus": {"endpoint": "/figures"}},
                      tls={"cert": f"{tmp_path}/cert.pem", "key": f"{tmp_path}/key.pem", "introspection": True})
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def get(path):
        with socket.create_connection(("127.0.0.1", service.introspection), 10) as plain, \
                context.wrap_socket(plain) as tls:
            tls.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            text = b""
            while piece := tls.recv(65536):
                text += piece
            return text

    def up():
        try:
            return b"200 OK" in get("/healthz")
        except OSError:
            return False
    try:
        service.start(wait=False)
        service.wait(up)
        assert b"clair_cmd_version_info" in get("/figures") and b"404" in get("/metrics").split(b"\r\n")[0]
    finally:
        service.close()
