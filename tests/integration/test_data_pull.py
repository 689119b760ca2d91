# SPDX-License-Identifier: Apache-2.0
"""`clair data pull`: prebuilt databases come over whole or as changes, go on where a download broke off, from any mirror, and
whatever a server does, what was in force stays until something better is checked."""
import json
import os
import random
import shutil
import subprocess
import time

import pytest

import depot
import feeds
import images
import stores
from program import Clair

STATES, SOURCES, BEGINNING = 3, 20000, 256 * 1024


@pytest.fixture(scope="module")
def made(program_path, tmp_path_factory):
    """A folder of databases as it was after each of some publications: 0/, 1/, ..., and the data that they were made from."""
    top = tmp_path_factory.mktemp("made")
    dice = random.Random(1)
    names = [f"{dice.getrandbits(128):032x}" for _ in range(SOURCES)]  # nothing to compress
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", top / "private.pem"], check=True)
    subprocess.run(["openssl", "pkey", "-in", top / "private.pem", "-pubout", "-out", top / "public.pem"], check=True)
    maker = Clair(program_path, top / "data", top)
    for state in range(STATES):
        feeds.debian(top / "feeds", {**{n: {f"CVE-2090-{i}": {"bookworm": "1"}} for i, n in enumerate(names)},
                                     "openssl": {"CVE-2090-99999": {"bookworm": f"3.0.{state + 11}-1"}}})
        os.utime(top / "feeds/debian/tracker/data/json", (2000000000 + state,) * 2)
        maker.run("update", "--mirror", top / "feeds", want=0)
        maker.run("data", "export", "--to-folder", "--sign-key", top / "private.pem", top / "folder", want=0)
        shutil.copytree(top / "folder", top / str(state))
        shutil.copytree(top / "data", top / f"data-{state}")
    return top


@pytest.fixture
def served(made, tmp_path):
    """The newest folder, which a test may spoil."""
    shutil.copytree(made / str(STATES - 1), tmp_path / "served")
    with depot.Depot(tmp_path / "served") as server:
        yield server


def index_of(folder):
    with open(os.path.join(folder, "index.json"), encoding="utf-8") as f:
        return json.load(f)


def write_index(folder, index):
    with open(os.path.join(folder, "index.json"), "w", encoding="utf-8") as f:
        json.dump(index, f)


def full_of(folder):
    return index_of(folder)["full"]


def pull(clair, *args, want=0):
    return clair.run("data", "pull", "-v", *args, want=want)


def start_from(clair, made, state):
    """Data of an earlier publication."""
    pull(clair, f"{made / str(state)}/")
    assert content(clair) == full_of(made / str(state))["content"]


def content(clair):
    """The digest of what is in force, or None."""
    if not os.path.exists(f"{clair.data}/advisories.db"):
        return None
    shutil.rmtree(f"{clair.home}/check", ignore_errors=True)
    clair.run("data", "export", "--to-folder", f"{clair.home}/check", want=0)
    return full_of(f"{clair.home}/check")["content"]


def left(clair):
    return sorted(n for n in os.listdir(clair.data) if n.startswith("pull."))


def newest(made):
    return full_of(made / str(STATES - 1))["content"]


def test_a_folder_a_file_and_paths_give_the_same(clair, made, served):
    full = full_of(served.top)
    for url in (f"{served.url}/", f"{served.url}/{full['name']}", f"file://{served.top}", served.top,
                f"{served.top}/{full['name']}"):
        shutil.rmtree(clair.data, ignore_errors=True)
        served.sent = 0
        assert "the whole database" in pull(clair, url).out, url
        assert content(clair) == newest(made) and left(clair) == []
        assert served.sent < full["size"] + 8192
        served.sent = 0
        assert "already current" in pull(clair, url).out, url
        assert served.sent <= BEGINNING


def test_only_changes_are_fetched(clair, made, served):
    for state, changes in ((STATES - 2, "1 change applied"), (0, "2 changes applied")):
        shutil.rmtree(clair.data, ignore_errors=True)
        start_from(clair, made, state)
        served.sent = 0
        assert changes in pull(clair, f"{served.url}/").out
        assert content(clair) == newest(made) and left(clair) == []
        assert served.sent < full_of(served.top)["size"] / 20


@pytest.mark.parametrize("spoil", ["gone", "tampered", "of something else"])
def test_changes_that_fail_cost_a_whole_database(clair, made, served, spoil):
    start_from(clair, made, 0)
    index = index_of(served.top)
    last = index["deltas"][-1]
    if spoil == "gone":
        os.unlink(f"{served.top}/{last['name']}")
    elif spoil == "tampered":
        served.faults[last["name"]] = [depot.other_bytes] * 2
    else:
        write_index(served.top, {**index, "deltas": [{**last, "from": index["deltas"][0]["from"]}]})
    done = pull(clair, f"{served.url}/")
    assert "the whole database is fetched" in done.err and "the whole database, " in done.out
    assert content(clair) == newest(made) and left(clair) == []


