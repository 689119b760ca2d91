# SPDX-License-Identifier: Apache-2.0
"""Feeds as large as publishers' are, laid out as a mirror has them; made up, the same bytes each time. Texts are of few words,
so they compress better than real ones."""
import bz2
import datetime
import gzip
import io
import json
import os
import random
import shutil
import tarfile
import zipfile

WORDS = ("buffer overflow heap use after free integer parser crafted remote attacker denial service memory disclosure input file "
         "header length check missing null pointer race condition").split()
RELEASES = (("bullseye", "11.9"), ("bookworm", "12.5"), ("trixie", "13.1"))


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(content if isinstance(content, bytes) else content.encode())


def text(dice, words):
    return " ".join(dice.choices(WORDS, k=words)).capitalize() + "."


def version(dice):
    return f"{dice.randrange(9)}.{dice.randrange(30)}.{dice.randrange(20)}"


def cve(year, n):
    return f"CVE-{year}-{1000 + n}"


def source(n):
    return f"source-{n}"


def debian(top, count):
    dice, tracker = random.Random("debian"), {}
    for n in range(count):
        states = {}
        for release, _ in (*RELEASES, ("sid", "")):
            state = {"repositories": {release: version(dice) + "-1", release + "-security": version(dice) + "-1"}, "urgency":
                     dice.choice(("not yet assigned", "unimportant", "low", "medium", "high")), "status": "open"}
            if dice.random() < 0.7:
                state |= {"status": "resolved", "fixed_version": dice.choice(("0", version(dice) + "-2", version(dice) + "-3+deb12u1"))}
            states[release] = state
        tracker.setdefault(source(int(dice.paretovariate(0.9)) % 3000), {})[cve(2020, n)] = {
            "description": text(dice, 25), "scope": "remote", "releases": states}
    write(f"{top}/debian/tracker/data/json", json.dumps(tracker))
    for name, number in RELEASES:
        write(f"{top}/debian/dists/{name}/Release", f"Version: {number}\nCodename: {name}\n")


def alpine(top, count):
    dice = random.Random("alpine")
    for repository in ("main", "community"):
        packages = [{"pkg": {"name": source(n), "secfixes": {f"{version(dice)}-r{i}": [cve(2021, dice.randrange(9000))] for i in range(9)}}}
                    for n in range(count)]
        write(f"{top}/alpine/v3.20/{repository}.json", json.dumps({
            "apkurl": "{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk", "archs": ["x86_64"],
            "reponame": repository, "urlprefix": "https://example.org/alpine", "distroversion": "v3.20", "packages": packages}))
    write(f"{top}/alpine/last-update", "2024-01-01T00:00:00Z\n")


