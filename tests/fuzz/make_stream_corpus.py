#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the seed inputs of the targets inflate_*, json, digest, oci, secdb and debian_tracker into corpus/. Run once; the
results are committed. Needs the program zstd."""
import bz2
import gzip
import json
import lzma
import os
import struct
import subprocess
import zlib

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")

TEXT = b"the quick brown fox jumps over the lazy dog, and then the quick brown dog over the fox\n" * 6
NOISE = bytes((i * i * 31 + i * 7) & 255 for i in range(300))


def raw_deflate(data, level=6, strategy=0):
    c = zlib.compressobj(level, zlib.DEFLATED, -15, 8, strategy)
    return c.compress(data) + c.flush()


def member(data, body, flags=0, extra=b""):
    trailer = struct.pack("<II", zlib.crc32(data), len(data) & 0xffffffff)
    return b"\x1f\x8b\x08" + bytes([flags]) + bytes(5) + b"\x03" + extra + body + trailer


def gzip_header_with_crc():
    header = b"\x1f\x8b\x08\x1f" + bytes(5) + b"\x03" + b"\x05\0extra" + b"name\0" + b"comment\0"
    return header + struct.pack("<H", zlib.crc32(header) & 0xffff) + member(TEXT, raw_deflate(TEXT))[10:]


def gzip_files():
    plain = gzip.compress(TEXT, mtime=0)
    return {
        "dynamic-codes": plain,
        "fixed-codes": member(TEXT, raw_deflate(TEXT, 6, zlib.Z_FIXED)),
        "stored": member(NOISE, raw_deflate(NOISE, 0)),
        "literals-only": member(TEXT, raw_deflate(TEXT, 6, zlib.Z_HUFFMAN_ONLY)),
        "empty-member": gzip.compress(b"", mtime=0),
        "three-members": plain + gzip.compress(b"", mtime=0) + gzip.compress(NOISE, mtime=0),
        "padded": plain + bytes(512),
        "padding-between": plain + bytes(7) + plain,
        "header-with-all": gzip_header_with_crc(),
        "header-with-name": member(TEXT, raw_deflate(TEXT), 8, b"name\0"),
        "bad-header-crc": gzip_header_with_crc().replace(b"comment\0", b"commenT\0"),
        "bad-crc": plain[:-8] + b"\0\0\0\0" + plain[-4:],
        "bad-size": plain[:-4] + b"\1\0\0\0",
        "truncated": plain[:-9],
        "truncated-trailer": plain[:-3],
        "garbage-behind": plain + b"garbage",
        "far-distance": member(b"", b"\x4b\x04\x02\0"),
        "long-runs": gzip.compress(bytes(60000), mtime=0),
        "reserved-block": member(b"", b"\x07"),
    }


def zstd(data, *options):
    return subprocess.run(["zstd", "-q", "-c", *options], input=data, capture_output=True, check=True).stdout


def zstd_files():
    skippable = b"\x5a\x2a\x4d\x18" + struct.pack("<I", 5) + b"hello"
    plain = zstd(TEXT)
    return {
        "checksum": plain,
        "no-checksum": zstd(TEXT, "--no-check"),
        "noise": zstd(NOISE),
        "runs": zstd(bytes(50000)),
        "level-19": zstd(TEXT + NOISE + TEXT, "-19"),
        "empty": zstd(b""),
        "two-frames": plain + zstd(NOISE),
        "skippable-first": skippable + plain,
        "skippable-last": plain + skippable,
        "skippable-only": skippable,
        "window-largest": b"\x28\xb5\x2f\xfd\x00\x88\x09\0\0x",
        "window-too-large": b"\x28\xb5\x2f\xfd\x00\x90\x09\0\0x",
        "rle-block": b"\x28\xb5\x2f\xfd\x00\x00\x03\x40\0x",
        "bad-checksum": plain[:-1] + bytes([plain[-1] ^ 1]),
        "truncated": plain[:-6],
        "old-format-behind": plain + b"\x27\xb5\x2f\xfd\0\0\0\0\0\0",
        "padded": plain + bytes(8),
    }


def xz_files():
    plain = lzma.compress(TEXT, preset=0)
    x86 = [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": 0}]
    delta = [{"id": lzma.FILTER_DELTA, "dist": 4}, {"id": lzma.FILTER_LZMA2, "preset": 0}]
    return {
        "crc64": plain,
        "crc32": lzma.compress(TEXT, check=lzma.CHECK_CRC32, preset=0),
        "sha256": lzma.compress(TEXT, check=lzma.CHECK_SHA256, preset=0),
        "no-check": lzma.compress(TEXT, check=lzma.CHECK_NONE, preset=0),
        "noise": lzma.compress(NOISE, preset=0),
        "empty": lzma.compress(b"", preset=0),
        "x86-filter": lzma.compress(NOISE, filters=x86),
        "delta-filter": lzma.compress(NOISE, filters=delta),
        "two-streams": plain + lzma.compress(NOISE, preset=0),
        "padded": plain + bytes(8),
        "padding-of-three": plain + bytes(3),
        "padding-between": plain + bytes(4) + plain,
        "truncated": plain[:-12],
        "truncated-index": plain[:-20],
        "bad-check": plain.replace(plain[-40:-36], b"\xaa\xaa\xaa\xaa"),
        "garbage-behind": plain + b"garbage",
        "unknown-check": b"\xfd7zXZ\0\0\x0f" + struct.pack("<I", zlib.crc32(b"\0\x0f")) + bytes(20),
    }


def bzip2_files():
    plain = bz2.compress(TEXT, 1)
    return {
        "text": plain,
        "noise": bz2.compress(NOISE, 1),
        "runs": bz2.compress(bytes(50000), 1),
        "large-blocks": bz2.compress(TEXT, 9),
        "empty": bz2.compress(b""),
        "two-streams": plain + bz2.compress(NOISE, 9),
        "padded": plain + bytes(10),
        "padding-between": plain + bytes(3) + plain,
        "truncated": plain[:-5],
        "bad-crc": plain[:-3] + bytes([plain[-3] ^ 8]) + plain[-2:],
        "bad-block-crc": plain[:10] + bytes([plain[10] ^ 1]) + plain[11:],
        "garbage-behind": plain + b"garbage",
        "bad-block-magic": b"BZh1" + b"\x31\x41\x59\x26\x53\x58" + plain[10:],
    }


def json_files():
    return {
        "object": b'{"name": "x", "n": -12.5e+3, "list": [1, "two", null, true, false, {}], "name": []}',
        "blanks": b' \r\n\t{ "a" :\n        [\n                1 ,\n 2 ] } \n',
        "escapes": b'["\\"\\\\\\/\\b\\f\\n\\r\\t", "\\u0041\\u00e9\\u20ac\\ud83d\\ude00", "\\ud83d", "\\udc00", "\\u0000"]',
        "utf-8": '["é€😀", "\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"]'.encode("utf-8", "surrogatepass"),
        "bad-utf-8": b'["\xc0\xaf"]',
        "surrogate-utf-8": b'["\xed\xa0\x80"]',
        "long-string": b'"' + b"sixteen bytes at a time " * 20 + b'\\n"',
        "numbers": b"[0, -0, 1, 1.5, 1e5, 1E-5, 123456789012345678901234567890, 0.1e+1]",
        "deep": b"[" * 64 + b"]" * 64,
        "too-deep": b"[" * 65,
        "scalar": b"true",
        "empty": b"",
        "trailing-comma": b"[1,]",
        "bytes-behind": b"{} x",
        "no-end": b'{"a": {"b": [1, "c',
        "control": b'"a\x01"',
        "nul-in-key": b'{"\\u0000": 1}',
        "html": b'{"<a>": "&\xe2\x80\xa8\xe2\x80\xa9"}',
    }


def digest_files():
    h = "0123456789abcdef" * 4
    return {"sha256": f"sha256:{h}", "sha512": f"sha512:{h}{h}", "upper": f"sha256:{h.upper()}", "short": "sha256:01",
            "unknown": f"md5:{h}", "bare": h, "empty": "", "no-hex": f"sha256:{h[:-1]}g"}


def oci_files():
    digest = "sha256:" + "ab" * 32
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": 7}
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha512:" + "Cd" * 64, "size": 0}
    listed = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": 5,
              "platform": {"os": "linux", "architecture": "arm64", "variant": "v8", "os.version": "1"},
              "annotations": {"org.opencontainers.image.ref.name": "12", "io.containerd.image.name": "docker.io/library/d:12",
                              "vnd.docker.reference.type": "attestation-manifest"}}
    documents = {
        "manifest": {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config,
                     "layers": [layer, layer]},
        "docker-manifest": {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                            "config": config, "layers": []},
        "manifest-untyped": {"schemaVersion": 2, "config": config, "layers": [layer]},
        "index": {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [listed]},
        "index-untyped": {"manifests": [listed, listed]},
        "docker-list": {"mediaType": "application/vnd.docker.distribution.manifest.list.v2+json", "manifests": []},
        "both": {"config": config, "layers": [], "manifests": []},
        "schema-1": {"schemaVersion": 1, "fsLayers": [{"blobSum": digest}]},
        "layout": {"imageLayoutVersion": "1.0.0"},
        "config": {"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": [digest]},
                   "history": [{"empty_layer": True}, {}, 5]},
        "archive": [{"Config": "a.json", "RepoTags": ["d:12"], "Layers": ["a/layer.tar"]},
                    {"Config": "b.json", "RepoTags": None, "Layers": None}],
        "repositories": {"debian": {"12": "abc", "latest": "abc"}},
        "v1-layer": {"id": "abc", "parent": "def"},
        "bad-digest": {"manifests": [{"digest": "sha256:xyz"}]},
        "bad-size": {"manifests": [{"digest": digest, "size": -1}]},
        "bad-types": {"mediaType": 5, "config": [], "layers": {}, "rootfs": 7, "imageLayoutVersion": []},
    }
    return {name: json.dumps(d, separators=(",", ":")) for name, d in documents.items()}


def secdb_files():
    def package(name, fixes):
        return {"packages": [{"pkg": {"name": name, "secfixes": fixes}}]}
    documents = {
        "one": {"distroversion": "v3.20", "reponame": "main", **package("p", {"1-r0": ["CVE-2024-1"]})},
        "never": package("p", {"0": ["CVE-2024-1", "CVE-2024-2"]}),
        "words": package("p", {"1": ["CVE_2019-1 XSA-300,ZBX-1\t(GHSA-a-b) (+ regression)", "ALPINE-1", ""]}),
        "bad-records": {"packages": [5, {}, {"pkg": []}, {"pkg": {"name": ""}}, {"pkg": {"name": "p", "secfixes": 7}}]},
        "bad-fixes": package("p", {"": ["CVE-1-1"], "1": 5, "2": [6], "3": None}),
        "no-fixes": {"packages": [{"pkg": {"name": "p", "secfixes": []}}, {"pkg": {"name": "q"}}]},
        "no-packages": {"reponame": "main"},
        "packages-null": {"packages": None},
        "array": [],
    }
    files = {name: json.dumps(d) for name, d in documents.items()}
    return {**files, "empty": "", "broken": '{"packages":[{"pkg":{"name":"p",', "html": "<html></html>"}


def tracker_files():
    def record(**entry):
        return {"pkg": {"CVE-2024-1": {"description": "d", "releases": {"bookworm": entry}}}}
    documents = {
        "fixed": record(status="resolved", fixed_version="1-1", urgency="medium"),
        "never": record(status="resolved", fixed_version="0", urgency="unimportant"),
        "resolved-unfixed": record(status="resolved", urgency="low**"),
        "open": record(status="open", urgency="high"),
        "no-dsa": record(status="open", urgency="low", nodsa="Minor issue", nodsa_reason=""),
        "ignored": record(status="open", nodsa="x", nodsa_reason="ignored"),
        "postponed": record(status="open", nodsa="x", nodsa_reason="postponed"),
        "end-of-life": record(status="open", urgency="end-of-life"),
        "undetermined": record(status="undetermined", urgency="not yet assigned"),
        "unknown-status": record(status="new"),
        "bad-types": record(status=5, urgency=[], fixed_version={}),
        "two-releases": {"p": {"TEMP-0-1": {"releases": {"trixie": {"status": "open"}, "sid": {}, "bookworm": {"status": "open"}}}}},
        "no-releases": {"p": {"CVE-1-1": {"releases": []}, "CVE-1-2": {}, "": {}}, "q": [], "": {}, "r": 5},
        "array": [],
    }
    files = {name: json.dumps(d) for name, d in documents.items()}
    return {**files, "empty": "", "broken": '{"p":{"CVE-1":{"releases":{'}


TARGETS = {"inflate_gzip": gzip_files, "inflate_zstd": zstd_files, "inflate_xz": xz_files, "inflate_bzip2": bzip2_files,
           "json": json_files, "digest": digest_files, "oci": oci_files, "secdb": secdb_files, "debian_tracker": tracker_files}

for target, files in TARGETS.items():
    os.makedirs(os.path.join(HERE, target), exist_ok=True)
    for name, content in files().items():
        with open(os.path.join(HERE, target, name), "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)
