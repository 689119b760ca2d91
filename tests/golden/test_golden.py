# SPDX-License-Identifier: Apache-2.0
"""Golden tests: an image and a feed in, exact reports out.

tests/golden/NAME/image.txtar holds the files of each layer ("-- 1/etc/os-release --"), feeds/ a mirror, and beside them
are the wanted reports. GOLDEN_UPDATE=1 writes what the program says now; read the difference before committing it."""
import json
import os
import re

import pytest

import images

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = sorted(n for n in os.listdir(HERE) if os.path.isdir(os.path.join(HERE, n, "feeds")))
# updater sets of a case that are not called as it is
SETS = {"centos": ["rhel-vex"], "rhcc": ["rhel-vex", "rhel-container-names"], "rhel": ["rhel-vex", "rhel-repository-to-cpe"],
        "ubuntu-pro": ["ubuntu"]}
FORMATS = {"index": "index.json", "clair": "clair.json", "json": "json.json", "plain": "plain.txt"}


def layers_of(path):
    """Layers of a txtar file as uncompressed tars: the same bytes with every version of every packer."""
    layers, name = {}, None
    with open(path, encoding="utf-8") as f:
        for line in f:
            mark = re.fullmatch(r"-- (\d+)/(.+) --\n", line)
            if mark:
                name = mark.group(2)
                files = layers.setdefault(int(mark.group(1)), {})
                files[name] = ""
            elif name:
                files[name] += line
    return [images.Layer(images.tar(files), pack="none", media=images.OCI + "layer.v1.tar") for _, files in sorted(layers.items())]


def timeless(text):
    """The report without what depends on when and where it was made."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME", text)
    text = re.sub(r'("(?:data_)?age_seconds": ?)\d+', r'\1"AGE"', text)
    text = re.sub(r"\b\d+ (?:s|min) old\b", "AGE old", text)
    text = re.sub(r"^  end of life: .*\n", "", text, flags=re.M)
    text = re.sub(r'("is_end_of_life": ?)(?:true|false)', r'\1"BY DATE"', text)
    return re.sub(r"\boci:\S*/image\b", "oci:image", text)


def scan(clair, target, name):
    text = timeless(clair.run("scan", "--format", name, target, want=0).out)
    return json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n" if text.startswith("{") else text


@pytest.mark.parametrize("case", CASES)
def test_reports_are_as_they_were(clair, tmp_path, case):
    top = os.path.join(HERE, case)
    target = images.oci(tmp_path / "image", *layers_of(os.path.join(top, "image.txtar")))
    clair.run("update", "--mirror", os.path.join(top, "feeds"), *SETS.get(case, [case]), want=0)
    for name, path in FORMATS.items():
        found = scan(clair, target, name)
        if os.environ.get("GOLDEN_UPDATE"):
            with open(os.path.join(top, path), "w", encoding="utf-8") as out:
                out.write(found)
        with open(os.path.join(top, path), encoding="utf-8") as wanted:
            assert found == wanted.read(), f"{case}/{path}"


@pytest.mark.parametrize("case", CASES)
def test_another_store_and_another_order_of_layers_say_the_same(clair, tmp_path, case):
    top = os.path.join(HERE, case)
    target = images.oci(tmp_path / "image", *layers_of(os.path.join(top, "image.txtar")))
    first = scan(clair, target, "index")
    for layer in layers_of(os.path.join(top, "image.txtar"))[::-1]:
        clair.run("scan", "--format", "index", images.oci(tmp_path / layer.digest[7:19], layer))
    assert scan(clair, target, "index") == first
    clair.data += "-again"
    assert scan(clair, target, "index") == first


@pytest.mark.parametrize("statuses, left", [
    ("will_not_fix", {"fixed", "affected", "no advisory", "fix deferred", "end of life"}),
    ("will-not-fix,end of life, no_advisory", {"fixed", "affected", "fix deferred"}),
    ("affected", {"fixed", "will not fix", "no advisory", "fix deferred", "end of life"}),
    ("fixed,affected", {"will not fix", "no advisory", "fix deferred", "end of life"}),
])
def test_statuses_can_be_left_out(clair, tmp_path, statuses, left):
    top = os.path.join(HERE, "debian")
    target = images.oci(tmp_path / "image", *layers_of(os.path.join(top, "image.txtar")))
    clair.run("update", "--mirror", os.path.join(top, "feeds"), "debian", want=0)
    done = clair.run("scan", "--format", "json", "--ignore-status", statuses, target, want=0)
    report = json.loads(done.out)
    found = {f["advisory"]["status"].replace("_", " ") for f in report["findings"] if f["verdict"] == "affected"}
    assert found == left
    assert report["hidden_findings"] > 0
    assert "--ignore-status" in clair.run("scan", "--format", "plain", "--ignore-status", statuses, target, want=0).out


def test_a_status_that_is_none_is_answered_with_the_nearest(clair):
    assert "end_of_life" in clair.run("scan", "--ignore-status", "end_of_live", "oci:x", want=64).err
