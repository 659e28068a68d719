# SPDX-License-Identifier: GPL-2.0-only
"""Cases of `antimono sel4test`: guests that print what sel4test prints, and root tasks of ours on our kernel."""
import json
import pathlib
import signal
import struct
import subprocess
import sys

import guest
from antimono import config, paths
from antimono.suite import expect, expect_equal, expect_in
from support import ANTIMONO, HERE, IMAGE, antimono, one_sentence, suite, write

FIRST, LAST = "Test that there are tests", "Test all tests ran"
NAMES = (FIRST, "APPLE0001", "PEAR0001", LAST)
LIST = write("recorded.txt", "\n".join(NAMES).encode())
WELL = "All is well in the universe\n"
RECORDED = paths.ROOT / "tests" / "recorded" / "sel4-16.0.0"


def starts(*names):
    return "".join(f"Starting test {number}: {name}\n" for number, name in enumerate(names))


def output(*names):
    """What a run prints in which all of these tests pass."""
    return starts(*names) + f"Test suite passed. {len(names)} tests passed. 59 tests disabled.\n{WELL}\n\n"


def serial(text):
    """Code that prints text with the line ends of a serial line."""
    return guest.put(text.replace("\n", "\r\n"))


def sel4test(name, *code, options=(), recorded=LIST):
    """Runs the command over a guest that stands in for kernel and image."""
    return antimono("sel4test", IMAGE, "--kernel", write(f"sel4test-{name}", guest.kernel(*code)), "--memory", "64M",
                    "--config", "sim-debug", "--recorded", recorded, "--logs", HERE / f"logs-{name}", *options)


def expect_failure(result, *parts, status=1):
    expect_equal(result.returncode, status, f"exit status (output: {result.stdout}{result.stderr})")
    expect_in("FAILED", result.stdout, "output")
    for part in parts:
        expect_in(part, result.stdout, "output")


@suite.case("sel4test passes when exactly the recorded tests pass")
def _():
    result = sel4test("pass", serial("booting...\n" + output(*NAMES)))
    expect_equal(result.returncode, 0, f"exit status ({result.stdout})")
    lines = result.stdout.splitlines()
    expect_equal([line.split("  (")[0] for line in lines[:4]],
                 [f"{number}/4  pass  {name}" for number, name in enumerate(NAMES, 1)], "a line for each test")
    expect_in("PASSED: 4 of 4 tests passed, the recorded list exactly", lines[4], "the last line")
    expect_in("4 tests expected", result.stderr, "standard error")


