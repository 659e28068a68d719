# SPDX-License-Identifier: GPL-2.0-only
"""Plugins for QEMU that count what a kernel executes, one C file each: tools/NAME/plugin.c over tools/plugin."""
from antimono import paths
from antimono.process import run_logged


def build(name):
    """Compiles a plugin, if its source is newer; returns the file that QEMU loads."""
    source = paths.ROOT / "tools" / name / "plugin.c"
    plugin = paths.BUILD / name / "plugin.so"
    sources = [source, *(paths.ROOT / "tools" / "plugin").glob("*.h")]
    if plugin.is_file() and all(plugin.stat().st_mtime > file.stat().st_mtime for file in sources):
        return plugin
    plugin.parent.mkdir(parents=True, exist_ok=True)
    run_logged(["clang-22", "-std=gnu17", "-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", "-o", plugin, source],
               "build the plugin for QEMU", f"{name}-plugin")
    return plugin
