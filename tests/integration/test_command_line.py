# SPDX-License-Identifier: Apache-2.0
"""What the command line promises apart from scanning: help, errors that name the nearest valid word, exit statuses."""
import pytest

import feeds
import images

USAGE = 64


def test_version_names_program_and_number(clair):
    done = clair.run("version", want=0)
    assert "clair" in done.out.lower() and "0.1.0" in done.out


def test_no_command_is_a_usage_error_that_lists_the_commands(clair):
    done = clair.run(want=USAGE)
    assert all(word in done.err for word in ("scan", "update", "data"))


@pytest.mark.parametrize("words", [("--help",), ("scan", "--help"), ("update", "--help"), ("data", "--help"),
                                   ("data", "status", "--help"), ("data", "clean", "--help"), ("version", "--help")])
def test_help_is_everywhere(clair, words):
    done = clair.run(*words, want=0)
    assert "usage" in done.out.lower()


@pytest.mark.parametrize("words, nearest", [
    (("scna", "oci:x"), "scan"),
    (("updaet",), "update"),
    (("scan", "--formt", "json", "oci:x"), "--format"),
    (("scan", "--format", "jsn", "oci:x"), "json"),
    (("scan", "ocj:x"), "oci"),
    (("update", "alpin"), "alpine"),
    (("data", "stats"), "status"),
])
def test_a_slip_of_the_pen_is_answered_with_the_nearest_word(clair, words, nearest):
    done = clair.run(*words, want=USAGE)
    assert nearest in done.err


def test_scan_without_a_target_is_a_usage_error(clair):
    clair.run("scan", want=USAGE)


def test_a_target_that_is_not_there_is_an_error(clair, tmp_path):
    done = clair.run("scan", f"oci:{tmp_path}/nothing", want=1)
    assert "nothing" in done.err


def test_status_of_an_empty_data_directory(clair):
    done = clair.run("data", "status", want=0)
    assert clair.data in done.out


def test_scan_without_advisories_says_what_to_do_and_exits_3(clair, tmp_path):
    target = images.oci(tmp_path / "image", {"etc/os-release": images.ALPINE_RELEASE,
                                             "lib/apk/db/installed": images.apk_installed(("musl", "1.2.5-r0"))})
    done = clair.run("scan", target, want=3)
    assert "clair update" in done.err


def test_the_index_report_needs_no_advisories(clair, tmp_path):
    target = images.oci(tmp_path / "image", {"etc/os-release": images.ALPINE_RELEASE,
                                             "lib/apk/db/installed": images.apk_installed(("musl", "1.2.5-r0"))})
    report = clair.run("scan", "--format", "index", target, want=0).json()
    assert [p["name"] for p in report["packages"].values()] == ["musl"]


def test_update_then_status_names_the_updaters(clair, tmp_path):
    mirror = feeds.alpine(tmp_path / "feeds", {"musl": {"1.2.5-r1": ["CVE-2090-1"]}})
    clair.run("update", "--mirror", mirror, "alpine", want=0)
    assert "alpine" in clair.run("data", "status", want=0).out


def test_update_from_nowhere_is_an_error_and_leaves_what_there_was(clair, tmp_path):
    mirror = feeds.alpine(tmp_path / "feeds", {"musl": {"1.2.5-r1": ["CVE-2090-1"]}})
    clair.run("update", "--mirror", mirror, "alpine", want=0)
    assert clair.run("update", "--mirror", tmp_path / "nowhere", "alpine").status == 1
    target = images.oci(tmp_path / "image", {"etc/os-release": images.ALPINE_RELEASE,
                                             "lib/apk/db/installed": images.apk_installed(("musl", "1.2.5-r0"))})
    assert "CVE-2090-1" in clair.run("scan", target).out


def test_output_to_a_file(clair, tmp_path):
    target = images.oci(tmp_path / "image", {"etc/os-release": images.ALPINE_RELEASE})
    done = clair.run("scan", "--format", "index", "-o", tmp_path / "report.json", target, want=0)
    assert not done.out and (tmp_path / "report.json").read_text().startswith("{")


def test_an_unknown_distribution_warns_and_is_an_error_on_demand(clair, tmp_path):
    mirror = feeds.alpine(tmp_path / "feeds", {"musl": {"1.2.5-r1": ["CVE-2090-1"]}})
    clair.run("update", "--mirror", mirror, "alpine", want=0)
    target = images.oci(tmp_path / "image", {"etc/os-release": "ID=plan9\nVERSION_ID=4\n", "bin/rc": "x"})
    done = clair.run("scan", target, want=0)
    assert "distribution" in (done.out + done.err).lower()
    clair.run("scan", "--require-coverage", target, want=3)


def test_a_distribution_without_support_warns_and_exits_2_on_demand(clair, tmp_path):
    clair.run("update", "--mirror", feeds.alpine(tmp_path / "feeds", {"musl": {"1.2.5-r1": ["CVE-2090-1"]}}), "alpine", want=0)
    release = 'ID=alpine\nNAME="Alpine Linux"\nVERSION_ID=3.10.9\nPRETTY_NAME="Alpine Linux v3.10"\n'
    database = images.apk_installed(("musl", "1.2.5-r0"))
    old = images.oci(tmp_path / "old", {"etc/os-release": release, "lib/apk/db/installed": database})
    done = clair.run("scan", old)
    assert "no support since 2021-05-01" in done.out and "no support since 2021-05-01" in done.err
    clair.run("scan", "--exit-on-eol", old, want=2)
    clair.run("scan", "--exit-on-eol", "--exit-code", "9", old, want=9)
    edge = images.oci(tmp_path / "edge", {"etc/os-release": release.replace("3.10.9", "3.21.0_alpha20240923"),
                                           "lib/apk/db/installed": database})
    assert clair.run("scan", "--exit-on-eol", edge).status != 2


def test_feeds_that_are_too_old_for_the_option_exit_3(clair, tmp_path):
    import time
    mirror = feeds.alpine(tmp_path / "feeds", {"musl": {"1.2.5-r1": ["CVE-2090-1"]}})
    clair.run("update", "--mirror", mirror, "alpine", want=0)
    target = images.oci(tmp_path / "image", {"etc/os-release": images.ALPINE_RELEASE,
                                             "lib/apk/db/installed": images.apk_installed(("musl", "1.2.5-r0"))})
    clair.run("scan", target, want=0)
    time.sleep(2.1)
    clair.run("scan", "--max-data-age", "1s", target, want=3)