@suite.case("sel4test shows each test while the run goes on")
def _():
    kernel = write("sel4test-live", guest.kernel(serial(starts(FIRST, "APPLE0001"))))
    process = subprocess.Popen(
        [sys.executable, ANTIMONO, "sel4test", IMAGE, "--kernel", kernel, "--config", "sim-debug", "--recorded", LIST,
         "--memory", "64M", "--logs", HERE / "logs-live"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # a shell's background job ignores it
    try:
        expect_equal(process.stdout.readline(), f"1/4  pass  {FIRST}\n", "the first line, while the second test runs")
        expect(process.poll() is None, "the run had ended already")
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=120)
    expect_equal(process.returncode, 130, "exit status after Ctrl-C")
    expect_in("Ctrl-C", rest, "output")


@suite.case("sel4test names a failed test with its reason")
def _():
    text = (starts(FIRST, "APPLE0001") + "\tError: a != b at line 7 of file /src/apple.c\n" +
            "Starting test 2: PEAR0001\nStarting test 3: " + LAST +
            "\nTest suite failed. 3/4 tests passed.\n*** FAILURES DETECTED ***\n")
    result = sel4test("fail", serial(text))
    expect_failure(result, "2/4  FAIL  APPLE0001: a != b (line 7 of /src/apple.c)", "failed: APPLE0001: a != b",
                   "3 of 4 tests passed", "logs-fail/sel4test-sim-debug-other.log")


@suite.case("sel4test does not believe a good end after a reported error")
def _():
    text = output(*NAMES).replace("Starting test 2", "\tFailure: x at line 1 of file y.c\nStarting test 2")
    expect_failure(sel4test("lie", serial(text)), "failed: APPLE0001: x (line 1 of y.c)")


@suite.case("sel4test does not pass a bad end without a named test")
def _():
    text = output(*NAMES).replace(WELL, "*** FAILURES DETECTED ***\n")
    expect_failure(sel4test("nameless", serial(text)), "not which test")


@suite.case("sel4test names missing tests")
def _():
    expect_failure(sel4test("missing", serial(output(FIRST, "PEAR0001", LAST))), "missing: APPLE0001\n")


@suite.case("sel4test names extra tests, and one that ran twice")
def _():
    result = sel4test("extra", serial(output(FIRST, "APPLE0001", "FIG0001", "PEAR0001", "PEAR0001", LAST)))
    expect_failure(result, "extra: FIG0001, PEAR0001\n", "FIG0001  (not in the recorded list)")


@suite.case("sel4test notices another order")
def _():
    expect_failure(sel4test("order", serial(output(FIRST, "PEAR0001", "APPLE0001", LAST))), "another order")


@suite.case("sel4test compares the count that sel4test gives")
def _():
    text = output(*NAMES).replace("4 tests passed", "5 tests passed")
    expect_failure(sel4test("count", serial(text)), "counted 5", "4 were announced")


@suite.case("sel4test names the test that hangs, and what was not reached")
def _():
    result = sel4test("hang", serial(starts(FIRST, "APPLE0001") + "waiting\n"), options=("--patience", "5"))
    expect_failure(result, "hung in APPLE0001: no test ended for 5 s", "not reached: 2 tests, PEAR0001 to " + LAST,
                   "| waiting", status=124)


@suite.case("sel4test says when not even the first test started")
def _():
    result = sel4test("silent", options=("--patience", "1"))
    expect_failure(result, "before the first test started", status=124)


@suite.case("sel4test tells a reset from a failure")
def _():
    result = sel4test("reset", serial(starts(FIRST, "APPLE0001")), guest.triple_fault())
    expect_failure(result, "triple fault", "in APPLE0001", status=123)


@suite.case("sel4test tells a kernel panic from a failure")
def _():
    result = sel4test("panic", serial(starts(FIRST, "APPLE0001") + "kernel panic: it broke\n"), guest.exit_with(125))
    expect_failure(result, "the kernel panicked", "in APPLE0001", "| kernel panic: it broke", status=125)


@suite.case("sel4test tells an end by the guest from a failure")
def _():
    result = sel4test("exit", serial(starts(FIRST, "APPLE0001")), guest.exit_with(0))
    expect_failure(result, "ended QEMU with status 0 in APPLE0001")


@suite.case("sel4test reads XML output and coloured lines of the kernel")
def _():
    text = "".join(f'\t<testcase classname="sel4test" name="{name}">\n\t</testcase>\n' for name in NAMES)
    text = text.replace("\t</testcase>\n", "\x1b[0m<<seL4(CPU 0)>>\x1b[0m\t<error>it broke at line 3 of file f</error>\n", 2)
    result = sel4test("xml", serial(f"<testsuite>\n{text}</testsuite>\n*** FAILURES DETECTED ***\n"))
    expect_failure(result, f"failed: {FIRST}: it broke at line 3", "failed: APPLE0001", "2 of 4 tests passed")


@suite.case("sel4test --runs repeats and ends with a table of wall times")
def _():
    result = sel4test("runs", serial(output(*NAMES)), options=("--runs", "3", "--quiet"))
    expect_equal(result.returncode, 0, f"exit status ({result.stdout})")
    lines = result.stdout.splitlines()
    expect_equal(sum("PASSED" in line for line in lines), 3, f"lines of passed runs ({result.stdout})")
    expect_equal(sum("APPLE0001" in line for line in lines), 0, "lines of tests in spite of --quiet")
    expect_in("3 runs: 3 passed, 0 failed; wall time min ", lines[-1], "the last line")
    for number in (1, 2, 3):
        text = (HERE / "logs-runs" / f"sel4test-sim-debug-other-{number}.log").read_text()
        expect_in("Starting test 1: APPLE0001\n", text, f"the log of run {number}")


@suite.case("sel4test --runs counts bad runs and ends with their status")
def _():
    result = sel4test("bad-runs", serial(starts(FIRST)), options=("--runs", "2", "--patience", "1"))
    expect_equal(result.returncode, 124, "exit status")
    expect_in("2 runs: 0 passed, 2 failed", result.stdout.splitlines()[-1], "the last line")


for preset, count in (("sim-debug", 123), ("sim-release", 123), ("sim-domains", 126)):
    @suite.case(f"sel4test expects the {count} tests recorded for {preset}")
    def _(preset=preset, count=count):
        names = (RECORDED / f"sel4test-{preset}.txt").read_text().splitlines()
        expect_equal(len(names), count, "recorded tests")
        for dropped in (None, names[40]):
            ran = [name for name in names if name != dropped]
            kernel = write(f"sel4test-{preset}-{len(ran)}", guest.kernel(serial(output(*ran))))
            result = antimono("sel4test", IMAGE, "--kernel", kernel, "--memory", "64M", "--config", preset, "--quiet",
                              "--logs", HERE / f"logs-{preset}")
            expect_equal(result.returncode, int(dropped is not None), f"exit status ({result.stdout})")
            expect_in(f"missing: {dropped}" if dropped else "PASSED", result.stdout, "output")


@suite.case("sel4test runs a root task on our kernel")
def _():
    images = config.resolve("sim-debug").build_dir / "test-images"
    result = antimono("sel4test", images / "sel4test_passing", "--config", "sim-debug", "--recorded", LIST,
                      "--logs", HERE / "logs-ours")
    expect_equal(result.returncode, 0, f"exit status ({result.stdout}{result.stderr})")
    expect_in("(3G, Nehalem)", result.stderr, "standard error")
    result = antimono("sel4test", images / "sel4test_failing", "--config", "sim-debug", "--recorded", LIST,
                      "--logs", HERE / "logs-ours")
    expect_failure(result, "failed: APPLE0001: error == seL4_NoError (line 29 of example.c)\n")


# --- errors before anything runs


@suite.case("sel4test names an image that does not exist")
def _():
    one_sentence(antimono("sel4test", "/no/such/image"), 1, "/no/such/image", "no such file", "images/")


@suite.case("sel4test refuses a file that is no image")
def _():
    one_sentence(antimono("sel4test", LIST), 1, LIST, "not an ELF file")


@suite.case("sel4test names a list of tests that cannot be read, or is empty")
def _():
    one_sentence(antimono("sel4test", IMAGE, "--config", "sim-debug", "--recorded", "/no/list"), 1, "/no/list", "No such file")
    one_sentence(antimono("sel4test", IMAGE, "--config", "sim-debug", "--recorded", write("empty", b"\n")), 1, "names no test")


@suite.case("sel4test asks for a list where none is recorded")
def _():
    one_sentence(antimono("sel4test", IMAGE, "--config", "default"), 1, "--config default", "--recorded FILE", "sim-debug")


@suite.case("sel4test refuses nonsense numbers")
def _():
    one_sentence(antimono("sel4test", IMAGE, "--runs", "0"), 1, "--runs 0")
    one_sentence(antimono("sel4test", IMAGE, "--patience", "-3"), 1, "--patience -3")
    one_sentence(antimono("sel4test", IMAGE, "--config", "sim-debug", "--logs", LIST + "/logs"), 1, "--logs")


# --- what an image tells about its configuration


def image(*tables, symbols=b""):
    """An ELF file with a table of tests; each further table lies in an ELF file in its archive, as in sel4test."""
    (enabled, disabled), *inner = tables
    table = b"".join(struct.pack("<32sQQQQ", name.encode(), 0, 0, 1, flag)
                     for names, flag in ((enabled, 1), (disabled, 0)) for name in names)
    sections = [(b"", b""), (b"_test_case", table), (b"._archive_cpio", b"070701" + b"".join(map(image, inner))),
                (b".strtab", symbols), (b".shstrtab", b"")]
    names = b"\0".join(name for name, _ in sections) + b"\0"
    sections[-1] = (b".shstrtab", names)
    body, headers = b"", b""
    for name, content in sections:
        headers += struct.pack("<IIQQQQIIQQ", names.index(name + b"\0"), 3 if name else 0, 0, 0, 64 + len(body),
                               len(content), 0, 0, 1, 0)
        body += content
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    return ident + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64, len(sections),
                               len(sections) - 1) + body + headers


