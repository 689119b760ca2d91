# SPDX-License-Identifier: Apache-2.0
"""Build small images: layers as tar bytes, packed in any way, in OCI layouts and docker archives."""
import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import subprocess
import tarfile

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."

ALPINE_RELEASE = 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME="Alpine Linux v3.20"\n'
DEBIAN_RELEASE = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n' \
    'VERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n'


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def apk_installed(*packages):
    """lib/apk/db/installed of (name, version[, origin])."""
    return "".join(f"P:{p[0]}\nV:{p[1]}\nA:x86_64\no:{p[2] if len(p) > 2 else p[0]}\n\n" for p in packages)


def dpkg_status(*packages):
    """var/lib/dpkg/status of (name, version[, source])."""
    return "".join(f"Package: {p[0]}\nStatus: install ok installed\nArchitecture: amd64\n"
                   f"{f'Source: {p[2]}' + chr(10) if len(p) > 2 else ''}Version: {p[1]}\nDescription: x\n\n"
                   for p in packages)


class Link(str):
    """Content of a symbolic link."""


class HardLink(str):
    """Content of a hard link: the path it means."""


def tar(files, format=tarfile.GNU_FORMAT):
    """A tar of {path: text, bytes, Link, HardLink, TarInfo, or None for a directory}; paths go in as they are."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for path, content in files.items() if isinstance(files, dict) else files:
            member, data = tarfile.TarInfo(path), b""
            if isinstance(content, tarfile.TarInfo):
                member = content
            elif isinstance(content, HardLink):
                member.type, member.linkname = tarfile.LNKTYPE, str(content)
            elif isinstance(content, Link):
                member.type, member.linkname = tarfile.SYMTYPE, str(content)
            elif content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            else:
                data = content.encode() if isinstance(content, str) else content
                member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


PACK = {"none": lambda data: data, "gzip": lambda data: gzip.compress(data, mtime=0), "zstd": zstd, "bzip2": bz2.compress,
        "xz": lzma.compress,
        "gzip-members": lambda data: b"".join(gzip.compress(data[i:i + 700], mtime=0) for i in range(0, len(data), 700))}


class Layer:
    """A layer as stored. path: its bytes are in a file that the layout takes over (for large ones)."""

    def __init__(self, plain=b"", pack="gzip", stored=None, path=None, media=OCI + "layer.v1.tar+gzip"):
        self.plain, self.media, self.path = plain, media, path
        self.stored = PACK[pack](plain) if stored is None and path is None else stored
        if path:
            self.size, self.digest = os.path.getsize(path), digest_of_file(path)
        else:
            self.size, self.digest = len(self.stored), digest(self.stored)
        self.diff_id = digest(plain)


def digest_of_file(path):
    sha = hashlib.sha256()
    with open(path, "rb") as f:
        while piece := f.read(1 << 20):
            sha.update(piece)
    return "sha256:" + sha.hexdigest()


def blob_path(top, name):
    return os.path.join(top, "blobs", "sha256", name.split(":")[1])


def put_blob(top, data, media):
    os.makedirs(os.path.join(top, "blobs", "sha256"), exist_ok=True)
    with open(blob_path(top, digest(data)), "wb") as out:
        out.write(data)
    return {"mediaType": media, "digest": digest(data), "size": len(data)}


def put_manifest(top, layers, platform=None):
    """Write an image's blobs; returns its descriptor."""
    platform = platform or {"architecture": "amd64", "os": "linux"}
    config = {**platform, "config": {}, "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]}}
    entries = []
    for layer in layers:
        if layer.path:
            os.makedirs(os.path.join(top, "blobs", "sha256"), exist_ok=True)
            os.replace(layer.path, blob_path(top, layer.digest))
            entries.append({"mediaType": layer.media, "digest": layer.digest, "size": layer.size})
        else:
            entries.append(put_blob(top, layer.stored, layer.media))
    manifest = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                "config": put_blob(top, json.dumps(config).encode(), OCI + "config.v1+json"), "layers": entries}
    return {**put_blob(top, json.dumps(manifest).encode(), OCI + "manifest.v1+json"), "platform": platform}


def oci_index(top, entries):
    os.makedirs(top, exist_ok=True)
    with open(os.path.join(top, "oci-layout"), "w", encoding="ascii") as out:
        out.write('{"imageLayoutVersion":"1.0.0"}')
    with open(os.path.join(top, "index.json"), "w", encoding="utf-8") as out:
        json.dump({"schemaVersion": 2, "manifests": entries}, out)


def oci(top, *layers, tag="latest"):
    """An OCI layout at top with one image; returns the target to scan."""
    layers = [layer if isinstance(layer, Layer) else Layer(tar(layer)) for layer in layers]
    entry = put_manifest(str(top), layers)
    oci_index(str(top), [{**entry, "annotations": {"org.opencontainers.image.ref.name": tag}}])
    return f"oci:{top}"


def docker_archive(path, *layers, tag="example:1", pack="none"):
    """What `docker save` wrote before it had OCI layouts inside; returns the target."""
    layers = [layer if isinstance(layer, Layer) else Layer(tar(layer), pack="none") for layer in layers]
    config = json.dumps({"architecture": "amd64", "os": "linux",
                         "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]}}).encode()
    name = digest(config)[7:] + ".json"
    files = {name: config}
    for number, layer in enumerate(layers):
        files[f"{number}/layer.tar"] = layer.stored
    files["manifest.json"] = json.dumps([{"Config": name, "RepoTags": [tag],
                                          "Layers": [f"{n}/layer.tar" for n in range(len(layers))]}])
    with open(path, "wb") as out:
        out.write(PACK[pack](tar(files)))
    return f"docker-archive:{path}"


def oci_archive(path, top):
    """A tar of an OCI layout; returns the target."""
    with tarfile.open(path, "w") as archive:
        for name in ("oci-layout", "index.json", "blobs"):
            archive.add(os.path.join(top, name), name)
    return f"oci-archive:{path}"
