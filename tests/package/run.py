# SPDX-License-Identifier: GPL-2.0-only
"""Installs a built preset, and builds and runs a project against the prefix as a user would."""
import functools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

from antimono import config, qemu
from antimono.suite import Suite, expect, expect_equal, expect_in, fail

suite = Suite()
SCRATCH = tempfile.TemporaryDirectory(prefix="antimono-package-")
HERE = pathlib.Path(SCRATCH.name)
SOURCE = pathlib.Path(__file__).resolve().parent / "consumer"
CONFIGURATION = config.resolve(config.DEFAULT_PRESET)
COMPILERS = {"gcc": ("gcc", "g++"), "clang": ("clang-22", "clang++-22")}
LOCK = threading.Lock()


def tool(*command):
    result = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    if result.returncode != 0:
        fail(f"'{' '.join(map(str, command))}' ended with status {result.returncode}\n{result.stdout}")
    return result.stdout


@functools.cache
def installed():
    directory = HERE / "prefix"
    tool("cmake", "--install", CONFIGURATION.build_dir, "--prefix", directory)
    # Moved, so that nothing in it may name the place it was installed to; and people have blanks in their paths.
    moved = HERE / "moved away"
    directory.rename(moved)
    return moved


def prefix():
    with LOCK:
        return installed()


@functools.cache
def built_with(compiler):
    build = HERE / f"build-{compiler}"
    c, cxx = COMPILERS[compiler]
    tool("cmake", "-S", SOURCE, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={installed()}",
         f"-DCMAKE_C_COMPILER={c}", f"-DCMAKE_CXX_COMPILER={cxx}")
    tool("cmake", "--build", build)
    return build


def consumer(compiler):
    with LOCK:
        return built_with(compiler)


@suite.case("the prefix has seL4's layout")
def _():
    for name in ("bin/kernel.elf", "libsel4/include/sel4/sel4.h", "libsel4/include/sel4/config.h",
                 "libsel4/include/kernel/gen_config.h", "libsel4/include/kernel/gen_config.json",
                 "libsel4/include/interfaces/sel4_client.h", "libsel4/src/sel4_bootinfo.c",
                 "lib/cmake/antimono/antimonoConfig.cmake"):
        expect((prefix() / name).is_file(), f"the prefix has no {name}")


@suite.case("the installed kernel is the built one")
def _():
    for file in (CONFIGURATION.kernel, CONFIGURATION.kernel_multiboot1):
        expect((prefix() / "bin" / file.name).read_bytes() == file.read_bytes(), f"bin/{file.name} differs")


@suite.case("the installed configuration is the built one, as JSON and YAML")
def _():
    directory = prefix() / "libsel4" / "include" / "kernel"
    built_symbols = CONFIGURATION.symbols()
    for name, value in json.loads((directory / "gen_config.json").read_text(encoding="utf-8")).items():
        expect_equal(value, built_symbols.get(name), f"{name} in gen_config.json")
    yaml = (directory / "gen_config.yaml").read_text(encoding="utf-8")
    for name in ("ROOT_CNODE_SIZE_BITS", "KERNEL_X86_FPU"):
        expect_in(name, yaml, "gen_config.yaml")


for compiler_name in COMPILERS:
    for program, status, line in (("in_c", 42, "C: 42, node 0 of 1"), ("in_cpp17", 43, "C++ 201703: 43, "),
                                  ("in_cpp20", 43, "C++ 2020"), ("in_cpp23", 43, "C++ 202")):
        @suite.case(f"{program} built with {compiler_name} runs")
        def _(compiler_name=compiler_name, program=program, status=status, line=line):
            image = consumer(compiler_name) / program
            outcome = qemu.run(qemu.Machine(kernel=prefix() / "bin" / "kernel.elf", modules=(image,),
                                            cpu=qemu.cpu_for(CONFIGURATION.symbols())),
                               timeout=60, sink=lambda text: None)
            text = outcome.output.decode(errors="replace")
            expect_in(line, text, "the output")
            expect_equal((outcome.kind, outcome.status), ("exited", status), f"the end ({text})")


if __name__ == "__main__":
    try:
        sys.exit(suite.main(jobs=min(2, int(os.environ.get("ANTIMONO_JOBS", "2")))))
    finally:
        SCRATCH.cleanup()
