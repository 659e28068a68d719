# SPDX-License-Identifier: GPL-2.0-only
"""antimono check: what can be said about the source without running it."""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

from antimono import build, config, packages, paths
from antimono.report import Failure, Progress, plural, say

HELP = "check format, lint, the safety gate, layering and the unsafe ledger"
DESCRIPTION = """\
Checks the source: formatting, licences, clang-tidy, the safety gate (which every kernel build applies), layering, and
that each unsafe site in the frame names its invariant. Without options, all of them.
"""
EPILOG = """\
examples:
  ./antimono check                     everything
  ./antimono check --format --fix      put the formatting right
  ./antimono check --unsafe            the ledger: unsafe sites and lines per file
"""

#: Not what must not compile: there the way something is written is the point.
FORMATTED = re.compile(r"(frame|kernel|libsel4|user|tests(?!/must_not_compile)|tools)/.*\.(cpp|hpp|ipp|c|h)$")
LICENSED = re.compile(r".*\.(cpp|hpp|ipp|c|h|S|ld|def|py|cmake|sh|in)$|.*CMakeLists\.txt$|antimono$|\.ci/run$")
#: Modules that the set-up installs on demand, and for whom.
INSTALLED = {"tools/bench/chart.py": {"matplotlib"}, "tools/bench/growth_chart.py": {"matplotlib"}}
BSD_DIRECTORIES = ("abi/", "libsel4/", "user/", "cmake/package/")
CHECKS = ("format", "licences", "python", "layering", "ledger", "recursion", "gate", "lint")


def add_arguments(parser):
    for name in CHECKS:
        parser.add_argument(f"--{name}", action="store_true", help=f"only: {WHAT[name]}")
    parser.add_argument("--unsafe", action="store_true", help="print the unsafe ledger: sites and lines per file")
    parser.add_argument("--fix", action="store_true", help="with --format: rewrite the files")


WHAT = {
    "format": "clang-format agrees with every C and C++ file",
    "licences": "each source file has the SPDX line of its directory",
    "python": "each Python file compiles, and imports nothing but the standard library",
    "gate": "the kernel builds under the safety gate, and the compiled kernel holds nothing that went around it",
    "recursion": "no function of the kernel can call itself, so its stack is bounded",
    "layering": "the kernel includes only the frame's public headers and allowed standard headers",
    "ledger": "each unsafe site in the frame has its SAFETY line, and the published figures are current",
    "lint": "clang-tidy finds nothing in the kernel and the frame",
}


def run(options):
    if options.unsafe:
        packages.ensure("build")
        status, output = gate_tool("ledger", "--build-dir", built())
        say(output.rstrip())
        return status
    chosen = [name for name in CHECKS if getattr(options, name)] or CHECKS
    packages.ensure("build", "check")
    failed = []
    for name in chosen:
        problems = globals()[f"check_{name}"](options)
        if problems:
            failed.append(name)
            for problem in problems:
                say(problem)
        say(f"{'FAIL' if problems else 'pass'} {name}: {WHAT[name]}")
    say(f"{len(chosen) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def tracked(pattern):
    """Files that belong to the project (known to git or new), whose path matches."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=paths.ROOT,
                            capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        raise Failure(f"git cannot list the files of {paths.ROOT}: {listed.stderr.strip()}")
    return [name for name in sorted(set(listed.stdout.splitlines()))
            if pattern.fullmatch(name) and (paths.ROOT / name).is_file()]


def check_format(options):
    names = tracked(FORMATTED)
    if not names:
        return []
    command = ["clang-format-22", *(["-i"] if options.fix else ["--dry-run", "-Werror", "--ferror-limit=1"]), *names]
    result = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=False)
    wrong = sorted({line.split(":")[0] for line in result.stderr.splitlines() if "error:" in line})
    return [f"{name}: not formatted; `./antimono check --format --fix` does it" for name in wrong]


def check_licences(_):
    problems = []
    for name in tracked(LICENSED):
        expected = "BSD-2-Clause" if name.startswith(BSD_DIRECTORIES) else "GPL-2.0-only"
        with open(paths.ROOT / name, encoding="utf-8", errors="replace") as file:
            head = [file.readline() for _ in range(5)]
        lines = [line for line in head if "SPDX-License-Identifier:" in line]
        if not lines:
            problems.append(f"{name}: no SPDX-License-Identifier in its first five lines; expected {expected}")
        elif expected not in lines[0]:
            problems.append(f"{name}: {lines[0].strip()}, but this directory is {expected}")
    return problems


def check_python(_):
    problems = []
    allowed = sys.stdlib_module_names | local_modules()
    for name in tracked(re.compile(r".*\.py$|antimono$")):
        text = (paths.ROOT / name).read_text(encoding="utf-8")
        try:
            compile(text, name, "exec")
        except SyntaxError as error:
            problems.append(f"{name}:{error.lineno}: {error.msg}")
        for number, line in enumerate(text.splitlines(), 1):
            found = re.match(r"\s*(?:from|import) ([A-Za-z_0-9]+)", line)
            if found and found[1] not in allowed | INSTALLED.get(name, set()):
                problems.append(f"{name}:{number}: imports {found[1]}, which is not in the standard library")
            if len(line) > 130:
                problems.append(f"{name}:{number}: {len(line)} columns, at most 130")
    return problems


def local_modules():
    """Modules of the project itself, and gdb, which exists inside GDB."""
    return {name.rsplit("/", 1)[-1].removesuffix(".py") for name in tracked(re.compile(r".*\.py$"))} | {
        name.split("/")[-2] for name in tracked(re.compile(r".*/__init__\.py$"))} | {"gdb"}


def gate_tool(name, *arguments):
    """Runs a tool of tools/gate; returns its status and output."""
    result = subprocess.run(
        [sys.executable, "-B", paths.ROOT / "tools" / "gate" / f"{name}.py", *arguments], cwd=paths.ROOT,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    return result.returncode, result.stdout


def problems_of(name, *arguments):
    status, output = gate_tool(name, *arguments)
    return output.strip().splitlines() if status else []


def built():
    """The build directory that the checks of the compiled kernel look at."""
    configuration = config.resolve(config.DEFAULT_PRESET)
    build.build(configuration)
    return configuration.build_dir


def check_gate(_):
    with Progress("compiled kernel"):
        return problems_of("binary", "--build-dir", built())


def check_recursion(_):
    return problems_of("callgraph", "--build-dir", built())


def check_layering(_):
    return problems_of("layering")


def check_ledger(_):
    return problems_of("ledger", "--quiet", "--pages", "--build-dir", built())


def check_lint(_):
    """clang-tidy over every file of the kernel image, in parallel."""
    build_dir = built()
    commands = json.loads((build_dir / "compile_commands.json").read_text(encoding="utf-8"))
    files = sorted({entry["file"] for entry in commands
                    if re.match(r"(kernel|frame)/.*\.cpp$", os.path.relpath(entry["file"], paths.ROOT))})
    with Progress("clang-tidy") as progress, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = []
        for done, result in enumerate(pool.map(lambda file: tidy(build_dir, file), files), 1):
            results.append(result)
            progress.update(f"{done} of {plural(len(files), 'file')}")
    return [text for text in results if text]


def tidy(build_dir, file):
    # The gate's plugin belongs to the compiler proper, clang-tidy cannot load it.
    result = subprocess.run(
        ["clang-tidy-22", "-p", build_dir, "--quiet", "--allow-no-checks", file],
        cwd=paths.ROOT, capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode else ""