def ubuntu(top, count):
    dice, parts = random.Random("ubuntu"), {"definitions": [], "tests": [], "objects": [], "states": [], "variables": []}
    for n in range(count):
        key, package, name = 100000000 + n * 10, source(dice.randrange(1500)), cve(2022, n)
        at = lambda kind, key=key: f"oval:com.ubuntu.jammy:{kind}:{key}"
        parts["definitions"].append(
            f'<definition class="vulnerability" id="{at("def")}" version="1"><metadata><title>{name} on Ubuntu 22.04 LTS (jammy) - low</title>'
            f'<description>{text(dice, 25)}</description><affected family="unix"><platform>Ubuntu 22.04 LTS</platform></affected>'
            f'<reference source="CVE" ref_id="{name}" ref_url="https://example.org/{name}" /><advisory><severity>Low</severity>'
            f'<public_date>2022-01-01 00:00:00 UTC</public_date></advisory></metadata><criteria><criterion test_ref="{at("tst")}" '
            f'comment="{package} package in jammy was vulnerable but has been fixed (note: \'1.0-1\')." /></criteria></definition>')
        parts["tests"].append(
            f'<linux-def:dpkginfo_test id="{at("tst")}" version="1" check_existence="at_least_one_exists" check="at least one" comment="fixed">'
            f'<linux-def:object object_ref="{at("obj")}"/><linux-def:state state_ref="{at("ste")}"/></linux-def:dpkginfo_test>')
        parts["objects"].append(f'<linux-def:dpkginfo_object id="{at("obj")}" version="1" comment="binaries"><linux-def:name '
                                f'var_ref="{at("var")}" var_check="at least one" /></linux-def:dpkginfo_object>')
        parts["states"].append(f'<linux-def:dpkginfo_state id="{at("ste")}" version="1" comment="less"><linux-def:evr '
                               f'datatype="debian_evr_string" operation="less than">0:{version(dice)}-1ubuntu1</linux-def:evr>'
                               f'</linux-def:dpkginfo_state>')
        parts["variables"].append(f'<constant_variable id="{at("var")}" version="1" datatype="string" comment="binaries">'
                                  f'<value>{package}</value></constant_variable>')
    body = "".join(f"<{kind}>\n" + "\n".join(lines) + f"\n</{kind}>\n" for kind, lines in parts.items())
    write(f"{top}/ubuntu/oval/com.ubuntu.jammy.cve.oval.xml.bz2", bz2.compress((
        '<?xml version="1.0" ?>\n<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" '
        'xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5" '
        'xmlns:linux-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux">\n<generator><oval:schema_version>5.11.1'
        f"</oval:schema_version></generator>\n{body}</oval_definitions>\n").encode()))


def amazon(top, count):
    dice, updates = random.Random("amazon"), []
    for n in range(count):
        packages = "".join(f'<package arch="{arch}" epoch="0" name="{source(n % 900)}-{part}" release="1.{n}.amzn1" version="{version(dice)}">'
                           f"<filename>Packages/{source(n % 900)}-{part}.rpm</filename></package>"
                           for arch in ("i686", "x86_64") for part in ("libs", "devel", "debuginfo"))
        updates.append(
            f'<update author="made" from="made" status="final" type="security" version="1.4"><id>ALAS-2022-{n}</id><title>Amazon Linux - '
            f'ALAS-2022-{n}: important</title><issued date="2022-01-01 00:00:00" /><updated date="2022-01-02 00:00:00" />'
            f"<severity>important</severity><description>{text(dice, 40)}</description><references><reference "
            f'href="https://example.org/{cve(2022, n)}" id="{cve(2022, n)}" title="" type="cve" /></references><pkglist>'
            f'<collection short="amazon-linux"><name>Amazon Linux</name>{packages}</collection></pkglist></update>')
    folder = f"{top}/aws/2018.03/updates/x86_64"
    write(f"{folder}/mirror.list", "http://127.0.0.1/2018.03/updates/x86_64\n")
    write(f"{folder}/repodata/repomd.xml", '<?xml version="1.0"?><repomd><data type="updateinfo"><location '
          'href="repodata/updateinfo.xml.gz"/></data></repomd>')
    write(f"{folder}/repodata/updateinfo.xml.gz", gzip.compress(
        ('<?xml version="1.0" ?><updates>' + "".join(updates) + "</updates>").encode(), 6, mtime=0))