def lookalike(preset, symbols=b"", drop=None):
    """An image with the tests recorded for a preset, some in the driver, most in the program in its archive."""
    names = [name for name in (RECORDED / f"sel4test-{preset}.txt").read_text().splitlines()[1:-1] if name != drop]
    return image((names[:9], ["EPT0001"]), (names[9:], ["SMP0001"]), symbols=symbols)


def told(path, *options):
    """The command's run over a guest of no tests: it has said before what it takes the image for."""
    return antimono("sel4test", path, *options, "--memory", "64M", "--patience", "0.5", "--logs", HERE / "logs-told",
                    "--kernel", write("sel4test-nothing", guest.kernel()))


@suite.case("sel4test takes the configuration from the seL4 build around the image")
def _():
    for preset in ("sim-release", "sim-domains"):
        path = write(f"{preset}/images/driver", pathlib.Path(IMAGE).read_bytes())
        symbols = (paths.ROOT / "abi" / "presets" / f"{preset}.json").read_bytes()
        file = write(f"{preset}/kernel/gen_config/kernel/gen_config.json", symbols)
        expect_in(f"built for {preset}: the seL4 build around it says so: {pathlib.Path(file).resolve()}", told(path).stderr,
                  "standard error")


@suite.case("sel4test says when --config contradicts the seL4 build around the image")
def _():
    path = write("contradicted/images/driver", pathlib.Path(IMAGE).read_bytes())
    symbols = (paths.ROOT / "abi" / "presets" / "sim-release.json").read_bytes()
    write("contradicted/kernel/gen_config/kernel/gen_config.json", symbols)
    expect_in("--config sim-debug, but the seL4 build around driver is configured as sim-release",
              told(path, "--config", "sim-debug").stderr, "standard error")
    expect("but the seL4 build" not in told(path, "--config", "sim-release").stderr, "a warning about nothing")


