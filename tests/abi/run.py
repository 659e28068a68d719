# SPDX-License-Identifier: GPL-2.0-only
"""The ABI description, and the headers made from it, against recorded facts of seL4 16.0.0."""
import json
import pathlib
import sys
import tempfile

from antimono.suite import Suite, expect, expect_equal, expect_in, fail

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import exchange  # noqa: E402
import kernel_view  # noqa: E402
import public  # noqa: E402
import recorded  # noqa: E402
from probe import run  # noqa: E402
from recorded import configuration  # noqa: E402

SCRATCH = tempfile.TemporaryDirectory(prefix="antimono-abi-")
CLANG = ["clang-22"]
# Where the facts of a preset were recorded under another name.
RECORDED = {"sim-hardware-debug": "hardware-debug", "sim-utilisation": "benchmark-track-utilisation"}
# Not sim-instruments, two of these in one, of which nothing was recorded.
PRESETS = ("sim-debug", "sim-release", "release-printing", "sim-domains", "sim-hardware-debug", "sim-utilisation", "default")
# The configurations that a case picks when one of each kind is enough.
SAMPLES = ("sim-debug", "default", "mcs", "mcs-smp-vtx64-iommu-hardware-debug", "stubs-buffer-only", "sysenter", "verification",
           "benchmark-track-utilisation", "error-reporting-ipc", "dangerous-code-injection", "dangerous-msr", "stubs-public")
STANDARDS = [("clang-22", "c11"), ("clang-22", "c17"), ("clang-22", "gnu11"), ("gcc", "c11"), ("gcc", "gnu11"),
             ("clang++-22", "c++17"), ("clang++-22", "c++20"), ("clang++-22", "c++23"),
             ("g++", "c++17"), ("g++", "c++20"), ("g++", "c++23")]
suite = Suite()


def scratch(name):
    """A fresh directory for one case."""
    return pathlib.Path(tempfile.mkdtemp(prefix=name.replace("/", "-") + "-", dir=SCRATCH.name))


def report(lines, what):
    if lines:
        fail("\n".join([f"{len(lines)} {what}", *lines]))


def compare(name, compiler, flags):
    """Everything recorded of a configuration against the headers that we generate for it."""
    facts, directory = recorded.facts(name), scratch(name)
    prefix = recorded.Prefix(facts, directory)
    probe = public.questions(facts, recorded.stubs(name))
    expect(len(probe.questions) > 1000, f"only {len(probe.questions)} questions: the recorded facts are not complete")
    lines = probe.differences(compiler, [*flags, *prefix.includes], directory)
    lines += public.macro_differences(facts, public.macros(compiler, prefix.includes, directory))
    known = {**facts["enums"], **facts["labels"], **facts["syscalls"]}
    lines += [f"enumerator {enumerator}: ours present, recorded none" for enumerator in public.enumerators(prefix)
              if enumerator not in known and not public.PRIVATE.fullmatch(enumerator)]
    report(lines, f"differences ({compiler[0]})")


def generated_configuration(name):
    facts = recorded.facts(name)
    view = recorded.view(facts).configuration
    expect_equal(view.as_json(), recorded.gen_config(facts), "the configuration that we write")


for each in recorded.names():
    suite.add(f"libsel4 {each}", lambda name=each: compare(name, CLANG, ["-std=gnu11"]))
    suite.add(f"configuration {each}", lambda name=each: generated_configuration(name))
    suite.add(f"kernel view {each}", lambda name=each: kernel_view.check(recorded, name, scratch(f"kernel-{name}")))
for each in ("sim-debug", "mcs-smp-vtx64-iommu-hardware-debug"):
    suite.add(f"libsel4 {each} with gcc", lambda name=each: compare(name, ["gcc"], ["-std=gnu11"]))


def exchanges(path, compiler, level):
    """What the functions put into registers and messages, and what they make of answers."""
    expected = json.loads(path.read_text(encoding="utf-8"))
    directory, types, functions = scratch(path.stem), {}, {}
    for name in expected["functions_of"]:
        types, functions = recorded.facts(name)["types"] | types, recorded.stubs(name)["functions"] | functions
    functions = {name: entry for name, entry in functions.items() if name in expected["calls"]}
    prefix = recorded.Prefix(expected, directory)
    found = exchange.record([compiler], [level, *prefix.includes], types, functions, directory,
                            pathlib.Path(__file__).resolve().parent / "exchange.c")
    expect(len(expected["calls"]) > 70, "the record is not complete")
    report(exchange.differences(expected["calls"], found), "lines of difference")


