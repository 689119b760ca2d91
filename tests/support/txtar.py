# SPDX-License-Identifier: Apache-2.0
"""Clair's matcher cases: a txtar file with the sections Database, IndexReport and Want, in JSON; {"$ref": "file:NAME"}
stands for the section NAME. A section may be a sequence of texts (RFC 7464) of one."""
import json
import re


def sections(path):
    found, name = {}, None
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            mark = re.fullmatch(r"-- (.+) --\n", line)
            if mark:
                name = mark.group(1)
                found[name] = ""
            elif name:
                found[name] += line
    return found


def load(path):
    """(database, index report, wanted report), without references."""
    texts = sections(path)

    def whole(value):
        if isinstance(value, list):
            return [whole(v) for v in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref", "")
        if reference.startswith("file:"):
            return whole(json.loads(texts[reference.removeprefix("file:")]))
        return {k: whole(v) for k, v in value.items()}

    return [whole(json.loads(texts[name].lstrip("\x1e"))) for name in ("Database", "IndexReport", "Want")]


def bundle(vulnerabilities):
    """An offline bundle with these vulnerabilities, an operation for each updater."""
    lines, updaters = [], sorted({v["updater"] for v in vulnerabilities})
    for n, updater in enumerate(updaters):
        lines += [json.dumps({"Updater": updater, "Fingerprint": "case", "Date": "2024-01-02T03:04:05Z", "Kind": "vulnerability",
                              "Ref": f"00000000-0000-4000-8000-{n:012}", "Vuln": v})
                  for v in vulnerabilities if v["updater"] == updater]
    return "\n".join(lines) + "\n"
