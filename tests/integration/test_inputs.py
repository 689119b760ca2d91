# SPDX-License-Identifier: Apache-2.0
"""Targets of every kind and packing give the same packages; what cannot be scanned says what there is instead."""
import json
import os

import pytest

import images
import reports

FILES = {"etc/os-release": images.ALPINE_RELEASE,
         "lib/apk/db/installed": images.apk_installed(("musl", "1.2.5-r0"), ("busybox", "1.36.1-r29"))}
WANTED = ["busybox", "musl"]


def names(clair, target, *options):
    report = clair.run("scan", "--format", "index", *options, target, want=0).json()
    return sorted(p["name"] for p in report["packages"].values())


@pytest.mark.parametrize("pack", sorted(images.PACK))
def test_each_compression_by_its_magic_bytes(clair, tmp_path, pack):
    target = images.oci(tmp_path / "image", images.Layer(images.tar(FILES), pack=pack))
    assert names(clair, target) == WANTED


@pytest.mark.parametrize("media", [images.OCI + "layer.v1.tar", images.OCI + "layer.v1.tar+zstd",
                                   images.DOCKER + "image.rootfs.diff.tar.gzip"])
def test_the_media_type_of_a_layer_does_not_decide_its_compression(clair, tmp_path, media):
    target = images.oci(tmp_path / "image", images.Layer(images.tar(FILES), media=media))
    assert names(clair, target) == WANTED


def test_oci_archive(clair, tmp_path):
    images.oci(tmp_path / "image", FILES)
    assert names(clair, images.oci_archive(tmp_path / "image.tar", tmp_path / "image")) == WANTED


@pytest.mark.parametrize("pack", ["none", "gzip"])
def test_docker_archive_plain_and_gzipped(clair, tmp_path, pack):
    assert names(clair, images.docker_archive(tmp_path / "image.tar", FILES, pack=pack)) == WANTED


def test_docker_archive_by_reference(clair, tmp_path):
    target = images.docker_archive(tmp_path / "image.tar", FILES, tag="example:2")
    assert names(clair, target + ":example:2") == WANTED
    assert "example:2" in clair.run("scan", target + ":example:3").err


def test_directory(clair, tmp_path):
    for path, text in FILES.items():
        os.makedirs(tmp_path / "root" / os.path.dirname(path), exist_ok=True)
        (tmp_path / "root" / path).write_text(text)
    assert names(clair, f"dir:{tmp_path}/root") == WANTED


def test_directory_links_do_not_lead_out_of_it(clair, tmp_path):
    os.makedirs(tmp_path / "root/lib/apk")
    os.makedirs(tmp_path / "outside")
    (tmp_path / "outside/installed").write_text(FILES["lib/apk/db/installed"])
    os.symlink(tmp_path / "outside", tmp_path / "root/lib/apk/db")
    os.makedirs(tmp_path / "root/etc")
    os.symlink("../../outside/os-release", tmp_path / "root/etc/os-release")
    (tmp_path / "outside/os-release").write_text(images.ALPINE_RELEASE)
    assert names(clair, f"dir:{tmp_path}/root") == []


@pytest.mark.parametrize("make", [lambda top: images.oci(top / "image", FILES).split(":", 1)[1],
                                  lambda top: images.docker_archive(top / "image.tar", FILES).split(":", 1)[1]])
def test_a_bare_path_is_recognised(clair, tmp_path, make):
    assert names(clair, make(tmp_path)) == WANTED


def test_a_tag_that_is_not_there_lists_those_that_are(clair, tmp_path):
    target = images.oci(tmp_path / "image", FILES, tag="stable")
    assert names(clair, target + ":stable") == WANTED
    assert "stable" in clair.run("scan", target + ":stabel", want=1).err


def many_platforms(top):
    """An index of amd64 and arm64 inside the layout's index."""
    amd = images.put_manifest(str(top), [images.Layer(images.tar(FILES))])
    arm = images.put_manifest(str(top), [images.Layer(images.tar({"lib/apk/db/installed":
                                                                   images.apk_installed(("arm-only", "1-r0"))}))],
                              {"architecture": "arm64", "os": "linux", "variant": "v8"})
    inner = images.put_blob(str(top), json.dumps({"schemaVersion": 2, "mediaType": images.OCI + "index.v1+json",
                                                  "manifests": [amd, arm]}).encode(), images.OCI + "index.v1+json")
    images.oci_index(str(top), [{**inner, "annotations": {"org.opencontainers.image.ref.name": "latest"}}])
    return f"oci:{top}"


def test_platforms_of_an_index(clair, tmp_path):
    target = many_platforms(tmp_path / "image")
    assert names(clair, target, "--platform", "linux/amd64") == WANTED
    assert names(clair, target, "--platform", "linux/arm64") == ["arm-only"]
    assert names(clair, target, "--platform", "linux/arm64/v8") == ["arm-only"]
    error = clair.run("scan", "--platform", "linux/s390x", target, want=1).err
    assert "linux/amd64" in error and "linux/arm64" in error


def test_a_windows_image_is_refused_by_name(clair, tmp_path):
    entry = images.put_manifest(str(tmp_path / "image"), [images.Layer(images.tar(FILES))],
                                {"architecture": "amd64", "os": "windows"})
    images.oci_index(str(tmp_path / "image"), [entry])
    assert "windows" in clair.run("scan", f"oci:{tmp_path}/image", want=1).err.lower()


def test_whiteouts_and_the_layer_that_introduced(clair, tmp_path):
    first = {"etc/os-release": images.ALPINE_RELEASE, "lib/apk/db/installed": images.apk_installed(("musl", "1.2.5-r0"))}
    second = {"lib/apk/db/installed": images.apk_installed(("musl", "1.2.5-r0"), ("zlib", "1.3.1-r1"))}
    target = images.oci(tmp_path / "image", first, second)
    report = clair.run("scan", "--format", "index", target, want=0).json()
    layers = [images.Layer(images.tar(x)).digest for x in (first, second)]
    assert reports.introduced(report) == {"musl": {layers[0]}, "zlib": {layers[1]}}
    target = images.oci(tmp_path / "gone", first, {"lib/apk/.wh.db": ""})
    assert names(clair, target) == []


def test_the_same_layer_twice(clair, tmp_path):
    assert names(clair, images.oci(tmp_path / "image", FILES, FILES)) == WANTED


def test_a_known_layer_is_not_read_again(clair, tmp_path):
    target = images.oci(tmp_path / "image", FILES)
    assert names(clair, target) == WANTED
    layer = images.Layer(images.tar(FILES))
    with open(images.blob_path(str(tmp_path / "image"), layer.digest), "wb") as out:
        out.write(bytes(layer.size))
    assert names(clair, target) == WANTED


def test_results_do_not_depend_on_the_order_in_which_layers_end(clair, tmp_path):
    layers = [{f"usr/share/{n}": "x" * (n * 100000)} for n in range(6, 0, -1)]
    target = images.oci(tmp_path / "image", FILES, *layers)
    first = clair.run("scan", "--format", "index", target, want=0).out
    clair.data += "-again"
    assert clair.run("scan", "--format", "index", target, want=0).out == first
