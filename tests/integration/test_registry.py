# SPDX-License-Identifier: Apache-2.0
"""Images are pulled from a registry as from a file: names, credentials, platforms, and registries that misbehave."""
import json
import os
import time

import pytest

import images
import registry

pytestmark = pytest.mark.skipif(not registry.is_there(), reason="no docker-registry")

FILES = {"etc/os-release": images.ALPINE_RELEASE,
         "lib/apk/db/installed": images.apk_installed(("musl", "1.2.5-r0"), ("busybox", "1.36.1-r29"))}
WANTED = ["busybox", "musl"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A registry with an image of several tags, and an index of two platforms."""
    top = tmp_path_factory.mktemp("registry")
    with registry.start_registry(top) as r:
        target = images.oci(top / "image", {"etc/motd": "hello"}, FILES)
        r.digest = r.push_oci_layout(target, "team/app", "1.0")
        for tag in ("1.1", "latest"):
            r.push_oci_layout(target, "team/app", tag)
        entries = [images.put_manifest(str(top / "multi"), [images.Layer(images.tar(
            {**FILES, "lib/apk/db/installed": images.apk_installed((f"for-{arch}", "1"))}))],
            {"os": "linux", "architecture": arch}) for arch in ("amd64", "arm64")]
        images.oci_index(str(top / "multi"), entries)
        r.index_digest = r.push_oci_layout(top / "multi", "team/multi")
        yield r


def names(clair, *args):
    report = clair.run("scan", "--format", "index", *args, want=0).json()
    return sorted(p["name"] for p in report["packages"].values())


def test_an_image_by_tag_by_default_tag_and_by_digest(clair, hub):
    for reference in ("team/app:1.0", "team/app", f"team/app@{hub.digest}", f"team/app:other@{hub.digest}"):
        assert names(clair, f"{hub.host}/{reference}") == WANTED
    assert names(clair, f"registry:{hub.host}/team/app") == WANTED
    assert names(clair, f"docker://{hub.host}/team/app") == WANTED


def test_the_report_has_the_digest_of_the_manifest(clair, hub):
    report = clair.run("scan", "--format", "index", f"{hub.host}/team/app", want=0).json()
    assert report["manifest_hash"] == hub.digest


def test_a_platform_of_an_index(clair, hub):
    for arch in ("amd64", "arm64"):
        assert names(clair, "--platform", f"linux/{arch}", f"{hub.host}/team/multi") == [f"for-{arch}"]
        assert names(clair, "--platform", f"linux/{arch}", f"{hub.host}/team/multi@{hub.index_digest}") == [f"for-{arch}"]
    missing = clair.run("scan", "--platform", "linux/s390x", f"{hub.host}/team/multi", want=1)
    assert "linux/amd64" in missing.err and "linux/arm64" in missing.err


def test_a_missing_tag_lists_those_that_are_there(clair, hub):
    missing = clair.run("scan", f"{hub.host}/team/app:2.0", want=1)
    assert "team/app:2.0: not found" in missing.err
    assert all(tag in missing.err for tag in ("1.0", "1.1", "latest"))


def test_a_missing_repository_and_a_missing_digest(clair, hub):
    assert "no such repository, or it is private" in clair.run("scan", f"{hub.host}/team/none", want=1).err
    assert "not found" in clair.run("scan", f"{hub.host}/team/app@sha256:{'0' * 64}", want=1).err


def test_a_registry_that_is_not_there(clair):
    gone = clair.run("scan", f"127.0.0.1:{registry.free_port()}/app", want=1)
    assert "127.0.0.1" in gone.err and "onnect" in gone.err


def test_known_layers_are_not_pulled_again(clair, hub):
    with registry.start_gate(hub) as gate:
        assert names(clair, f"{gate.host}/team/app") == WANTED
        first = {path for _, path, _ in gate.seen if "/blobs/" in path}
        del gate.seen[:]
        assert names(clair, f"{gate.host}/team/app") == WANTED
        assert len(first) == 3 and len([path for _, path, _ in gate.seen if "/blobs/" in path]) == 1  # the config


def test_basic_credentials_of_docker_login(clair, tmp_path):
    with registry.start_registry(tmp_path / "registry", "user", "pa:ss") as r:
        r.push_oci_layout(images.oci(tmp_path / "image", FILES), "app")
        nobody = clair.run("scan", f"{r.host}/app", want=1)
        assert f"wants credentials: run `docker login {r.host}`" in nobody.err
        clair.env["DOCKER_CONFIG"] = registry.docker_config(tmp_path / "wrong", r.host, "user", "guess-me")
        wrong = clair.run("scan", f"{r.host}/app", want=1)
        assert "docker login" in wrong.err and "guess-me" not in wrong.err
        clair.env["DOCKER_CONFIG"] = registry.docker_config(tmp_path / "right", r.host, "user", "pa:ss")
        assert names(clair, f"{r.host}/app") == WANTED


def test_tokens_for_strangers_and_for_users(clair, hub, tmp_path):
    users = [None]
    with registry.start_gate(hub, users) as gate:
        assert names(clair, f"{gate.host}/team/app") == WANTED
        users[0] = registry.basic("user", "pa:ss")
        refused = clair.run("scan", "--refresh", f"{gate.host}/team/app", want=1)
        assert f"gives no token to strangers: run `docker login {gate.host}`" in refused.err
        clair.env["DOCKER_CONFIG"] = registry.docker_config(tmp_path / "right", gate.host, "user", "pa:ss")
        assert names(clair, "--refresh", f"{gate.host}/team/app") == WANTED
        clair.env["DOCKER_CONFIG"] = registry.docker_config(tmp_path / "wrong", gate.host, "user", "guess-me")
        wrong = clair.run("scan", "--refresh", f"{gate.host}/team/app", want=1)
        assert "refused the credentials" in wrong.err
        assert "guess-me" not in wrong.err and registry.basic("user", "guess-me")[6:] not in wrong.err


def test_an_identity_token_is_exchanged(clair, hub, tmp_path):
    with registry.start_gate(hub, []) as gate:
        gate.identity_token = "identity-token-1"
        os.makedirs(tmp_path / "docker")
        (tmp_path / "docker/config.json").write_text(json.dumps(
            {"auths": {gate.host: {"auth": "PHRva2VuPjo=", "identitytoken": "identity-token-1"}}}))
        clair.env["DOCKER_CONFIG"] = str(tmp_path / "docker")
        assert names(clair, f"{gate.host}/team/app") == WANTED


def test_a_token_that_was_taken_back_is_renewed_for_layers(clair, hub):
    taken = []

    def take_back(handler):
        if "/blobs/" in handler.path and not taken and "Bearer" in handler.headers["Authorization"]:
            if handler.headers["Authorization"] == gate.tokens[0] and len(gate.tokens) == 1 and len(gate.seen) > 4:
                taken.append(gate.tokens.pop(0))
                gate.tokens.append("Bearer unused")
                handler.answer(401, b"expired")
                return True
        return False

    with registry.start_gate(hub, [None], take_back) as gate:
        assert names(clair, f"{gate.host}/team/app") == WANTED
        assert taken and len([p for _, p, _ in gate.seen if p.startswith("/token")]) >= 2


def test_credential_helpers_are_named(clair, hub, tmp_path):
    os.makedirs(tmp_path / "docker")
    clair.env["DOCKER_CONFIG"] = str(tmp_path / "docker")
    users = [None]
    with registry.start_gate(hub, users) as gate:
        (tmp_path / "docker/config.json").write_text(json.dumps({"credHelpers": {gate.host: "pass"}}))
        assert names(clair, f"{gate.host}/team/app") == WANTED  # what is public needs none
        users[0] = registry.basic("user", "x")
        refused = clair.run("scan", "--refresh", f"{gate.host}/team/app", want=1)
        assert "docker-credential-pass" in refused.err


def test_a_damaged_docker_config_says_where(clair, tmp_path):
    os.makedirs(tmp_path / "docker")
    (tmp_path / "docker/config.json").write_text("{hush")
    clair.env["DOCKER_CONFIG"] = str(tmp_path / "docker")
    with registry.start_registry(tmp_path / "registry", "user", "pa:ss") as r:
        damaged = clair.run("scan", f"{r.host}/app")
        assert damaged.status != 0 and "config.json" in damaged.err and "hush" not in damaged.err


def test_certificates(clair, tmp_path):
    tls = registry.certificate(str(tmp_path))
    with registry.start_registry(tmp_path / "registry", tls=tls) as r:
        r.ask = lambda *args, **kw: ask_unverified(r, *args, **kw)
        r.push_oci_layout(images.oci(tmp_path / "image", FILES), "app")
        assert names(clair, f"{r.host}/app") == WANTED  # the loopback is trusted
        assert names(clair, "--refresh", "--ca-cert", tls[0], f"{r.host}/app") == WANTED
        missing = clair.run("scan", "--ca-cert", tmp_path / "none.pem", f"{r.host}/app")
        assert missing.status != 0 and "none.pem" in missing.err


def ask_unverified(r, method, path, body=None, **headers):
    import ssl  # pylint: disable=import-outside-toplevel
    import urllib.request  # pylint: disable=import-outside-toplevel
    url = path if "://" in path else f"https://{r.host}{path}"
    request = urllib.request.Request(url, data=body, method=method,
                                     headers={n.replace("_", "-"): v for n, v in headers.items()})
    try:
        with urllib.request.urlopen(request, context=ssl._create_unverified_context()) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read()


def manifest_answer(body, media=images.OCI + "manifest.v1+json"):
    def change(handler):
        if "/manifests/" not in handler.path:
            return False
        handler.answer(200, body, Content_Type=media, Docker_Content_Digest=images.digest(body))
        return True
    return change


@pytest.mark.parametrize("body, says", [
    (b'{"schemaVersion":1,"name":"a","tag":"b","fsLayers":[],"history":[]}', "schema 1"),
    (b"<html>please log in</html>", "line 1"),
    (b"{}", "image manifest without config"),
    (b'{"schemaVersion":2,"mediaType":"text/x"}', "neither an image manifest nor an index"),
    (b" " * (5 << 20), "4194304"),
])
def test_manifests_that_are_none(clair, hub, body, says):
    with registry.start_gate(hub, change=manifest_answer(body)) as gate:
        assert says in clair.run("scan", f"{gate.host}/team/app", want=1).err


def test_a_manifest_that_is_another_than_its_digest(clair, hub):
    with registry.start_gate(hub, change=manifest_answer(b'{"schemaVersion":2}')) as gate:
        assert f"expected {hub.digest}" in clair.run("scan", f"{gate.host}/team/app@{hub.digest}", want=1).err


def statuses(*list_):
    left = list(list_)

    def change(handler):
        if "/manifests/" not in handler.path or not left:
            return False
        handler.answer(left.pop(0), b'{"errors":[{"code":"X","message":"what the registry says"}]}', Retry_After="0")
        return True
    return change


@pytest.mark.parametrize("status, says", [
    (403, "access is denied: run `docker login"), (429, "too many requests"), (500, "the registry is in trouble"),
    (418, "unexpected answer")])
def test_errors_say_what_to_do(clair, hub, status, says):
    with registry.start_gate(hub, change=statuses(*[status] * 3)) as gate:
        refused = clair.run("scan", f"{gate.host}/team/app", want=1)
        assert says in refused.err and "(what the registry says)" in refused.err


def test_a_registry_in_trouble_is_asked_again(clair, hub):
    with registry.start_gate(hub, change=statuses(500, 429)) as gate:
        assert names(clair, f"{gate.host}/team/app") == WANTED


def test_layers_that_break_are_resumed_and_those_that_lie_are_not_believed(clair, hub):
    def cut(handler):
        if "/blobs/" not in handler.path or "Range" in handler.headers:
            return False
        _, _, body = hub.ask("GET", handler.path)
        if body[:1] == b"{":  # the config
            return False
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:len(body) // 2])
        handler.close_connection = True
        return True

    def lie(handler):
        if "/blobs/" not in handler.path:
            return False
        _, _, body = hub.ask("GET", handler.path)
        handler.answer(200, body if body[:1] == b"{" else bytes([body[0]]) + bytes(len(body) - 1))
        return True

    with registry.start_gate(hub, change=cut) as gate:
        assert names(clair, f"{gate.host}/team/app") == WANTED
        assert any(headers.get("Range") for _, _, headers in gate.seen)
    with registry.start_gate(hub, change=lie) as gate:
        assert clair.run("scan", "--refresh", "--format", "index", f"{gate.host}/team/app").status != 0


def test_credentials_do_not_follow_to_a_storage(clair, hub, tmp_path):
    def away(handler):
        if "/blobs/" not in handler.path:
            return False
        handler.answer(307, Location=f"http://localhost:{hub.host.split(':')[1]}{handler.path}?signature=abc")
        return True

    with registry.start_gate(hub, [None]) as storage:
        def to_storage(handler):
            if "/blobs/" not in handler.path:
                return False
            handler.answer(307, Location=f"http://localhost:{storage.host.split(':')[1]}{handler.path}")
            return True
        storage.users = None
        with registry.start_gate(hub, [None], to_storage) as gate:
            assert names(clair, f"{gate.host}/team/app") == WANTED
        blobs = [headers for _, path, headers in storage.seen if "/blobs/" in path]
        assert blobs and not any("Authorization" in headers for headers in blobs)
    with registry.start_gate(hub, [None], away) as gate:
        assert names(clair, "--refresh", f"{gate.host}/team/app") == WANTED


def test_a_token_server_without_tls_is_for_the_loopback_only(clair, hub):
    with registry.start_gate(hub, [None]) as gate:
        gate.realm = "ftp://127.0.0.1/token"
        assert "no https URL" in clair.run("scan", f"{gate.host}/team/app", want=1).err


def test_the_end_of_time(clair, hub):
    def hang(handler):
        if "/blobs/" in handler.path:
            time.sleep(20)
        return False

    with registry.start_gate(hub, change=hang) as gate:
        done = clair.run("scan", "--timeout", "2s", f"{gate.host}/team/app")
        assert done.status == 1 and done.seconds < 10
