# SPDX-License-Identifier: Apache-2.0
"""More random histories for time travel than the unit test has: 8 seeds in `make check`, 400 in `make soak`."""
import os
import subprocess

from program import ROOT

SEEDS = 400 if os.environ.get("SOAK") else 8


def test_any_moment_of_more_random_histories_is_answered_as_it_was_or_refused():
    done = subprocess.run([f"{ROOT}/build-clang/tests/store-history_test"], capture_output=True, text=True,
                          env={**os.environ, "HISTORY_FIRST_SEED": "1000", "HISTORY_SEEDS": str(SEEDS)})
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
