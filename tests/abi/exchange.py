# SPDX-License-Identifier: GPL-2.0-only
"""What the functions of libsel4 exchange with the kernel: registers, messages and results, against a record.

The record (tests/facts/exchange-*.json) was made by the same program (exchange.c) with seL4's own headers.
"""
from probe import run

HEADERS = ("interfaces/sel4_client.h", "sel4/virtual_client.h", "sel4/sel4_arch/syscalls.h", "sel4/arch/syscalls.h")

KINDS = {"Send": "SEND", "SendWithMRs": "SEND", "NBSend": "SEND", "NBSendWithMRs": "SEND", "X86DangerousWRMSR": "SEND",
         "Reply": "REPLY", "ReplyWithMRs": "REPLY", "Signal": "SEND_NULL", "SetTLSBase": "SEND_NULL",
         "Recv": "RECEIVE", "RecvWithMRs": "RECEIVE", "NBRecv": "RECEIVE", "Wait": "RECEIVE", "WaitWithMRs": "RECEIVE",
         "NBWait": "RECEIVE", "Poll": "RECEIVE", "X86DangerousRDMSR": "RECEIVE",
         "NBSendRecv": "FORWARD", "NBSendRecvWithMRs": "FORWARD", "NBSendWait": "FORWARD",
         "Yield": "NOTHING", "DebugHalt": "NOTHING", "DebugSnapshot": "NOTHING", "BenchmarkNullSyscall": "NOTHING",
         "BenchmarkFlushCaches": "NOTHING"}

# seL4's version ignores the capability to wait on; ours does what its name and its documentation say.
DIFFERENT = {"seL4_NBSendWaitWithMRs"}

# Values that differ in every bit that may be cut off.
PATTERN = 0x9d1f3b5577a1c3e5


def _argument(function, index, c_type):
    if c_type == "char":
        return "'x'"
    if c_type in ("char *", "const char *"):
        return '(char *)"ab"'
    if c_type == "seL4_Word *":
        return f"&shared->words[{index}]"
    if c_type == "seL4_UserContext *":
        return "&shared->user"
    if c_type == "seL4_VCPUContext *":
        return "&shared->vcpu"
    if c_type == "seL4_MessageInfo_t":
        return "seL4_MessageInfo_new(0x155, 1, 2, 7)"
    if c_type == "seL4_CapRights_t":
        return "seL4_CapRights_new(1, 1, 0, 1)"
    if c_type == "seL4_Word" and function.endswith(("_ReadRegisters", "seL4_TCB_WriteRegisters")):
        return "label ? 3 : 20"
    return f"({c_type}){PATTERN * (2 * index + 1) & (1 << 64) - 1:#x}ul"


def functions(stubs):
    """The functions that enter the kernel, and that can be called with no more knowledge than their types."""
    return {name: entry for name, entry in sorted(stubs.items())
            if name.startswith("seL4_") and entry["header"] in HEADERS and name not in DIFFERENT
            and not any("(*)" in c_type for c_type in entry["parameters"])}


def calls(types, stubs):
    """calls.h; `types` has the recorded layouts of what the functions return."""
    lines, table = [], []
    for name, entry in functions(stubs).items():
        returned = entry["return"]
        arguments = ", ".join(_argument(name, index, c_type) for index, c_type in enumerate(entry["parameters"]))
        call = f"{name}({arguments})"
        body = f"{call};" if returned == "void" else f"{returned} result = {call}; STORE(result);"
        lines.append(f"static void make_{name}(void) {{ {body} }}")
        layout = types.get(returned)
        if layout:
            fields = [f'{{"{field}", {place[0]}, {min(8, place[1])}}}' for field, place in layout["fields"].items()]
        else:
            fields = [] if returned == "void" else [f'{{"result", 0, sizeof({returned})}}']
        kind = KINDS.get(name.removeprefix("seL4_"), "EXCHANGE")
        table.append(f'    {{"{name}", {kind}, make_{name}, {{{", ".join([*fields, "{0, 0, 0}"])}}}}},')
    return "\n".join([*lines, "static const struct Call calls[] = {", *table, "};"]) + "\n"


def record(compiler, flags, types, stubs, directory, source):
    """function -> lines of what it exchanged."""
    (directory / "calls.h").write_text(calls(types, stubs), encoding="utf-8")
    program = directory / "exchange"
    compiled = run([*compiler, "-std=gnu11", "-w", f"-I{directory}", *flags, source, "-o", program])
    if compiled.returncode:
        raise RuntimeError(compiled.stderr)
    played = run([program])
    if played.returncode == 2:
        raise RuntimeError(f"a process cannot trace its child here (a container without ptrace?): {played.stderr}")
    if played.returncode:
        raise RuntimeError(f"{played.stderr}\nafter\n{played.stdout[-500:]}")
    found, current = {}, None
    for line in played.stdout.splitlines():
        if line.startswith("  "):
            current.append(line.strip())
        else:
            name, _, error = line.partition(" ")
            current = found.setdefault(name, [])
            if error != "0" and "error:" not in current:
                current.append("error:")
    return found


def differences(recorded, found):
    """One block of lines for each function that exchanges something else than recorded."""
    lines = []
    for name, expected in recorded.items():
        ours = found.get(name, ["(no such function)"])
        if ours != expected:
            lines += [f"{name}:"]
            for mine, theirs in zip(ours + ["(nothing)"] * len(expected), expected + ["(nothing)"] * len(ours)):
                if mine != theirs:
                    lines += [f"  ours     {mine}", f"  recorded {theirs}"]
    return lines
