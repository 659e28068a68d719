#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks the compiled kernel for what its source must not contain.

Inline assembly and integer-to-pointer conversions in the code of kernel/ must come from a line of the frame (from its
inline functions and templates). This does not trust the compiler plugin: a hole in the gate through which either of them
slips is found here. Two views of the kernel are looked at:

  - the bitcode of its objects as it goes into the linker: assembly;
  - the same, emitted again before any optimisation: conversions. (The optimiser makes conversions of its own, for
    instance where an optional reference is returned in registers, and these have no place in the source.)
"""

import argparse
import pathlib
import sys
import tempfile

import bitcode
import compile_commands

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def is_below(file, directories):
    path = pathlib.Path(file)
    return any(path == directory or directory in path.parents for directory in directories)


def problems_of(module, trusted, kinds=("asm", "inttoptr")):
    """What a module contains that does not come from a trusted directory, as lines of text."""
    result = []
    for text in module.assembly:
        result.append(f"{module.path.name}: file-scope assembly: {text}")
    for function in module.functions:
        for instruction in function.instructions:
            if instruction.kind not in kinds or is_below(instruction.at.file, trusted):
                continue
            what = {"asm": "inline assembly", "inttoptr": "integer-to-pointer conversion"}[instruction.kind]
            result.append((function.name, f"{instruction.at}: {what} that does not come from the frame"))
    names = bitcode.demangle(item[0] for item in result if isinstance(item, tuple))
    return [item if isinstance(item, str) else f"{item[1]}, in function {names[item[0]]} [gate:binary]"
            for item in result]


def emit_unoptimised(build_dir, directory):
    """The kernel's bitcode as the front end made it, in `directory`."""
    commands = compile_commands.read(build_dir, ROOT / "kernel")
    outputs = {file: pathlib.Path(directory) / f"{number}-{file.name}.bc" for number, file in enumerate(commands)}
    compile_commands.run_all(commands, lambda file: ["-w", "-g", "-fno-lto", "-emit-llvm", "-c", "-Xclang",
                                                     "-disable-llvm-passes", "-o", str(outputs[file])])
    return list(outputs.values())


def check_build(build_dir, trusted):
    """The problems of the kernel in a build directory, and how many objects were looked at."""
    objects = bitcode.find_objects(build_dir, "antimono_kernel_core")
    problems = [problem for path in objects for problem in problems_of(bitcode.Module(path), trusted, ("asm",))]
    with tempfile.TemporaryDirectory() as directory:
        for path in emit_unoptimised(build_dir, directory):
            problems += problems_of(bitcode.Module(path), trusted)
    return sorted(set(problems)), len(objects)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-dir", type=pathlib.Path, help="build directory whose kernel is checked")
    parser.add_argument("--trust", type=pathlib.Path, action="append",
                        help="directory whose code may contain both (default: frame/ of this source tree)")
    parser.add_argument("objects", type=pathlib.Path, nargs="*", help="bitcode files to check instead")
    arguments = parser.parse_args()
    trusted = [path.resolve() for path in arguments.trust or [ROOT / "frame"]]
    if arguments.objects:
        count = len(arguments.objects)
        problems = [problem for path in arguments.objects for problem in problems_of(bitcode.Module(path), trusted)]
    elif arguments.build_dir:
        problems, count = check_build(arguments.build_dir, trusted)
    else:
        parser.error("give --build-dir or objects")
    print("\n".join(problems), end="\n" if problems else "")
    print(f"binary: {count} objects, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
