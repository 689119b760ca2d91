# SPDX-License-Identifier: Apache-2.0
"""What enrichers say of CVE ids, from a mirror to reports: ratings where Alpine publishes none, figures beside them, an order."""
import gzip
import json
import re

import pytest

import images

CVSS = "message/vnd.clair.map.vulnerability; enricher=clair.cvss schema=https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema"
RATED = {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "baseScore": 9.8, "baseSeverity": "CRITICAL"}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content.encode()) if path.suffix == ".gz" else content.encode())


@pytest.fixture
def mirror(tmp_path):
    top = tmp_path / "mirror"
    write(top / "alpine/v3.20/main.json", json.dumps({"packages": [
        {"pkg": {"name": "musl", "secfixes": {"1.2.5-r1": ["CVE-2014-0160", "CVE-2014-6271", "CVE-2015-0001"]}}}]}))
    write(top / "nvd/nvdcve-2.0-2014.json.gz", json.dumps({"vulnerabilities": [
        {"cve": {"id": "CVE-2014-6271", "vulnStatus": "Analyzed", "metrics": {"cvssMetricV31": [{"type": "Primary", "cvssData": RATED}]}}}]}))
    write(top / "epss/epss_scores-2025-08-25.csv.gz",
          "#model_version:v2025.03.14,score_date:2025-08-25T00:00:00+0000\ncve,epss,percentile\nCVE-2014-0160,0.94325,0.99\n")
    write(top / "kev/known_exploited_vulnerabilities.json", json.dumps({"catalogVersion": "2025.08.25", "vulnerabilities": [
        {"cveID": "CVE-2015-0001", "dateAdded": "2022-05-04", "dueDate": "2022-05-25", "knownRansomwareCampaignUse": "Known"}]}))
    return top


@pytest.fixture
def target(tmp_path):
    return images.oci(tmp_path / "image", {"etc/os-release": images.ALPINE_RELEASE,
                                           "lib/apk/db/installed": images.apk_installed(("musl", "1.2.5-r0"))})


def order(clair, target, *options):
    report = json.loads(clair.run("scan", "--format", "json", *options, target).out)
    return [finding["vulnerability"]["id"] for finding in report["findings"]]


def test_ratings_come_with_an_update_and_fill_in_what_the_publisher_leaves_out(clair, mirror, target):
    clair.run("update", "--mirror", mirror, "alpine", want=0)
    clair.run("scan", "--fail-on", "high", target, want=0)
    assert "CVSS" not in clair.run("scan", "--format", "plain", target, want=0).out
    clair.run("update", "--mirror", mirror)
    clair.run("scan", "--fail-on", "high", target, want=2)
    plain = clair.run("scan", "--format", "plain", target, want=0).out
    assert "CRITICAL" in plain and " 9.8 " in plain and "EPSS" not in plain and "KEV" not in plain
    report = json.loads(clair.run("scan", "--format", "json", target, want=0).out)
    assert report["findings"][0]["vulnerability"]["normalized_severity"] == "Unknown"
    assert report["findings"][0]["rating"] == {"severity": "Critical", "severity_source": "cvss", "epss": None, "exploited": None,
                                               "cvss": {"score": 9.8, "vector": RATED["vectorString"]}}


def test_predictions_and_known_exploitation_are_opt_in_and_sort(clair, mirror, target):
    clair.run("update", "--mirror", mirror, "alpine", "clair.cvss", "clair.epss", "clair.kev", want=0)
    told = {u["name"]: u for u in clair.run("data", "status", "--format", "json", want=0).json()["advisories"]["updaters"]}
    for name in ("clair.cvss", "clair.epss", "clair.kev"):
        assert told[name]["enrichments"] > 0 and told[name]["advisories"] == 0
        assert re.search(rf"^ +{name} +{told[name]['enrichments']} ", clair.run("data", "status", want=0).out, re.M)
    assert order(clair, target) == ["CVE-2014-6271", "CVE-2014-0160", "CVE-2015-0001"]
    assert order(clair, target, "--sort", "epss")[0] == "CVE-2014-0160"
    assert order(clair, target, "--sort", "kev")[:2] == ["CVE-2015-0001", "CVE-2014-6271"]
    assert "epss" in clair.run("scan", "--sort", "epps", target, want=64).err
    plain = clair.run("scan", "--format", "plain", target, want=0).out
    assert " 0.943 " in plain and " yes " in plain


def test_the_report_of_clair_has_the_data_of_what_it_lists(clair, mirror, target):
    clair.run("update", "--mirror", mirror, "alpine", "clair.cvss", want=0)
    report = json.loads(clair.run("scan", "--format", "clair", target, want=0).out)
    [said] = report["enrichments"][CVSS]
    [(advisory, data)] = said.items()
    assert report["vulnerabilities"][advisory]["name"] == "CVE-2014-6271" and data == [RATED]
    hidden = json.loads(clair.run("scan", "--format", "clair", "--severity", "low", target, want=0).out)
    assert hidden["enrichments"] == {} and hidden["vulnerabilities"] == {}
