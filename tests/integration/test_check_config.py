# SPDX-License-Identifier: Apache-2.0
"""clair check-config: the merged document on standard output, what is wrong on standard error, an exit status of each."""
import json
import os
import subprocess

import pytest

from program import ROOT

USAGE = 64


@pytest.fixture
def check(server_path, tmp_path):
    def run(*words, want=0, files=None, **env):
        for name, text in (files or {}).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        clean = {"PATH": os.environ.get("PATH", ""), "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", **env}
        done = subprocess.run([server_path, "check-config", *words], cwd=tmp_path, env=clean, capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == want, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done
    return run


def test_the_merged_document_is_printed_without_defaults(check):
    done = check("c.yaml", files={"c.yaml": "log_level: warn\nindexer: {airgap: true}\n",
                                  "c.yaml.d/1.yaml": "indexer: {airgap: null, migrations: true}\n",
                                  "c.yaml.d/2.yaml-patch": "- {op: add, path: /matcher, value: {period: 8h}}\n"})
    assert done.stdout == ('{\n\t"log_level": "warn",\n\t"indexer": {\n\t\t"migrations": true\n\t},\n\t"matcher": {\n'
                           '\t\t"period": "8h"\n\t}\n}\n')


def test_yaml_is_printed_when_asked_for(check):
    done = check("-o", "yaml", "c.json", files={"c.json": '{"matchers":{"names":["python"]}}'})
    assert done.stdout == "matchers:\n  names:\n    - python\n"


def test_several_files_have_their_names_before_them(check):
    done = check("a.json", "b.json", files={"a.json": "{}", "b.json": '{"log_level":"info"}'})
    assert done.stdout == '# a.json\n{}\n# b.json\n{\n\t"log_level": "info"\n}\n'


def test_without_files_the_environment_says_which(check):
    assert check(files={"config.yaml": "log_level: info\n"}).stdout == '{\n\t"log_level": "info"\n}\n'
    assert check(files={"x.yaml": "{}"}, CLAIR_CONF="x.yaml").stdout == "{}\n"


def test_an_unknown_key_is_answered_with_the_nearest(check):
    done = check("c.yaml", want=1, files={"c.yaml": "\nindexer:\n  constring: x\n"})
    assert "c.yaml: line 3: unknown key 'indexer.constring'; did you mean 'connstring'?" in done.stderr
    assert done.stdout == ""


def test_the_others_are_checked_when_one_file_is_wrong(check):
    done = check("a.yaml", "b.yaml", "c.yaml", want=1, files={"a.yaml": "x: 1", "b.yaml": "{}", "c.yaml": "y: 1"})
    assert "a.yaml: line 1" in done.stderr and "c.yaml: line 1" in done.stderr and "# b.yaml" in done.stdout


@pytest.mark.parametrize("text", ["updaters: {sets: [debain]}", "matchers: {names: [pyton]}"])
def test_names_nobody_knows_are_errors_here(check, text):
    assert "there is no updater set or matcher" in check("c.yaml", want=1, files={"c.yaml": text}).stderr


def test_names_of_the_past_are_known(check):
    check("c.yaml", files={"c.yaml": "updaters: {sets: [rhel, rhcc, pyupio, alpine]}"})


def test_warnings_are_shown_and_counted_when_asked_for(check):
    files = {"c.yaml": "matcher: {period: 1h}\n"}
    assert "warning" not in check("c.yaml", files=files).stderr
    assert "(at $.matcher.period)" in check("--lint", "c.yaml", want=3, files=files).stderr
    check("--lint", "--mode", "indexer", "c.yaml", files=files)


def test_the_mode_decides_what_is_checked(check):
    check("c.yaml", files={"c.yaml": "{}"})
    assert "matcher.indexer_addr" in check("-m", "matcher", "c.yaml", want=1, files={"c.yaml": "{}"}).stderr
    check("-m", "matchr", "c.yaml", want=USAGE, files={"c.yaml": "{}"})


def test_secrets_are_hidden_unless_asked_for(check):
    files = {"c.yaml": "indexer: {connstring: 'postgresql://u:S3CRET@db/x'}\n"
                       "auth: {psk: {key: UzNDUkVU, iss: [quay]}}\n"}
    hidden = check("c.yaml", files=files)
    assert "S3CRET" not in hidden.stdout and "UzNDUkVU" not in hidden.stdout
    shown = json.loads(check("--show-secrets", "c.yaml", files=files).stdout)
    assert shown["auth"]["psk"]["key"] == "UzNDUkVU" and "S3CRET" in shown["indexer"]["connstring"]


def test_no_error_repeats_a_secret(check):
    for text in ("auth: {psk: {key: S3CRET!, iss: [a]}}", "indexer: {connstring: {S3CRET: 1}}",
                 "notifier: {webhook: {target: 'S3CRET'}}"):
        assert "S3CRET" not in check("c.yaml", want=1, files={"c.yaml": text}).stderr


def test_every_key_is_listed(check):
    keys = [line for line in check("--keys").stdout.splitlines() if line and not line.startswith(" ")]
    assert "indexer.connstring" in keys and len(keys) > 100


def test_the_example_is_good(check):
    check("--lint", os.path.join(ROOT, "docs", "example-config.yaml"))
