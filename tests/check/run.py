# SPDX-License-Identifier: GPL-2.0-only
"""Each check of `antimono check` as a case; the linter is left to that command, for its time."""
import argparse
import sys

from antimono import check
from antimono.suite import Suite, fail

suite = Suite()


def run_check(name):
    problems = getattr(check, f"check_{name}")(argparse.Namespace(fix=False))
    if problems:
        fail("\n".join([f"{len(problems)} findings", *problems]))


for check_name in check.CHECKS:
    if check_name != "lint":
        suite.add(f"{check_name}: {check.WHAT[check_name]}", lambda check_name=check_name: run_check(check_name))

if __name__ == "__main__":
    sys.exit(suite.main(jobs=2))