for each in sorted(recorded.FACTS.glob("exchange-*.json")):
    for how in (("clang-22", "-O2"), ("gcc", "-O2"), ("clang-22", "-O0")):
        suite.add(f"{each.stem} {' '.join(how)}", lambda path=each, how=how: exchanges(path, *how))


def compiles(name):
    """Every header alone and all of them together: no warning in any language that we promise."""
    directory = scratch(f"compiles-{name}")
    prefix = recorded.Prefix(recorded.facts(name), directory)
    together = "\n".join([*public.prologue(), "seL4_Word use(seL4_MessageInfo_t tag);",
                          "seL4_Word use(seL4_MessageInfo_t tag) { return seL4_getFault(tag).words[0]; }"]) + "\n"
    lines = []
    # One configuration in every language, the others in the oldest ones.
    chosen = STANDARDS if name == SAMPLES[0] else [pair for pair in STANDARDS if pair[1] in ("c11", "c++17")]
    for compiler, standard in chosen:
        source = directory / ("together.cpp" if "++" in compiler else "together.c")
        source.write_text(together, encoding="utf-8")
        result = run([compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O2", "-c",
                      "-o", directory / "together.o", *prefix.includes, source])
        lines += [f"{compiler} -std={standard}: {line}" for line in result.stderr.splitlines() if ": " in line]
    report(lines, "complaints")


for each in SAMPLES:
    suite.add(f"no warnings {each}", lambda name=each: compiles(name))


@suite.case("each header compiles alone")
def _():
    lines, directory = [], scratch("alone")
    prefix = recorded.Prefix(recorded.facts("sim-debug"), directory)
    for header in recorded.headers():
        if header == "sel4/syscalls_mcs.h":  # the calls of the other kernel
            continue
        for compiler, suffix, standard in (("clang-22", ".c", "c11"), ("clang++-22", ".cpp", "c++17")):
            source = directory / f"alone{suffix}"
            source.write_text(f"#include <{header}>\nextern int something;\n", encoding="utf-8")
            result = run([compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only",
                          *prefix.includes, source])
            lines += [f"<{header}>, -std={standard}: {line}" for line in result.stderr.splitlines() if "error:" in line]
    report(lines, "complaints")


@suite.case("the prefix has the recorded layout")
def _():
    """What `cmake --install` copies, against what seL4's own install has; we add the configuration as YAML."""
    directory = scratch("layout")
    recorded.Prefix(recorded.facts("sim-debug"), directory)
    ours = set()
    for root in (directory / "libsel4", recorded.LIBSEL4):
        for part in ("include", "src"):
            ours |= {f"libsel4/{path.relative_to(root)}" for path in (root / part).rglob("*") if path.is_file()}
    theirs = {line for line in (recorded.FACTS / "install-layout.txt").read_text(encoding="utf-8").split()
              if line.startswith("libsel4/")}
    report([f"missing: {name}" for name in sorted(theirs - ours)]
           + [f"not in seL4's: {name}" for name in sorted(ours - theirs) if not name.endswith("gen_config.yaml")], "differences")


@suite.case("a program uses every stub")
def _():
    """Links the sources of libsel4 with a program that takes the address of each function."""
    lines = []
    for name in ("sim-debug", "mcs", "vtx-64bit-guests"):
        directory, functions = scratch(f"stubs-{name}"), recorded.stubs(name)["functions"]
        prefix = recorded.Prefix(recorded.facts(name), directory)
        wanted = [function for function in functions if function.startswith("seL4_")]
        source = directory / "stubs.c"
        source.write_text("\n".join([*public.prologue(), "void __assert_fail(const char *a, const char *b, int c, const char *d)",
                                     "{ (void)a; (void)b; (void)c; (void)d; __builtin_trap(); }",
                                     "void *const functions[] = {", *(f"    (void *){function}," for function in wanted), "};",
                                     "int main(void) { return functions[0] == 0; }"]) + "\n", encoding="utf-8")
        for compiler in ("clang-22", "gcc"):
            result = run([compiler, "-std=gnu11", "-O2", "-w", *prefix.includes, source, *recorded.LIBSEL4.glob("src/*.c"),
                          "-o", directory / "program"])
            if result.returncode:
                lines.append(f"{name}, {compiler}: {result.stderr}")
    report(lines, "programs do not link")


@suite.case("presets are the recorded configurations")
def _():
    for name in PRESETS:
        path = recorded.ROOT / "abi" / "presets" / f"{name}.json"
        preset = configuration.load(recorded.DESCRIPTION, path)
        facts = recorded.facts(RECORDED.get(name, name))
        expect_equal(preset.as_json(), recorded.gen_config(facts), f"preset {name}")
        expect_equal(preset.refusals(), [], f"refusals of preset {name}")


