# SPDX-License-Identifier: Apache-2.0
"""HTTP without help: every byte of status, headers and body as the server sent it."""
import base64
import hashlib
import hmac
import http.client
import json
import time


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.fields, self.body = status, headers, body

    def header(self, name):
        """The value of a header, None when it is not there."""
        found = self.all(name)
        return found[0] if found else None

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:500]!r}>"


def ask(port, method, path, body=None, headers=None, timeout=60, source=None):
    """One request on a connection of its own. body: bytes, or something to send as JSON."""
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout, source_address=source)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (headers.items() if isinstance(headers, dict) else headers or []):
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(key, algorithm="HS256", issuer="quay", **claims):
    """A JSON web token; claims that are None are left out."""
    claims = {"iss": issuer, "exp": int(time.time()) + 300, **claims}
    parts = [url64(json.dumps({"alg": algorithm, "typ": "JWT"}).encode()),
             url64(json.dumps({k: v for k, v in claims.items() if v is not None}).encode())]
    name = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}.get(algorithm)
    mac = hmac.new(key, ".".join(parts).encode(), name).digest() if name else b""
    return ".".join(parts + [url64(mac)])
