#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the seed inputs of the targets `worker` and `frames` into corpus/: small layers behind a byte of flags, and
conversations of a worker. Run once; the results are committed."""
import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")

APK = b"C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:musl\nV:1.2.4-r2\nA:x86_64\no:musl\nc:abc\nF:lib\nR:libc.so\nR:ld.so\n\nP:.virtual\nV:0\n\n"
DPKG = (b"Package: libssl1.0.0\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl (1.0.1e-2)\nVersion: 1.0.1e-2+b1\n\n"
        b"Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n")
OS = b'ID=debian\nVERSION_ID="7"\nVERSION="7 (wheezy)"\nPRETTY_NAME="Debian GNU/Linux 7 (wheezy)"\n'


def layer(*entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, kind, content in entries:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind == tarfile.REGTYPE:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            else:
                info.linkname = content
                tar.addfile(info)
    bytes_ = out.getvalue().rstrip(b"\0")
    return bytes_ + b"\0" * (-len(bytes_) % 512 + 512)


F, D, S, H = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
apk = layer(("etc/alpine-release", F, b"3.18.4\n"), ("etc/os-release", F, b'ID=alpine\nVERSION_ID=3.18.4\nNAME="Alpine Linux"\n'),
            ("lib/apk/db/installed", F, APK))
dpkg = layer(("etc/os-release", S, "../usr/lib/os-release"), ("usr/lib/os-release", F, OS), ("var/lib/dpkg/info", D, ""),
             ("var/lib/dpkg/info/libssl1.0.0:amd64.list", F, b"/.\n/usr\n/usr/lib/libssl.so\n"),
             ("var/lib/dpkg/info/libssl1.0.0:amd64.md5sums", F, b"d41d8cd98f00b204e9800998ecf8427e  usr/lib/libssl.so\n"),
             ("var/lib/dpkg/status", F, DPKG), ("etc/.wh.passwd", F, b""), ("srv/.wh..wh..opq", F, b""))
links = layer(("etc/target", F, OS), ("etc/os-release", H, "etc/target"), ("a", S, "b"), ("b", S, "a"), ("lib", S, "usr/lib"),
              ("lib/apk/db/installed", F, APK), ("../../etc/x", F, b"x"), ("pipe", tarfile.FIFOTYPE, ""))
distroless = layer(("var/lib/dpkg/status.d/base", F, DPKG), ("var/lib/dpkg/status.d/base.md5sums", F, b"0" * 32 + b"  x\n"))
rpm = layer(("var/lib/rpm/Packages", F, b"\0" * 12 + struct.pack("<IIIBBB", 0x61561, 9, 4096, 0, 8, 0) + b"\0" * 485),
            ("var/lib/rpm/rpmdb.sqlite", F, b"SQLite format 3\0" + b"\0" * 84), ("usr/lib/sysimage/rpm/Packages.db", F, b"RpmP" + b"\0" * 60))
archive = layer(("manifest.json", F, b"[]" * 900), ("a/layer.tar", F, b"\0" * 3000), ("b/layer.tar", S, "../a/layer.tar"))
SECDB = (b'{"distroversion":"v3.18","reponame":"main","packages":[{"pkg":{"name":"musl","secfixes":{"1.2.4-r1":["CVE-2023-1 CVE-2023-2"],'
         b'"0":["CVE-2023-3"]}}},{"pkg":{"name":"zlib","secfixes":{"1.2.13-r0":["CVE-2022-37434"]}}}]}')
TRACKER = (b'{"openssl":{"CVE-2014-0160":{"description":"heartbeat","scope":"remote","releases":{"wheezy":{"status":"resolved",'
           b'"repositories":{"wheezy":"1.0.1e-2+deb7u4"},"fixed_version":"1.0.1e-2+deb7u5","urgency":"medium"}}},'
           b'"CVE-2014-0":{"releases":{"wheezy":{"status":"open","nodsa":"minor","nodsa_reason":"ignored","urgency":"low"}}}}}')
CVSS = b'{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N","baseScore":7.5}'
NVD = (b'{"vulnerabilities":[{"cve":{"id":"CVE-2014-0160","vulnStatus":"Analyzed","metrics":{"cvssMetricV31":[{"type":"Primary","cvssData":' +
       CVSS + b'}]}}},{"cve":{"id":7}}]}')
EPSS = b"#model_version:v1,score_date:2025-08-25\ncve,epss,percentile\nCVE-2014-0160,0.94,0.999\nCVE-x,0,0\n"
KEV = b'{"catalogVersion":"2025.08.25","vulnerabilities":[{"cveID":"CVE-2014-0160","dateAdded":"2022-05-04"},{}]}'
WORKER = {
    "apk": b"\0" + apk, "apk-gzip": b"\1" + gzip.compress(apk, 9, mtime=0), "apk-xz": b"\0" + lzma.compress(apk),
    "apk-bzip2": b"\0" + bz2.compress(apk), "dpkg": b"\1" + dpkg, "links": b"\0" + links, "links-second": b"\4" + links,
    "heads": b"\2" + dpkg, "distroless": b"\0" + distroless, "rpm": b"\0" + rpm, "gzip-cut": b"\0" + gzip.compress(dpkg, 9, mtime=0)[:-9],
    "secdb": b"\x10" + SECDB, "secdb-gzip": b"\x10" + gzip.compress(SECDB, 9, mtime=0), "secdb-broken": b"\x10" + SECDB[:60],
    "secdb-bad-record": b"\x10" + SECDB.replace(b'"name":"musl"', b'"name":7'), "tracker": b"\x20" + TRACKER,
    "nvd": b"\x90" + NVD, "epss-gzip": b"\xa0" + gzip.compress(EPSS, 9, mtime=0), "kev": b"\xd0" + KEV,
    "archive": b"\x30" + archive, "archive-cut": b"\x30" + archive[:1100],
    "empty": b"\0", "tar-cut": b"\0" + dpkg[:700],
}


def varint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def text(s):
    return varint(len(s)) + s


def frame(kind, payload=b""):
    return bytes([kind]) + struct.pack("<I", len(payload)) + payload


HELLO = frame(16, varint(1) + text(b"1") + varint(31))
NONE = b"\0" * 6
FOUND = (varint(1) + text(b"db") * 2 + text(b"") + varint(1) + varint(0) + b"\1" + text(b"name") + text(b"1.0") + text(b"") * 7 +
         varint(1) + text(b"debian") * 9 + varint(1) + text(b"r") * 4 + varint(1) + text(b".wh.x") + varint(1) + text(b"note"))
OWNED = varint(1) + varint(0) + varint(2) + varint(0) + text(b"usr/bin/a") + varint(8) + text(b"b")
ADVISORY = varint(0x8C | 1 << 14) + text(b"debian:7") + text(b"openssl") + text(b"CVE-2014-0160") + text(b"debian") + bytes([2, 4, 0, 0])
ENRICHMENT = varint(1) + text(b"CVE-2014-0160") + text(b'{"baseScore":7.5}')
DONE = frame(20, varint(10) + varint(2) + text(b""))
ALL = b"".join(frame(18, bytes([i]) + NONE) for i in range(5))
FRAMES = {
    "nothing-found": b"\0" + HELLO + ALL + DONE,
    "found": b"\0" + HELLO + frame(18, b"\0" + NONE) + frame(18, b"\1" + FOUND) + frame(18, b"\2" + FOUND[:20]) + frame(18, b"\2" + FOUND[20:]) +
             frame(19, b"\2" + OWNED) + frame(18, b"\3" + NONE) + frame(18, b"\4" + NONE) + DONE,
    "again": b"\0" + HELLO + frame(17, varint(2) + text(b"etc/target") + text(b"x")),
    "again-twice": b"\2" + HELLO + frame(17, varint(1) + text(b"x")),
    "error": b"\0" + HELLO + frame(21, varint(3) + text(b"layer: more than 8 bytes")),
    "archive": b"\x20" + HELLO + frame(22, varint(0) + varint(512)) + frame(23, b"\0" + text(b"manifest.json") + text(b"") + varint(512) + varint(100)) + DONE,
    "feed": b"\x10" + HELLO + frame(24, ADVISORY + bytes([0, 0, 0, 0, 0])) + frame(25, text(b"record 7: no name")) + DONE,
    "feed-cut": b"\x10" + HELLO + frame(24, ADVISORY[:9]),
    "enrichments": b"\x18" + HELLO + frame(26, ENRICHMENT + ENRICHMENT) + frame(25, text(b"record 7: no id")) + DONE,
    "enrichments-half-json": b"\x18" + HELLO + frame(26, varint(1) + text(b"CVE-2014-0160") + text(b'{"a":')) + DONE,
    "enrichments-of-advisories": b"\x10" + HELLO + frame(26, ENRICHMENT) + DONE,
    "no-greeting": b"\0" + ALL, "greeting-alone": b"\0" + HELLO, "missing-scanners": b"\0" + HELLO + DONE,
    "huge-frame": b"\0" + HELLO + b"\x12\xff\xff\xff\x7f",
}


def main():
    for target, inputs in (("worker", WORKER), ("frames", FRAMES)):
        os.makedirs(os.path.join(HERE, target), exist_ok=True)
        for name, data in inputs.items():
            with open(os.path.join(HERE, target, name), "wb") as f:
                f.write(data)


main()
