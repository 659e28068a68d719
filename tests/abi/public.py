# SPDX-License-Identifier: GPL-2.0-only
"""What the public headers of libsel4 must give: questions made from recorded facts."""
import re

from probe import Probe, run

# Names that seL4's headers use among themselves or borrow from the C library: not part of the interface.
PRIVATE = re.compile(r"_.*|MCS_REPLY.*|LIBSEL4_MCS_REPLY|assert_size_correct|strcpy")

# The functions of seL4's headers that differ here on purpose, and why.
DIFFERENT_PARAMETERS = {
    "seL4_DebugPutString": ["const char *"],  # seL4 takes a char * and does not write to it
}

# What x86 headers do not include for themselves comes first.
PROLOGUE = ["#include <stddef.h>", "#include <stdint.h>", "#include <sel4/sel4.h>"]
EXTRA = ["sel4/arch/bootinfo_types.h", "sel4/arch/mapping.h", "sel4/arch/vmenter.h", "sel4/sel4_arch/mapping.h",
         "sel4/benchmark_track_types.h", "sel4/benchmark_utilisation_types.h", "sel4/benchmark_tracepoints_types.h",
         "sel4/assert.h", "sel4/debug_assert.h", "sel4/sel4_arch/pfIPC.h"]


# Functions that are not inlined need the objects that the start-up code defines.
DEFINITIONS = ["LIBSEL4_THREAD_LOCAL seL4_IPCBuffer *__sel4_ipc_buffer;",
               "#ifdef CONFIG_KERNEL_INVOCATION_REPORT_ERROR_IPC", "LIBSEL4_THREAD_LOCAL char __sel4_print_error;", "#endif"]


def prologue():
    return [*PROLOGUE, *(f"#include <{name}>" for name in EXTRA)]


# Recorded fields that lie in a structure within the structure, and its name.
NESTED = {"seL4_PageFaultIpcRegisters": {name: f"regs.{name}" for name in ("fault_ip", "fault_addr", "prefetch_fault", "fsr")}}


def _layout(probe, name, recorded):
    for field, place in recorded["fields"].items():
        if not field or PRIVATE.fullmatch(field):
            continue
        field = NESTED.get(name, {}).get(field, field)
        if isinstance(place, dict):
            width, offset = place["bit_width"], place["bit_offset"]
            if offset + width > 64:
                continue
            # All ones in the field: the bits that it occupies.
            probe.ask(f"bits of {name}.{field}",
                      f"({{ union {{ {name} object; unsigned long word; }} both = {{ .word = 0 }}; "
                      f"both.object.{field} = ~0ul; both.word; }})", ((1 << width) - 1) << offset)
        else:
            offset, size = place
            probe.ask(f"offset of {name}.{field}", f"offsetof({name}, {field})", offset)
            probe.ask(f"size of {name}.{field}", f"sizeof((({name} *)0)->{field})", size)


def _bit_fields(probe, recorded):
    union = recorded["tagged_unions"]
    for block, layout in recorded["bitfields"].items():
        owner = next((name for name, entry in union.items() if block in entry["tags"]), None)
        structure = f"{owner}_t" if owner else f"{block}_t"
        accessor = f"{owner}_{block}" if owner else block
        for field, place in layout["fields"].items():
            mask = (1 << place["width"]) - 1
            if owner and field == union[owner]["tag_field"]:
                probe.ask(f"tag of {accessor}", f"{owner}_get_{field}(({structure}){{{{ {union[owner]['tags'][block]} }}}})",
                          union[owner]["tags"][block])
                continue
            tag = f"[0] = {union[owner]['tags'][block]}" if owner else "0"
            probe.ask(f"place of {accessor}.{field}",
                      f"{accessor}_set_{field}(({structure}){{{{ {tag} }}}}, {mask:#x}ul).words[{place['word']}]",
                      mask << place["shift"] | (union[owner]["tags"][block] if owner and place["word"] == 0 else 0))
            probe.ask(f"value of {accessor}.{field}",
                      f"{accessor}_get_{field}(({structure}){{{{ {tag}, [{place['word']}] = {mask << place['shift']:#x}ul }}}})",
                      mask)


