# SPDX-License-Identifier: Apache-2.0
"""The first thing a newcomer sees: Heartbleed, with package, version and layer."""
import os
import re
import subprocess
import sys

from program import ROOT


def test_demo_finds_heartbleed_in_the_second_layer(program_path):
    done = subprocess.run([sys.executable, f"{ROOT}/tools/demo"], env={**os.environ, "CLAIR": program_path},
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    first = next(line for line in done.stdout.splitlines() if "CVE-" in line and not line.startswith("#"))
    assert "CVE-2014-0160" in first, done.stdout
    heartbleed = [line for line in done.stdout.splitlines() if "CVE-2014-0160" in line]
    assert any("1.0.1e-2+deb7u4" in line and "1.0.1e-2+deb7u5" in line for line in heartbleed), done.stdout
    assert "libssl1.0.0" in done.stdout
    assert "CVE-2013-6449" not in done.stdout, "fixed before this version"
    assert any(re.search(r"#1 sha256:[0-9a-f]{8}", line) for line in heartbleed), "not from the second layer"
