# SPDX-License-Identifier: Apache-2.0
"""Read Clair's two reports back into rows."""


def packages(index):
    """Sorted (name, version, source name, source version, arch) of an index report."""
    rows = []
    for package in index["packages"].values():
        source = package.get("source") or {}
        rows.append((package["name"], package["version"], source.get("name", ""), source.get("version", ""),
                     package.get("arch", "")))
    return sorted(rows)


def findings(report):
    """Sorted set of (package, version, vulnerability, fixed in) of a vulnerability report."""
    rows = set()
    for package_id, ids in report["package_vulnerabilities"].items():
        package = report["packages"][package_id]
        for row in (report["vulnerabilities"][i] for i in ids):
            rows.add((package["name"], package["version"], row["name"], row.get("fixed_in_version", "")))
    return sorted(rows)


def introduced(index):
    """{package name: set of layer digests that introduced it}"""
    return {index["packages"][i]["name"]: {e["introduced_in"] for e in entries}
            for i, entries in index["environments"].items()}


def table(path):
    """Rows of a tab separated file as dictionaries; the first line, after '#', names the columns."""
    with open(path, encoding="utf-8") as f:
        lines = [line.rstrip("\n") for line in f if line.strip()]
    columns = lines[0].lstrip("#").split("\t")
    return [dict(zip(columns, line.split("\t") + [""] * len(columns))) for line in lines[1:]]