def test_a_cut_download_goes_on(clair, made, served):
    full = full_of(served.top)
    served.faults[full["name"]] = [depot.cut_after(200000), depot.cut_after(100000)]
    pull(clair, f"{served.url}/")
    assert [asked for name, asked in served.asked if name == full["name"]] == [
        f"bytes={n}-{full['size'] - 1}" for n in (0, 200000, 300000)]
    assert served.sent < full["size"] + 8192
    assert content(clair) == newest(made)


@pytest.mark.parametrize("is_folder", [True, False])
def test_the_next_run_goes_on(clair, made, served, is_folder):
    full = full_of(served.top)
    url = f"{served.url}/{'' if is_folder else full['name']}"
    served.faults[full["name"]] = [depot.cut_after(300000)] + [depot.status(404)]
    pull(clair, url, want=1)
    assert left(clair) == ["pull.part"] and os.path.getsize(f"{clair.data}/pull.part") == 300000
    served.sent = 0
    assert "going on after 300000 bytes" in pull(clair, url).err
    assert served.sent < full["size"] - 300000 + 65536
    assert content(clair) == newest(made) and left(clair) == []


@pytest.mark.parametrize("is_folder", [True, False])
def test_the_next_mirror_goes_on(clair, made, served, is_folder):
    full = full_of(served.top)
    with depot.Depot(served.top) as second:
        served.faults[full["name"]] = [depot.cut_after(300000), depot.status(404)]
        done = pull(clair, *(f"{s.url}/{'' if is_folder else full['name']}" for s in (served, second)))
        assert "the next mirror is asked" in done.err and second.url in done.out
        assert second.sent < full["size"] - 300000 + 65536
    assert content(clair) == newest(made) and left(clair) == []


@pytest.mark.parametrize("fault", [depot.status(404), depot.status(403), depot.page])
def test_mirrors_that_do_not_serve_are_passed_over(clair, made, served, fault, tmp_path):
    with depot.Depot(served.top) as bad:
        bad.faults["index.json"] = [fault]
        done = pull(clair, f"{bad.url}/", f"{tmp_path}/nothing/", f"{served.url}/")
    assert done.err.count("the next mirror is asked") == 2
    assert content(clair) == newest(made)


def test_trouble_that_passes_is_waited_for(clair, made, served):
    served.faults["index.json"] = [depot.status(500), depot.status(503)]
    assert "next mirror" not in pull(clair, f"{served.url}/").err
    assert content(clair) == newest(made)


def test_a_server_without_ranges(clair, made, served):
    full = full_of(served.top)
    pull(clair, f"{served.url}/")
    shutil.rmtree(clair.data)
    served.faults[full["name"]] = [depot.cut_after(300000), depot.status(404)]
    pull(clair, f"{served.url}/", want=1)
    served.has_ranges = False
    pull(clair, f"{served.url}/")
    assert content(clair) == newest(made)
    shutil.rmtree(clair.data)
    pull(clair, f"{served.url}/{full['name']}")
    assert content(clair) == newest(made)


@pytest.mark.parametrize("fault", [depot.other_bytes, depot.page, depot.other_range])
def test_what_is_tampered_with_puts_nothing_in_force(clair, made, served, fault):
    start_from(clair, made, 0)
    before = content(clair)
    full = full_of(served.top)
    write_index(served.top, {**index_of(served.top), "deltas": []})
    served.faults[full["name"]] = [fault] * 4
    pull(clair, f"{served.url}/", want=1)
    assert content(clair) == before and left(clair) == []
    served.faults[full["name"]] = [fault] * 4
    pull(clair, f"{served.url}/{full['name']}", want=1)
    assert content(clair) == before
    served.faults.clear()
    assert pull(clair, f"{served.url}/") and content(clair) == newest(made)


def test_a_part_that_is_wrong_is_begun_again(clair, made, served):
    full = full_of(served.top)
    with open(f"{served.top}/{full['name']}", "rb") as f:
        data = f.read()
    os.makedirs(clair.data)
    for part in (data[:299999] + b"?", data + b"more", b"something else" * 20000, data[:-1] + bytes([data[-1] ^ 1])):
        shutil.rmtree(clair.data)
        os.makedirs(clair.data)
        with open(f"{clair.data}/pull.part", "wb") as f:
            f.write(part)
        pull(clair, f"{served.url}/")
        assert content(clair) == newest(made) and left(clair) == []