@suite.case("sel4test takes another size of the root CNode from the seL4 build")
def _():
    path = write("wide/images/driver", pathlib.Path(IMAGE).read_bytes())
    symbols = json.loads((paths.ROOT / "abi" / "presets" / "sim-debug.json").read_text()) | {"ROOT_CNODE_SIZE_BITS": "17"}
    write("wide/kernel/gen_config/kernel/gen_config.json", json.dumps(symbols).encode())
    expect_in("built for sim-debug with a root CNode of 2^17 slots", told(path).stderr, "standard error")


@suite.case("sel4test refuses to guess for a seL4 build of another configuration")
def _():
    path = write("odd/images/driver", pathlib.Path(IMAGE).read_bytes())
    symbols = json.loads((paths.ROOT / "abi" / "presets" / "sim-debug.json").read_text()) | {"TIMER_TICK_MS": "7"}
    file = write("odd/kernel/gen_config/kernel/gen_config.json", json.dumps(symbols).encode())
    one_sentence(told(path), 1, "none of the presets", f"--config {pathlib.Path(file).resolve()}", "--recorded FILE")


@suite.case("sel4test tells an image by its table of tests where that is enough")
def _():
    expect_in("built for sim-domains: it runs exactly the tests", told(write("d", lookalike("sim-domains"))).stderr, "stderr")
    debug = write("dbg", lookalike("sim-debug", symbols=b"\0seL4_DebugPutChar\0"))
    expect_in("built for sim-debug: it runs the tests recorded for it and uses", told(debug).stderr, "stderr")


@suite.case("sel4test asks where an image fits several configurations, or none")
def _():
    one_sentence(told(write("r", lookalike("sim-release"))), 1, "--config sim-debug or --config sim-release", "gen_config.json")
    one_sentence(told(write("x", lookalike("sim-debug", drop="IPC0001"))), 1, "no preset", "--config sim-domains")
    one_sentence(told(IMAGE), 1, "no table of tests", "--config sim-release")