def alma(top, count):
    dice, packed = random.Random("alma"), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(count):
            record = {"schema_version": "1.6.0", "id": f"ALSA-2022:{n}", "modified": "2022-01-02T00:00:00Z",
                      "published": "2022-01-01T00:00:00Z", "related": [cve(2022, n)], "summary": "Important: " + text(dice, 6),
                      "details": text(dice, 120), "references": [{"type": "ADVISORY", "url": f"https://example.org/{n}"}],
                      "affected": [{"package": {"ecosystem": "AlmaLinux:9", "name": f"{source(n % 700)}-{part}"},
                                    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": version(dice) + "-1.el9"}]}]}
                                   for part in ("libs", "devel", "doc")]}
            archive.writestr(zipfile.ZipInfo(record["id"] + ".json", (2024, 1, 1, 0, 0, 0)), json.dumps(record), zipfile.ZIP_DEFLATED)
    write(f"{top}/osv/AlmaLinux:9/all.zip", packed.getvalue())


def nvd(top, count):
    dice = random.Random("nvd")
    for year in (2023, 2024):
        records = [{"cve": {"id": cve(year, n), "published": "2022-01-01T00:00:00.000", "lastModified": "2022-01-01T00:00:00.000",
                            "vulnStatus": "Analyzed", "descriptions": [{"lang": "en", "value": text(dice, 30)}], "metrics": {
                                "cvssMetricV31": [{"source": "made@example.org", "type": "Primary", "cvssData": {
                                    "version": "3.1", "vectorString": f"CVSS:3.1/AV:{dice.choice('NALP')}/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:"
                                    f"{dice.choice('NLH')}", "baseScore": dice.randrange(100) / 10, "baseSeverity": "HIGH"}}]}}}
                   for n in range(count)]
        write(f"{top}/nvd/nvdcve-2.0-{year}.json.gz", gzip.compress(json.dumps({
            "resultsPerPage": count, "startIndex": 0, "totalResults": count, "format": "NVD_CVE", "version": "2.0",
            "timestamp": "2024-01-01T00:00:00.000", "vulnerabilities": records}).encode(), 6, mtime=0))


def epss(top, count):
    dice = random.Random("epss")
    lines = [f"{cve(2015 + n // 30000, n % 30000)},{dice.random():.5f},{dice.random():.5f}\n" for n in range(count)]
    write(f"{top}/epss/epss_scores-2024-01-01.csv.gz", gzip.compress(
        ("#model_version:v2024.01.01,score_date:2024-01-01T00:00:00+0000\ncve,epss,percentile\n" + "".join(lines)).encode(), 6, mtime=0))


def kev(top, count):
    dice = random.Random("kev")
    write(f"{top}/kev/known_exploited_vulnerabilities.json", json.dumps({
        "title": "made", "catalogVersion": "2024.01.01", "dateReleased": "2024-01-01T00:00:00.0000Z", "count": count,
        "vulnerabilities": [{"cveID": cve(2020, n), "vendorProject": "Example", "product": source(n), "vulnerabilityName": text(dice, 5),
                             "dateAdded": "2024-01-01", "shortDescription": text(dice, 20), "requiredAction": "Update.",
                             "dueDate": "2024-02-01", "knownRansomwareCampaignUse": "Unknown", "notes": "", "cwes": []}
                            for n in range(count)]}))


def vex_document(name, day, build=0):
    """What Red Hat says of a vulnerability: some packages of two products are fixed, in another build when so said, others affected."""
    dice = random.Random(name)
    products = [("AppStream-9", "cpe:/a:redhat:enterprise_linux:9::appstream"), ("BaseOS-8", "cpe:/o:redhat:enterprise_linux:8::baseos")]
    helped = lambda key, helper, category="product_version": {"category": category, "name": key, "product": {
        "name": key, "product_id": key, "product_identification_helper": helper}}
    branches, relations, status = [helped(p, {"cpe": cpe}, "product_name") for p, cpe in products], [], {"fixed": [], "known_affected": []}
    for package in sorted({source(dice.randrange(800)) for _ in range(3)}):
        for product, _ in products:
            fixed = dice.random() < 0.6
            release = f"{version(dice)}-{dice.randrange(20) + build}.el{product[-1]}"
            key = f"{package}-0:{release}.x86_64" if fixed else package
            branches.append(helped(key, {"purl": f"pkg:rpm/redhat/{package}@{release}?arch=x86_64" if fixed else
                                         f"pkg:rpm/redhat/{package}?arch=src"}))
            relations.append({"category": "default_component_of", "product_reference": key, "relates_to_product_reference": product,
                              "full_product_name": {"name": f"{key} of {product}", "product_id": f"{product}:{key}"}})
            status["fixed" if fixed else "known_affected"].append(f"{product}:{key}")
    return json.dumps({
        "document": {"category": "csaf_vex", "csaf_version": "2.0", "title": name, "lang": "en", "aggregate_severity": {"text": "Moderate"},
                     "publisher": {"category": "vendor", "name": "made", "namespace": "https://example.org"},
                     "tracking": {"id": name, "status": "final", "version": "1", "current_release_date": day,
                                  "initial_release_date": "2024-01-01T00:00:00+00:00", "revision_history": []}},
        "product_tree": {"branches": [{"category": "vendor", "name": "made", "branches": branches}], "relationships": relations},
        "vulnerabilities": [{"cve": name, "product_status": {key: of for key, of in status.items() if of}, "release_date": day,
                             "notes": [{"category": "description", "text": text(dice, 30), "title": "Vulnerability description"}],
                             "remediations": [{"category": "vendor_fix", "details": "update", "product_ids": status["fixed"],
                                               "url": f"https://example.org/{name}"}] if status["fixed"] else [],
                             "references": [], "threats": [], "scores": [{"products": status["fixed"] + status["known_affected"], "cvss_v3": {
                                 "version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "baseScore": 7.5,
                                 "baseSeverity": "HIGH"}}]}]}, indent=2)


def vex_day(n):
    """When the document was changed last: each an hour before the one before."""
    return (datetime.datetime(2024, 6, 1) - datetime.timedelta(hours=n)).isoformat() + "+00:00"


def vex_path(n):
    return f"2024/{cve(2024, n).lower()}.json"


def redhat(top, count):
    """The archive is not packed, which its readers do not mind."""
    folder, archive = f"{top}/rhel/csaf/v2/vex", "csaf_vex_2024-06-01.tar.zst"
    os.makedirs(folder, exist_ok=True)
    with tarfile.open(os.path.join(folder, archive), "w") as out:
        for n in range(count):
            document, member = vex_document(cve(2024, n), vex_day(n)).encode(), tarfile.TarInfo(vex_path(n))
            member.size = len(document)
            out.addfile(member, io.BytesIO(document))
    write(f"{folder}/archive_latest.txt", archive)
    write(f"{folder}/deletions.csv", "")
    write(f"{folder}/changes.csv", "".join(f'"{vex_path(n)}","{vex_day(n)}"\n' for n in range(count)))


def redhat_changed(top, count):
    """So many documents of redhat(top), every 97th, have other builds a day later. Returns their bytes."""
    folder, total, lines = f"{top}/rhel/csaf/v2/vex", 0, ""
    for n in range(0, 97 * count, 97):
        document = vex_document(cve(2024, n), vex_day(-24), build=1)
        write(f"{folder}/{vex_path(n)}", document)
        lines += f'"{vex_path(n)}","{vex_day(-24)}"\n'
        total += len(document)
    with open(f"{folder}/changes.csv", encoding="utf-8") as f:
        before = f.read()
    write(f"{folder}/changes.csv", lines + before)
    return total


def debian_changed(from_, top):
    """A copy of the tracker with one statement of a hundred changed."""
    shutil.copytree(os.path.join(from_, "debian"), os.path.join(top, "debian"))
    path = os.path.join(top, "debian/tracker/data/json")
    with open(path, encoding="utf-8") as f:
        tracker = json.load(f)
    dice = random.Random(3)
    for entries in tracker.values():
        for entry in entries.values():
            for release in entry.get("releases", {}).values():
                if dice.random() < 0.01 and release.get("fixed_version", "0") != "0":
                    release["fixed_version"] += "+b9"
    with open(path, "w", encoding="utf-8") as f:
        json.dump(tracker, f)
    return str(top)


def mirror(top, scale=1.0):
    """All of them; scale 1: 35,000 vulnerabilities of Debian and so on. Returns top."""
    n = lambda count: max(1, int(count * scale))
    debian(top, n(35000))
    alpine(top, n(250))
    ubuntu(top, n(10000))
    amazon(top, n(3000))
    alma(top, n(4000))
    nvd(top, n(30000))
    epss(top, n(250000))
    kev(top, n(1400))
    redhat(top, n(4000))
    return str(top)