def questions(recorded, functions):
    """A probe for everything that a recorded configuration says about numbers, layouts and functions."""
    probe = Probe([*prologue(), *DEFINITIONS])
    for group in ("syscalls", "labels", "enums", "cap_rights"):
        for name, value in recorded[group].items():
            if not PRIVATE.fullmatch(name):
                probe.ask(name, f"{name}.words[0]" if group == "cap_rights" else name, value)
    for name, value in recorded["constants"].items():
        if PRIVATE.fullmatch(name):
            continue
        if isinstance(value, str):
            probe.ask(name, f'__builtin_strcmp({name}, "{value}")', 0)
        else:
            probe.ask(name, f"(long long)({name})", value)
    for name, value in recorded["string_macros"].items():
        if not PRIVATE.fullmatch(name):
            probe.ask(name, f'__builtin_strcmp({name}, "{value}")', 0)
    for name, entry in recorded["enum_types"].items():
        known = name if name in recorded["typedefs"] else f"enum {name}"
        probe.ask(f"size of {known}", f"sizeof({known})", entry["size"])
    for name, entry in recorded["types"].items():
        # A union without a name of its own is known by its typedef.
        if name == "union seL4_PageFaultIpcRegisters":
            continue
        probe.ask(f"size of {name}", f"sizeof({name})", entry["size"])
        probe.ask(f"alignment of {name}", f"_Alignof({name})", entry["align"])
        _layout(probe, name, entry)
    for name, entry in recorded["typedefs"].items():
        if PRIVATE.fullmatch(name):
            continue
        probe.ask(f"size of {name}", f"sizeof({name})", entry["size"])
        if "(*)" not in entry["canonical"] and "anonymous" not in entry["canonical"] and "unnamed" not in entry["canonical"]:
            probe.ask(f"type of {name}", f"__builtin_types_compatible_p({name}, {entry['canonical']})", 1)
    _bit_fields(probe, recorded)
    for name, entry in recorded["variables"].items():
        probe.ask(f"type of {name}", f"__builtin_types_compatible_p(__typeof__({name}), {entry['type']})", 1)
    for name, entry in functions["functions"].items():
        if PRIVATE.fullmatch(name) and name != "__assert_fail":
            continue
        if entry["header"].endswith(("syscalls_sysenter.h", "syscalls_syscall.h")):
            continue
        parameters = ", ".join(DIFFERENT_PARAMETERS.get(name, entry["parameters"])) or "void"
        probe.ask(f"function {name}", f"__builtin_types_compatible_p(__typeof__({name}), {entry['return']} ({parameters}))", 1)
    return probe


def macros(compiler, includes, directory):
    """The macros that our headers define, as name -> text."""
    source = directory / "macros.c"
    source.write_text("\n".join(prologue()) + "\n", encoding="utf-8")
    empty = directory / "empty.c"
    empty.write_text("#include <stddef.h>\n#include <stdint.h>\n", encoding="utf-8")
    found = []
    for path in (source, empty):
        result = run([*compiler, *includes, "-dM", "-E", path])
        if result.returncode:
            raise RuntimeError(result.stderr)
        found.append(dict(re.findall(r"^#define (\w+)(?:\([^)]*\))? ?(.*)$", result.stdout, re.M)))
    return {name: text for name, text in found[0].items() if name not in found[1]}


def macro_differences(recorded, ours):
    """Macros that are recorded and missing here, and public ones here that are not recorded."""
    expected = {*recorded["constants"], *recorded["string_macros"], *recorded["cap_rights"],
                *recorded["function_like_macros"], *recorded["other_macros"]}
    lines = [f"macro {name}: ours missing, recorded" for name in sorted(expected - set(ours)) if not PRIVATE.fullmatch(name)]
    lines += [f"macro {name}: ours {ours[name]}, recorded none" for name in sorted(set(ours) - expected)
              if not name.startswith("CONFIG_") and not PRIVATE.fullmatch(name)]
    values = recorded["config_macros"]
    for name in sorted({*values, *(name for name in ours if name.startswith("CONFIG_"))}):
        if str(ours.get(name)) != str(values.get(name)):
            lines.append(f"macro {name}: ours {ours.get(name)}, recorded {values.get(name)}")
    return lines


def enumerators(prefix):
    """The enumerators that the generated headers of libsel4 declare."""
    found = set()
    for name, text in prefix.files.items():
        if name.startswith("libsel4/include/") and name.endswith(".h"):
            for body in re.findall(r"^(?:__extension__ )?(?:typedef )?enum \w*\s*\{(.*?)^\}", text, re.M | re.S):
                found.update(re.findall(r"^    (\w+) = ", body, re.M))
    return sorted(found)