@pytest.mark.parametrize("name", ["../x.clair", "/etc/passwd", "a/b", ".hidden", "", "http://other/", "x?y", "a\u0000b", "n" * 129])
def test_names_of_an_index_lead_nowhere(clair, served, name):
    index = index_of(served.top)
    write_index(served.top, {**index, "full": {**index["full"], "name": name}})
    assert "index" in pull(clair, f"{served.url}/", want=1).err
    assert {asked for asked, _ in served.asked} == {"index.json"}
    write_index(served.top, {**index, "deltas": [{**index["deltas"][0], "name": name}]})
    assert "index" in pull(clair, f"{served.url}/", want=1).err
    assert {asked for asked, _ in served.asked} == {"index.json"}


def test_an_index_that_is_none(clair, served):
    for text in ("", "[]", "{}", '{"format":2}', "x" * (1 << 20) + "x"):
        with open(f"{served.top}/index.json", "w", encoding="utf-8") as f:
            f.write(text)
        pull(clair, f"{served.url}/", want=1)


def test_what_a_size_says_is_all_that_is_taken(clair, served):
    index = index_of(served.top)
    write_index(served.top, {**index, "full": {**index["full"], "size": 1000}, "deltas": []})
    served.has_ranges = False
    pull(clair, f"{served.url}/", want=1)
    assert left(clair) == [] or os.path.getsize(f"{clair.data}/pull.part") <= 1000


def test_signatures(clair, made, served, tmp_path):
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", tmp_path / "other.pem"], check=True)
    subprocess.run(["openssl", "pkey", "-in", tmp_path / "other.pem", "-pubout", "-out", tmp_path / "other.pub"], check=True)
    pull(clair, "--require-signature", f"{served.url}/", want=64)
    for url in (f"{served.url}/", f"{served.url}/{full_of(served.top)['name']}"):
        pull(clair, "--verify-key", tmp_path / "other.pub", url, want=1)
        assert content(clair) is None and left(clair) == []
    start_from(clair, made, 0)
    pull(clair, "--verify-key", tmp_path / "other.pub", f"{served.url}/", want=1)
    assert content(clair) == full_of(made / "0")["content"]
    assert "2 changes" in pull(clair, "--verify-key", made / "public.pem", "--require-signature", f"{served.url}/").out
    assert content(clair) == newest(made)


def test_usage(clair):
    pull(clair, want=64)
    assert "oci://" in pull(clair, "ftp://example.org/", want=1).err
    clair.env["CLAIR_DATA_URL"] = f"{clair.home}/none/ {clair.home}/nothing/"
    assert "the next mirror" in pull(clair, want=1).err


# ---- scans ----

@pytest.fixture
def image(tmp_path):
    return images.oci(tmp_path / "image", {"etc/os-release": images.DEBIAN_RELEASE, "var/lib/dpkg/status": images.dpkg_status(
        ("openssl", "3.0.10-1"))})


def test_a_scan_without_data_says_how_to_get_some(clair, served, image):
    assert "run `clair update` first, or scan with --auto-update" in clair.run("scan", image, want=3).err
    assert "or `clair data pull`" in clair.run("scan", "--data-url", f"{served.url}/", image, want=3).err
    assert served.asked == []


def test_a_scan_gets_its_data(clair, served, image):
    clair.env["CLAIR_DATA_URL"] = f"{served.url}/"
    done = clair.run("scan", "--auto-update", "--format", "json", image, want=0)
    assert "CVE-2090-99999" in done.out and done.json()
    asked = len(served.asked)
    clair.run("scan", "--auto-update", image, want=0)
    assert len(served.asked) == asked, "fresh data are not asked for"


def test_a_scan_renews_data_of_a_day_ago(clair, made, served, image):
    start_from(clair, made, 0)
    stores.Sqlite(str(clair.data)).run(f"UPDATE updater SET last_success = {int(time.time()) - 2 * 86400}")
    args = ("scan", "--auto-update", "--data-url", f"{served.url}/", "--format", "json", image)
    served.faults["index.json"] = [depot.status(404)]
    assert "could not be renewed" in clair.run(*args, want=0).err
    assert '"3.0.11-1"' in clair.run("scan", "--format", "json", image, want=0).out
    assert f'"3.0.{STATES + 10}-1"' in clair.run(*args, want=0).out


def test_a_scan_that_cannot_get_data_fails(clair, image):
    assert clair.run("scan", "--auto-update", "--data-url", f"{clair.home}/none/", image).status in (1, 3)


def test_a_person_is_asked(clair, served, image):
    clair.env["CLAIR_DATA_URL"] = f"{served.url}/"
    for answer, status in ((b"n\n", 3), (b"\n", 0)):
        ours, theirs = os.openpty()
        with subprocess.Popen(clair.command("scan", image), env=clair.env, stdin=theirs, stderr=theirs,
                              stdout=subprocess.DEVNULL, start_new_session=True) as process:
            os.close(theirs)
            said = b""
            while b"[Y/n]" not in said:
                said += os.read(ours, 1000)
            os.write(ours, answer)
            try:
                while os.read(ours, 1000):
                    pass
            except OSError:
                pass
            assert process.wait(60) == status
        os.close(ours)
