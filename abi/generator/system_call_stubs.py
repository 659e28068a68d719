# SPDX-License-Identifier: BSD-2-Clause
"""The register conventions of system calls as C functions with inline assembly, for SYSCALL and for SYSENTER."""

from . import c_text

# Registers that have a constraint letter; the others need a register variable.
LETTERS = {"rax": "a", "rbx": "b", "rcx": "c", "rdx": "d", "rdi": "D", "rsi": "S"}


class Entry:
    """An entry instruction: its assembly text, the register of the number, the registers that it overwrites."""

    def __init__(self, text, number, clobbered):
        self.text, self.number, self.clobbered = text, number, clobbered


def _operand(register, expression, mark=""):
    return f'"{mark}{LETTERS.get(register, "r")}"({expression})'


def _function(entry, about, name, parameters, inputs, outputs=(), variables=(), stores=()):
    """One function. inputs, outputs: (register, expression); variables: (register, C name, initial value); stores:
    (C name, where its value goes in the end)."""
    lines = [f"/* {about} */", *c_text.function(f"static inline void {name}", parameters), "{"]
    for register, variable, initial in variables:
        start = f" = {initial}" if initial else ""
        lines.append(f"    register seL4_Word {variable} __asm__(\"{register}\"){start};")
    taken = {register for register, _ in [*inputs, *outputs]}
    clobbered = [register for register in entry.clobbered if register not in taken] + ["memory"]
    lines += [f"    __asm__ volatile({entry.text}",
              ("                     : " + ", ".join(_operand(*output, mark="=") for output in outputs)).rstrip(),
              "                     : " + ", ".join(_operand(*operand) for operand in inputs),
              "                     : " + ", ".join(f'"{register}"' for register in clobbered) + ");"]
    lines += [f"    {place} = {variable};" for variable, place in stores]
    return [*lines, "}", ""]


def _header(interface, entry, title):
    call = interface.description["message"]["system_call"]
    mcs = interface.configuration.holds("KERNEL_MCS")
    messages = call["messages"]
    count = range(len(messages))
    lines = c_text.header(title, "sel4/config.h", "sel4/types.h")
    lines += ["/*", f" * Number in {entry.number}, capability in {call['capability']}, message info in {call['info']}, "
              f"message words in {', '.join(messages)};",
              f" * the badge comes back in {call['badge']}. The kernel does not keep the stack pointer, the stub does.",
              " */", ""]
    sys, dest, src, info = "seL4_Word sys", "seL4_Word dest", "seL4_Word src", "seL4_Word info"
    number, to, tag = (entry.number, "sys"), (call["capability"], "dest"), (call["info"], "info")
    source = (call["capability"], "src")
    words = [(register, f"mr{index}") for index, register in enumerate(messages)]
    word_parameters = [f"seL4_Word msg{index}" for index in count]
    word_variables = [(register, f"mr{index}", f"msg{index}") for index, register in enumerate(messages)]

    lines += _function(entry, "Sends a message.", "x64_sys_send", [sys, dest, info, *word_parameters],
                       [number, to, tag, *words], variables=word_variables)
    if not mcs:
        lines += _function(entry, "Answers the last caller.", "x64_sys_reply", [sys, info, *word_parameters],
                           [number, tag, *words], variables=word_variables)
    lines += _function(entry, "Sends without message words.", "x64_sys_send_null", [sys, dest, info], [number, to, tag])

    reply_input = [(call["reply"], "reply_register")] if mcs else []
    reply_variable = [(call["reply"], "reply_register", "reply")] if mcs else []
    reply_parameter = "seL4_Word reply" if mcs else "LIBSEL4_UNUSED seL4_Word reply"
    outputs = [(call["badge"], "*out_badge"), (call["info"], "*out_info"), *words]
    lines += _function(entry, "Receives a message.", "x64_sys_recv",
                       [sys, src, "seL4_Word *out_badge", "seL4_Word *out_info",
                        *(f"seL4_Word *out_mr{index}" for index in count), reply_parameter],
                       [number, source, *reply_input], outputs,
                       [(register, f"mr{index}", "") for index, register in enumerate(messages)] + reply_variable,
                       [(f"mr{index}", f"*out_mr{index}") for index in count])
    exchange_parameters = [f"seL4_Word *in_out_mr{index}" for index in count]
    exchange_variables = [(register, f"mr{index}", f"*in_out_mr{index}") for index, register in enumerate(messages)]
    exchange_stores = [(f"mr{index}", f"*in_out_mr{index}") for index in count]
    lines += _function(entry, "Sends a message and receives one.", "x64_sys_send_recv",
                       [sys, dest, "seL4_Word *out_badge", info, "seL4_Word *out_info", *exchange_parameters,
                        reply_parameter],
                       [number, to, tag, *words, *reply_input], outputs, exchange_variables + reply_variable,
                       exchange_stores)
    if mcs:
        target = call["nbsend_destination"]
        lines += _function(entry, "Sends a message to one capability and receives one from another.",
                           "x64_sys_nbsend_recv",
                           [sys, dest, src, "seL4_Word *out_badge", info, "seL4_Word *out_info", *exchange_parameters,
                            reply_parameter],
                           [number, source, tag, *words, *reply_input, (target, "destination_register")], outputs,
                           [*exchange_variables, *reply_variable, (target, "destination_register", "dest")],
                           exchange_stores)
    null = Entry(entry.text, entry.number, [*entry.clobbered, call["info"], call["capability"]])
    lines += _function(null, "A system call without arguments.", "x64_sys_null", [sys], [number])
    return c_text.finish(lines)


def syscall(interface):
    call = interface.description["message"]["system_call"]
    keeper = call["stack_keeper"]
    text = f'"movq %%rsp, %%{keeper}\\n\\tsyscall\\n\\tmovq %%{keeper}, %%rsp"'
    return _header(interface, Entry(text, call["number"], [keeper, *call["clobbered"]]),
                   "System calls with the SYSCALL instruction.")


def sysenter(interface):
    text = '"movq %%rsp, %%rcx\\n\\tleaq 1f(%%rip), %%rdx\\n1:\\tsysenter"'
    return _header(interface, Entry(text, "rax", ["rbx", "rcx", "rdx"]), "System calls with the SYSENTER instruction.")
