# SPDX-License-Identifier: GPL-2.0-only
"""The one list of Debian packages that the command needs, and how missing ones get installed.

A package counts as present if its witness is: a program in PATH or a file. So the check is quick, needs no
package manager and also holds on systems where the tools came from elsewhere.
"""
import os
import pathlib
import shutil
import subprocess
import sys

from antimono.process import run_logged
from antimono.report import Failure, ask, note, on_terminal, plural

#: purpose -> {Debian 12 package: witness}
PACKAGES = {
    "build": {
        "cmake": "cmake",
        "ninja-build": "ninja",
        "clang-22": "clang++-22",
        "lld-22": "ld.lld-22",
        "llvm-22": "llvm-objcopy-22",
        "llvm-22-dev": "/usr/lib/llvm-22/include/llvm/IR/Module.h",
        "libclang-22-dev": "/usr/lib/llvm-22/include/clang/AST/ASTContext.h",
        "libc++-22-dev": "/usr/lib/llvm-22/include/c++/v1/expected",
        "libclang-rt-22-dev": "/usr/lib/llvm-22/lib/clang/22/lib/linux/libclang_rt.asan-x86_64.a",
        "libstdc++-12-dev": "/usr/include/c++/12/expected",
        "libc6-dev": "/usr/include/x86_64-linux-gnu/sys/mman.h",
    },
    "run": {"qemu-system-x86": "qemu-system-x86_64"},
    "image": {
        "grub-common": "grub-mkrescue",
        "grub-pc-bin": "/usr/lib/grub/i386-pc/multiboot2.mod",
        "grub-efi-amd64-bin": "/usr/lib/grub/x86_64-efi/multiboot2.mod",
        "xorriso": "xorriso",
        "mtools": "mformat",
    },
    "uefi": {"ovmf": "/usr/share/OVMF/OVMF_CODE.fd"},
    "debug": {"gdb": "gdb"},
    "check": {"clang-format-22": "clang-format-22", "clang-tidy-22": "clang-tidy-22"},
    "chart": {"python3-matplotlib": "/usr/lib/python3/dist-packages/matplotlib/__init__.py"},
    "gcc": {"gcc": "gcc", "g++": "g++"},
}


def present(witness):
    if witness.startswith("/"):
        return pathlib.Path(witness).exists()
    return shutil.which(witness) is not None


def missing(purposes):
    """The packages of these purposes whose witness is absent, in the order of the list."""
    return [package for purpose in purposes for package, witness in PACKAGES[purpose].items()
            if not present(witness)]


def ensure(*purposes):
    """Installs what is missing for these purposes with apt, after a notice; a prompt only on a terminal."""
    names = missing(purposes)
    if not names:
        return
    wanted = " ".join(names)
    by_hand = f"Install by hand: {wanted} (these are the names of Debian 12; clang and LLVM must be version 22)."
    if shutil.which("apt-get") is None:
        raise Failure(f"These packages are missing, and this system has no apt-get to install them. {by_hand}")
    note(f"antimono: {plural(len(names), 'package')} missing: {wanted}")
    prefix = []
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            raise Failure(f"Installing packages needs root, and there is no sudo. Run as root: apt-get install {wanted}")
        prefix = ["sudo"] if on_terminal(sys.stdin) else ["sudo", "-n"]
    if on_terminal(sys.stdin) and on_terminal(sys.stderr):
        if not ask("Install them now with apt-get?"):
            raise Failure(f"Nothing was installed. {by_hand}")
        if prefix:
            subprocess.run(["sudo", "-v"], check=False)
    note("antimono: installing them with apt-get")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C")
    way_out = f"Check the network and the package sources; clang 22 comes from Debian's security archive. {by_hand}"
    apt = prefix + ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    run_logged(apt + ["update"], "apt-get update", "apt-update", env=environment, way_out=way_out,
               own_group=False)
    seconds = run_logged(apt + ["install", "-y", "--no-install-recommends", *names], "apt-get install", "apt-install",
                         env=environment, way_out=way_out, own_group=False)
    still = missing(purposes)
    if still:
        raise Failure(f"apt-get installed the packages, but these are still not usable: {' '.join(still)}. "
                      "Is the directory of their programs in PATH?")
    note(f"antimono: installed {plural(len(names), 'package')} in {seconds:.0f} s")