def refused(given, *parts):
    """The generator refuses a configuration: status 1, and each part is in what it says. Nothing is written."""
    directory = scratch("refused")
    path = directory / "gen_config.json"
    path.write_text(given if isinstance(given, str) else json.dumps(given), encoding="utf-8")
    result = run([sys.executable, "-B", recorded.ROOT / "abi" / "generate.py", "--config", path, "--out", directory / "out"])
    expect_equal(result.returncode, 1, f"status for {given}")
    for part in (*parts, str(path)):
        expect_in(part, result.stderr, "the message")
    expect("Traceback" not in result.stderr, result.stderr)
    expect(not (directory / "out").exists(), "output was written in spite of the refusal")


@suite.case("refuses what the kernel does not implement, by name")
def _():
    for name, symbol in (("mcs", "KERNEL_MCS"), ("smp", "MAX_NUM_NODES"), ("vtx", "VTX"),
                         ("sysenter", "KERNEL_X86_SYSCALL"), ("benchmark-tracepoints", "KERNEL_BENCHMARK"),
                         ("benchmark-track-kernel-entries", "KERNEL_BENCHMARK"),
                         ("dangerous-msr", "KERNEL_X86_DANGEROUS_MSR"), ("export-pmc", "EXPORT_PMC_USER")):
        refused(recorded.gen_config(recorded.facts(name)), f"CONFIG_{symbol}: ", "set it to")


@suite.case("refuses values that the kernel does not act on, by name")
def _():
    for symbol, given in (("HUGE_PAGE", {"HUGE_PAGE": False}), ("NUM_PRIORITIES", {"NUM_PRIORITIES": "128"}),
                          ("KERNEL_XSAVE", {"KERNEL_XSAVE": "XSAVEC"}), ("KERNEL_XSAVE", {"KERNEL_XSAVE": "XSAVES"}),
                          ("XSAVE_FEATURE_SET", {"XSAVE_FEATURE_SET": "4"}),
                          ("XSAVE_FEATURE_SET", {"XSAVE_FEATURE_SET": "231"}),
                          ("KERNEL_MUTLTIBOOT_GFX_MODE", {"KERNEL_MUTLTIBOOT_GFX_MODE": "text"}),
                          ("DEBUG_DISABLE_PREFETCHERS", {"DEBUG_DISABLE_PREFETCHERS": True}),
                          ("KERNEL_IRQ_CONTROLLER", {"KERNEL_IRQ_CONTROLLER": "PIC"}),
                          ("KERNEL_FSGS_BASE", {"KERNEL_FSGS_BASE": "gdt"}),
                          ("KERNEL_X86_IBRS", {"KERNEL_X86_IBRS": "ibrs_basic"})):
        refused(given, f"CONFIG_{symbol}: ", "set it to")


@suite.case("accepts every value that the kernel acts on or that makes no difference")
def _():
    for given in ({"KERNEL_XSAVE": "XSAVEOPT"}, {"XSAVE_FEATURE_SET": "7"}, {"KERNEL_LAPIC_MODE": "X2APIC"},
                  {"KERNEL_X86_MICRO_ARCH": "haswell"}, {"SUPPORT_PCID": False}, {"KERNEL_OPT_LEVEL": "-O3"},
                  {"RETYPE_FAN_OUT_LIMIT": "16"}, {"TIME_SLICE": "1"}, {"NUM_DOMAINS": "16"}, {"DEBUG_BUILD": False}):
        directory = scratch("accepted")
        path = directory / "gen_config.json"
        path.write_text(json.dumps(given), encoding="utf-8")
        expect_equal(configuration.load(recorded.DESCRIPTION, path).refusals(), [], f"refusals of {given}")


@suite.case("every setting is honoured, refused or known to make no difference")
def _():
    support = recorded.DESCRIPTION["support"]
    settable = {name for entry in recorded.DESCRIPTION["configuration"]["symbol"] if not entry.get("derived")
                for name in entry.get("names", [entry.get("name")])}
    free = [name for entry in support["free"] for name in entry["symbols"]]
    refusable = {rule["symbol"] for rule in support["refused"]}
    report([f"{name}: in none of honoured, free and refused" for name in sorted(
        settable - set(support["honoured"]) - set(free) - refusable)], "settings unaccounted for")
    report([f"{name}: no such setting" for name in sorted({*support["honoured"], *free, *refusable} - settable)], "unknown names")
    twice = [name for name in settable if (free.count(name) + (name in support["honoured"])) > 1 or (
        name in free and name in refusable)]
    report([f"{name}: makes no difference, and does" for name in sorted(twice)], "contradictions")


