# SPDX-License-Identifier: Apache-2.0
"""Small feeds laid out as a mirror has them. Names and numbers are invented unless they are well known."""
import json
import os


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def debian(top, tracker, releases=(("bookworm", "12.5"),)):
    """tracker: {source: {vulnerability: {release: entry}}}; an entry is a fixed version, None (open) or a dict."""
    def entry(e):
        if isinstance(e, dict):
            return e
        if e is None:
            return {"status": "open", "urgency": "not yet assigned", "repositories": {}}
        return {"status": "resolved", "fixed_version": e, "urgency": "medium", "repositories": {}}

    document = {source: {name: {"description": f"{name} in {source}", "scope": "remote",
                                "releases": {r: entry(e) for r, e in of.items()}}
                         for name, of in entries.items()} for source, entries in tracker.items()}
    write(os.path.join(top, "debian/tracker/data/json"), json.dumps(document))
    for name, version in releases:
        write(os.path.join(top, f"debian/dists/{name}/Release"),
              f"Origin: Debian\nSuite: stable\nVersion: {version}\nCodename: {name}\n")
    return str(top)


def alpine(top, secfixes, release="v3.20", repository="main"):
    """secfixes: {package: {version: [ids]}}"""
    packages = [{"pkg": {"name": name, "secfixes": fixes}} for name, fixes in secfixes.items()]
    write(os.path.join(top, f"alpine/{release}/{repository}.json"), json.dumps({
        "apkurl": "{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk",
        "archs": ["x86_64"], "reponame": repository, "urlprefix": "https://example.org/alpine", "distroversion": release,
        "packages": packages}))
    write(os.path.join(top, "alpine/last-update"), "2024-01-01T00:00:00Z\n")
    return str(top)


def large_debian(top, sources=400, each=60, changed=0):
    """A tracker of sources × each rows; the first `changed` of each source have another fixed version."""
    return debian(top, {f"source-{s}": {f"CVE-2090-{s * 1000 + n}": {"bookworm": f"1.{n}-{2 if n < changed else 1}"}
                                        for n in range(each)} for s in range(sources)})
