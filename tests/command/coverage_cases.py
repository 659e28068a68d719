# SPDX-License-Identifier: GPL-2.0-only
"""What ./antimono coverage makes of llvm-cov's listing, and of the reasons for what is not covered."""
import pathlib
import tempfile

from antimono import coverage, paths
from antimono.report import Failure
from antimono.suite import expect, expect_equal, expect_in, fail
from support import suite

LISTING = f"""{paths.ROOT}/kernel/x.cpp:
    1|       |int f(int a) {{
    2|  1.20k|    if (a > 1 && constant) {{
  ------------------
  |  Branch (2:9): [True: 0, False: 1.20k]
  |  Branch (2:18): [True: 0, Folded]
  ------------------
    3|      0|        return 1;
    4|      0|    }}
    5|      3|    return a < 0 ? g<int>(a) : g<long>(a);
  ------------------
  |  Branch (5:12): [True: 1, False: 0]
  |  Branch (5:12): [True: 0, False: 2]
  ------------------
    6|       |}}

{paths.ROOT}/kernel/y.hpp:
    1|      1|int y() {{ return 1; }}
"""


def reasons(text):
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(text)
        file.flush()
        return coverage.Reasons(pathlib.Path(file.name))


@suite.case("coverage reads lines and both sides of branches, instantiations as one, constants not at all")
def _():
    files = coverage.read_listing(LISTING)
    expect_equal(sorted(files), ["kernel/x.cpp", "kernel/y.hpp"], "files")
    file = files["kernel/x.cpp"]
    expect_equal(file.uncovered, {3: "        return 1;", 4: "    }"}, "lines that nothing reached")
    expect_equal(file.branches, {(2, 9, "True"): False, (2, 9, "False"): True, (2, 18, "True"): False,
                                 (5, 12, "True"): True, (5, 12, "False"): True}, "branches")
    expect_equal(list(file.one_way()), [2], "lines with a branch that went one way only")


@suite.case("coverage takes a reason for the line that it is about, and misses those that are not needed")
def _():
    found = reasons("""
[[uncovered]]
path = "kernel/x.cpp"
line = ["return 1;", "no such line"]
after = "if (a > 1 *"
reason = "because"

[[uncovered]]
path = "kernel/*"
line = "if (a > 1 *"
branch = true
reason = "because"

[[uncovered]]
path = "kernel/y.hpp"
line = "*"
reason = "not needed"
""")
    before = "if (a > 1 && constant) {"
    expect(found.explains("kernel/x.cpp", "return 1;", before, False), "the line has a reason")
    expect(not found.explains("kernel/x.cpp", "return 1;", "}", False), "another line with the same text has none")
    expect(not found.explains("kernel/z.cpp", "return 1;", before, False), "nor has one in another file")
    expect(found.explains("kernel/x.cpp", before, "", True), "the branch has a reason")
    expect(not found.explains("kernel/x.cpp", before, "", False), "which is none for not reaching the line")
    expect_equal([entry["path"] for entry in found.unused()], ["kernel/y.hpp"], "reasons without use")


@suite.case("coverage refuses a reason for nothing")
def _():
    try:
        reasons('[[uncovered]]\npath = "kernel/x.cpp"\nreason = "because"\n')
    except Failure as failure:
        expect_in("an entry has line, path, reason", str(failure), "message")
    else:
        fail("an entry without a line was taken")


@suite.case("every reason for what is not covered is a sentence about a file that exists")
def _():
    for entry in coverage.Reasons(coverage.REASONS).entries:
        expect(entry["reason"].endswith("."), f"{entry['path']}: {entry['reason']}")
        for path in [entry["path"]] if isinstance(entry["path"], str) else entry["path"]:
            if "*" not in path:
                expect((paths.ROOT / path).is_file(), f"{path} does not exist")
