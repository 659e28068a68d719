#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs the unit tests in this directory, one line each (tools/antimono/suite.py says which)."""

import argparse
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tools")]

from antimono.suite import matches


def flatten(tests):
    for test in tests:
        if isinstance(test, unittest.TestSuite):
            yield from flatten(test)
        else:
            yield test


def name_of(test):
    """test_ledger.Sites.test_casts -> ledger: casts"""
    module, _, method = test.id().split(".")
    return f"{module.removeprefix('test_')}: {method.removeprefix('test_').replace('_', ' ')}"


def run(test):
    """Runs one test and prints its line; returns whether it passed."""
    result = unittest.TestResult()
    test.run(result)
    troubles = [text for _, text in [*result.failures, *result.errors]]
    troubles += [f"skipped: {reason}" for _, reason in result.skipped]
    if not troubles:
        print(f"ok {name_of(test)}", flush=True)
        return True
    lines = troubles[0].strip().splitlines()
    print("\n".join([f"not ok {name_of(test)}: {lines[-1]}", *(f"# {line}" for line in lines)]), flush=True)
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="print the names only")
    arguments = parser.parse_args()
    tests = list(flatten(unittest.TestLoader().discover(str(HERE))))
    tests = [test for test in tests if matches(f"gate/{name_of(test)}", os.environ.get("ANTIMONO_ONLY", ""))]
    if arguments.list:
        print("\n".join(name_of(test) for test in tests))
        return 0
    return 0 if all([run(test) for test in tests]) else 1


if __name__ == "__main__":
    sys.exit(main())
