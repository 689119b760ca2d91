# SPDX-License-Identifier: Apache-2.0
"""Time travel: `clair scan --as-of` says what a scan said at that time, and refuses what it cannot know."""
import datetime
import sqlite3
import time

import pytest

import feeds
import images

USAGE, DAY = 64, 86400
STATES = [  # of the tracker, one after another: a fix appears, a flaw goes, another comes, and the first state returns
    {"openssl": {"CVE-2090-1": {"bookworm": None}, "CVE-2090-2": {"bookworm": "3.0.11-1"}}},
    {"openssl": {"CVE-2090-1": {"bookworm": "3.0.12-1"}}, "bash": {"CVE-2090-3": {"bookworm": "5.3-1"}}},
    {"openssl": {"CVE-2090-1": {"bookworm": None}, "CVE-2090-2": {"bookworm": "3.0.11-1"}}},
]


def image_of(top):
    return images.oci(top / "image", {"etc/os-release": images.DEBIAN_RELEASE, "var/lib/dpkg/status": images.dpkg_status(
        ("openssl", "3.0.10-1"), ("bash", "5.2-1"))})


def rfc3339(utc):
    return datetime.datetime.fromtimestamp(utc, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def next_second():
    """Leave the second that anything was done in; the one that was left."""
    left = int(time.time())
    time.sleep(left + 1.02 - time.time())
    return left


def lasting(report):
    """What does not depend on when it is asked."""
    if isinstance(report, dict):
        return {key: lasting(value) for key, value in report.items()
                if key not in ("created_at", "as_of", "data_age_seconds", "last_success")}
    return [lasting(value) for value in report] if isinstance(report, list) else report


def update(clair, top, state, *more, want=0):
    clair.run("update", "debian", "--mirror", feeds.debian(top / "mirror", state), *more, want=want)


def shift(clair, seconds):
    """As if all had happened so much earlier."""
    with sqlite3.connect(f"{clair.data}/advisories.db") as db:
        db.execute("UPDATE update_operation SET date = date - ?", (seconds,))
        db.execute("UPDATE forgotten SET since = since - ?, until = until - ?", (seconds, seconds))
        db.execute("UPDATE updater SET last_success = last_success - ?, last_attempt = last_attempt - ?,"
                   " changed_at = changed_at - ?", (seconds, seconds, seconds))
    db.close()


def names(report):
    return [f["vulnerability"]["id"] for f in report["findings"]]


def test_any_date_is_answered_as_it_was_then(clair, tmp_path):
    target, then = image_of(tmp_path), []
    for state in STATES:
        update(clair, tmp_path, state)
        update(clair, tmp_path, state)  # unchanged
        report = clair.run("scan", "-f", "json", target, want=0).json()
        then.append((next_second(), report))
    for moment, report in then:
        again = clair.run("scan", "-f", "json", "--as-of", rfc3339(moment), target, want=0).json()
        assert again["as_of"] == rfc3339(moment) and "as_of" not in report
        assert lasting(again) == lasting(report)
    assert names(then[0][1]) == names(then[2][1]) != names(then[1][1])


def test_the_report_for_people_says_of_when_it_is(clair, tmp_path):
    update(clair, tmp_path, STATES[0])
    moment = rfc3339(next_second())
    assert f"As of {moment}" in clair.run("scan", "-f", "plain", "--as-of", moment, image_of(tmp_path), want=0).out
    assert "As of" not in clair.run("scan", "-f", "plain", image_of(tmp_path / "2"), want=0).out
    fixed = images.oci(tmp_path / "fixed", {"etc/os-release": images.DEBIAN_RELEASE,
                                            "var/lib/dpkg/status": images.dpkg_status(("openssl", "3.9-1"))})
    update(clair, tmp_path, {"openssl": {"CVE-2090-1": {"bookworm": "3.1-1"}}})
    today = clair.run("scan", "-f", "plain", "--as-of", rfc3339(next_second()), fixed, want=0)
    assert "No known vulnerabilities" in today.out and "As of" in today.out


def test_a_date_before_history_is_refused_and_the_earliest_is_named(clair, tmp_path):
    target = image_of(tmp_path)
    before = rfc3339(int(time.time()) - DAY)
    update(clair, tmp_path, STATES[0])
    with sqlite3.connect(f"{clair.data}/advisories.db") as db:
        first = rfc3339(db.execute("SELECT min(date) FROM update_operation").fetchone()[0])
    db.close()
    assert first in clair.run("scan", "--as-of", before, target, want=1).err
    assert f"from {first} on" in clair.run("data", "status", want=0).out
    assert clair.run("data", "status", "-f", "json", want=0).json()["advisories"]["history_since"] == first
    clair.run("scan", "--as-of", first, target, want=0)


@pytest.mark.parametrize("words", [
    ("--as-of", "yesterday"), ("--as-of", "2026-02-31"), ("--as-of", "2026-13-01"), ("--as-of", "2026-08-01T25:00:00Z"),
    ("--as-of", "2026-08-01T12:00:00"), ("--as-of", "9999-01-01"), ("--as-of", "2999-01-01T00:00:00Z"),
    ("--as-of", "2020-01-01", "-f", "index"), ("--as-of", "2020-01-01", "--max-data-age", "2d")])
def test_what_is_no_past_date_or_makes_no_sense_with_one_is_a_usage_error(clair, tmp_path, words):
    assert "--as-of" in clair.run("scan", *words, image_of(tmp_path), want=USAGE).err


def test_a_day_is_its_end_and_today_is_now(clair, tmp_path):
    target = image_of(tmp_path)
    update(clair, tmp_path, STATES[0])
    shift(clair, 3 * DAY)
    update(clair, tmp_path, STATES[1])
    day = rfc3339(time.time() - 2 * DAY)[:10]
    report = clair.run("scan", "-f", "json", "--as-of", day, target, want=0).json()
    assert report["as_of"] == f"{day}T23:59:59Z" and "CVE-2090-2" in names(report)
    today = clair.run("scan", "-f", "json", "--as-of", rfc3339(time.time())[:10], target, want=0).json()
    assert names(today) == names(clair.run("scan", "-f", "json", target, want=0).json())


def test_90_days_are_kept_and_no_more(clair, tmp_path):
    target = image_of(tmp_path)
    for state in STATES:  # 170, 120 and 50 days ago; 90 days ago the second was in force
        update(clair, tmp_path, state)
        shift(clair, 70 * DAY if state is STATES[1] else 50 * DAY)
    update(clair, tmp_path, STATES[1])

    def of(days, want=0):
        return clair.run("scan", "-f", "json", "--as-of", rfc3339(time.time() - days * DAY), target, want=want)

    assert names(of(89).json()) == names(of(60).json()) == names(of(119).json())
    assert "CVE-2090-2" in names(of(40).json())
    of(130, want=1)
    clair.run("data", "clean", "--history", "30d", want=0)
    assert "CVE-2090-2" in names(of(40).json())
    of(60, want=1)
    clair.run("data", "clean", "--history", "0s", want=0)
    of(1, want=1)
    assert "CVE-2090-3" in names(clair.run("scan", "-f", "json", target, want=0).json())


def test_a_longer_history_can_be_kept(clair, tmp_path):
    target = image_of(tmp_path)
    update(clair, tmp_path, STATES[0])
    shift(clair, 200 * DAY)
    update(clair, tmp_path, STATES[1], "--history", "52w")
    shift(clair, 100 * DAY)
    update(clair, tmp_path, STATES[2], "--history", "52w")
    report = clair.run("scan", "-f", "json", "--as-of", rfc3339(time.time() - 150 * DAY), target, want=0).json()
    assert "CVE-2090-2" in names(report)


def test_without_advisories_then_nothing_is_claimed(clair, tmp_path):
    target = image_of(tmp_path)
    mirror = feeds.alpine(tmp_path / "alpine", {"musl": {"1.2.4-r1": ["CVE-2090-1"]}})
    clair.run("update", "alpine", "--mirror", mirror, want=0)
    moment = rfc3339(next_second())
    update(clair, tmp_path, STATES[0])
    done = clair.run("scan", "--as-of", moment, target, want=3)
    assert "there were no advisories for Debian" in done.err
