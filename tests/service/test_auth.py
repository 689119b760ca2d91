# SPDX-License-Identifier: Apache-2.0
"""Requests signed with a pre-shared key: which tokens open the API, and what a refusal looks like."""
import base64
import ssl
import subprocess
import time

import pytest

import web

KEY, NEXT = b"k" * 32, b"another key of some length......"
STATE = "/indexer/api/v1/index_state"


@pytest.fixture(scope="module")
def guarded(program_path, tmp_path_factory):
    from service import Service
    psk = {"key": base64.b64encode(KEY).decode(), "keys": [base64.b64encode(NEXT).decode()], "iss": ["quay", "ci"]}
    with Service(program_path, tmp_path_factory.mktemp("guarded"), auth={"psk": psk}) as running:
        yield running


def now(offset=0):
    return int(time.time()) + offset


def status(service, token, path=STATE):
    return service.ask("GET", path, headers={"Authorization": token} if token is not None else {}).status


@pytest.mark.parametrize("token", [
    lambda: web.token(KEY), lambda: web.token(NEXT), lambda: web.token(KEY, "HS384"), lambda: web.token(KEY, "HS512"),
    lambda: web.token(KEY, issuer="ci"), lambda: web.token(KEY, issuer="clair-intraservice"),
    lambda: web.token(KEY, exp=None), lambda: web.token(KEY, exp=now(-10)), lambda: web.token(KEY, nbf=now(10), iat=now(10)),
    lambda: web.token(KEY, aud="any", sub="any")])
def test_good_tokens(guarded, token):
    assert status(guarded, "Bearer " + token()) == 200


def test_the_scheme_counts_in_any_case(guarded):
    assert status(guarded, "bearer " + web.token(KEY)) == 200


@pytest.mark.parametrize("token", [
    lambda: None, lambda: "", lambda: "Bearer ", lambda: "Basic eDp5", lambda: "Bearer x.y.z", lambda: "Bearer " + "a" * 9000,
    lambda: "Bearer " + web.token(b"wrong"), lambda: "Bearer " + web.token(KEY, issuer="somebody"),
    lambda: "Bearer " + web.token(KEY, issuer=None), lambda: "Bearer " + web.token(KEY, exp=now(-60)),
    lambda: "Bearer " + web.token(KEY, nbf=now(60)), lambda: "Bearer " + web.token(KEY, iat=now(60)),
    lambda: "Bearer " + web.token(KEY, "none"), lambda: "Bearer " + web.token(KEY, "RS256"),
    lambda: "Bearer " + web.token(KEY)[:-4], lambda: "Bearer " + web.token(KEY).rsplit(".", 1)[0] + "."])
def test_bad_tokens_are_401_and_say_nothing(guarded, token):
    header = token()
    answer = guarded.ask("GET", STATE, headers={"Authorization": header} if header is not None else {})
    assert answer.status == 401 and answer.body == b"" and answer.header("WWW-Authenticate") is None


def test_everything_but_robots_needs_a_token(guarded):
    for path in ("/openapi/v1", "/no/such/path", "/matcher/api/v1/vulnerability_report/x"):
        assert status(guarded, None, path) == 401
    assert status(guarded, None, "/robots.txt") == 200
    assert guarded.introspect("GET", "/healthz").status == 200


def test_tokens_and_keys_do_not_reach_the_log(guarded):
    token = web.token(KEY)
    status(guarded, "Bearer " + token)
    assert token not in guarded.log() and base64.b64encode(KEY).decode() not in guarded.log()


def certificate(top, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{top}/key.pem", "-out",
                    f"{top}/cert.pem", "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)


def common_name(port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    import socket
    with socket.create_connection(("127.0.0.1", port), 10) as plain, context.wrap_socket(plain) as tls:
        tls.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        text = b""
        while piece := tls.recv(65536):
            text += piece
        assert b"200" in text.split(b"\r\n")[0]
        return subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-subject"],
                              input=tls.getpeercert(True), capture_output=True, check=True).stdout.decode()


def test_tls_and_certificates_that_change(program_path, tmp_path):
    import signal
    from service import Service
    certificate(tmp_path, "first")
    service = Service(program_path, tmp_path / "s", tls={"cert": f"{tmp_path}/cert.pem", "key": f"{tmp_path}/key.pem"})
    service.listens = lambda: service.introspect("GET", "/healthz").status == 200
    try:
        service.start(wait=False)
        def up():
            try:
                return "first" in common_name(service.port)
            except OSError:
                return False
        service.wait(up)
        certificate(tmp_path, "second")
        service.process.send_signal(signal.SIGHUP)
        service.wait(lambda: "second" in common_name(service.port))
    finally:
        service.close()