@suite.case("refuses configurations that seL4 cannot have")
def _():
    refused({"NO_SUCH_SYMBOL": True}, "CONFIG_NO_SUCH_SYMBOL: seL4 16.0.0 has no such symbol")
    refused({"KERNEL_MCS": "yes"}, "CONFIG_KERNEL_MCS: 'yes' is not true or false")
    refused({"ROOT_CNODE_SIZE_BITS": "many"}, "CONFIG_ROOT_CNODE_SIZE_BITS: 'many' is not a number")
    refused({"ROOT_CNODE_SIZE_BITS": "40"}, "CONFIG_ROOT_CNODE_SIZE_BITS: 40 is out of range 7 to 26")
    refused({"KERNEL_X86_FPU": "FPU"}, "CONFIG_KERNEL_X86_FPU: 'FPU' is not one of XSAVE, FXSAVE")
    refused({"KERNEL_X86_FPU": "XSAVE", "FXSAVE": True}, "CONFIG_FXSAVE: true, but CONFIG_KERNEL_X86_FPU is 'XSAVE'")
    refused({"SET_TLS_BASE_SELF": True}, "CONFIG_SET_TLS_BASE_SELF: True is not possible")
    refused({"ARCH_ARM": True}, "CONFIG_ARCH_ARM: True is not possible")
    refused({"COLOUR_PRINTING": True, "PRINTING": False},
            "CONFIG_COLOUR_PRINTING: True is not possible, it requires PRINTING")
    refused("[1]", "not an object")
    refused("{", "not JSON")


@suite.case("--root-cnode-bits and --describe-only")
def _():
    directory = scratch("options")
    script = [sys.executable, "-B", recorded.ROOT / "abi" / "generate.py"]
    result = run([*script, "--config", recorded.ROOT / "abi/presets/sim-debug.json", "--out", directory / "a",
                  "--root-cnode-bits", "16"])
    expect_equal(result.returncode, 0, result.stderr)
    written = json.loads((directory / "a/gen_config.json").read_text(encoding="utf-8"))
    expect_equal(written["ROOT_CNODE_SIZE_BITS"], "16", "the root CNode's size")
    mcs = directory / "mcs.json"
    mcs.write_text(json.dumps(recorded.gen_config(recorded.facts("mcs"))), encoding="utf-8")
    result = run([*script, "--config", mcs, "--out", directory / "b", "--describe-only"])
    expect_equal(result.returncode, 0, result.stderr)
    expect((directory / "b/include/abi/abi.hpp").exists(), "no headers for a configuration that is only described")
    # A second run touches nothing, so that builds stay up to date.
    stamps = {path: path.stat().st_mtime_ns for path in (directory / "a").rglob("*")}
    run([*script, "--config", recorded.ROOT / "abi/presets/sim-debug.json", "--out", directory / "a", "--root-cnode-bits", "16"])
    expect_equal({path: path.stat().st_mtime_ns for path in (directory / "a").rglob("*")}, stamps, "time stamps")


@suite.case("the reference pages are current")
def _():
    pages = recorded.generate.reference.generate(recorded.generate.reference_views(recorded.DESCRIPTION))
    directory = recorded.ROOT / "docs" / "reference"
    lines = [name for name, text in pages.items()
             if not (directory / name).exists() or (directory / name).read_text(encoding="utf-8") != text]
    report([f"docs/reference/{name}" for name in lines],
           "pages are out of date: run abi/generate.py --docs docs/reference")


@suite.case("a wrong number does not pass")
def _():
    """The comparison itself: a changed fact has to show, with both numbers."""
    facts, directory = recorded.facts("sim-debug"), scratch("wrong")
    prefix = recorded.Prefix(facts, directory)
    for group in ("labels", "enums"):
        facts[group]["CNodeMint"] += 1
    facts["types"]["seL4_BootInfo"]["fields"]["untyped"][0] += 8
    facts["enums"]["seL4_NoSuchEnumerator"] = 3
    functions = recorded.stubs("sim-debug")
    functions["functions"]["seL4_CNode_Mint"]["parameters"][-1] = "int"
    lines = public.questions(facts, functions).differences(CLANG, ["-std=gnu11", *prefix.includes], directory)
    expect_equal(sorted(line.split(":")[0] for line in lines),
                 ["CNodeMint", "function seL4_CNode_Mint", "offset of seL4_BootInfo.untyped", "seL4_NoSuchEnumerator"],
                 "the names that differ")
    expect_in("CNodeMint: ours 21, recorded 22", "\n".join(lines), "the report")


if __name__ == "__main__":
    sys.exit(suite.main())
