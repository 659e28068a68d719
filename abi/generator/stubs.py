# SPDX-License-Identifier: BSD-2-Clause
"""interfaces/sel4_client.h: one C function per invocation."""

from . import c_text
from .interface import NARROW

# C types of the stubs and their bytes, checked by the header itself.
CHECKED = [("int", 4), ("long", 8), ("seL4_Uint8", 1), ("seL4_Uint16", 2), ("seL4_Uint32", 4), ("seL4_Uint64", 8),
           ("seL4_Time", 8), ("seL4_Word", 8), ("seL4_Bool", 1), ("seL4_CapRights_t", 8), ("seL4_CPtr", 8),
           ("seL4_X86_VMAttributes", 8), ("seL4_X86_EPT_VMAttributes", 8)]


def is_reference(c_type):
    """Whether a parameter of this type is passed by pointer."""
    return c_type in ("seL4_UserContext", "seL4_VCPUContext")


def result_type(method):
    """The return type, and whether it is a structure."""
    if any(not is_reference(field.c_type) for field in method.results):
        return f"{method.function}_t", True
    return "seL4_Error", False


def signature(method):
    """Return type and parameters, for the header and for tests."""
    parameters = [f"{method.service} _service"]
    for name, c_type, *_ in method.inputs:
        parameters.append(f"{c_type} *{name}" if is_reference(c_type) else f"{c_type} {name}")
    for name, c_type, *_ in method.outputs:
        if is_reference(c_type):
            parameters.append(f"{c_type} *{name}")
    return result_type(method)[0], parameters


def _value(field):
    """A whole-word expression for an argument."""
    if field.c_type == "seL4_CapRights_t":
        return f"{field.name}.words[0]"
    value = f"(seL4_Word){field.name}"
    if field.bits < 64:
        value = f"({value} & {(1 << field.bits) - 1:#x}ul)"
    return f"({value} << {field.shift})" if field.shift else value


def _words(interface, method):
    """The expression for each message word."""
    words = [[] for _ in range(method.length)]
    for field in method.arguments:
        if is_reference(field.c_type):
            for offset, member in enumerate(interface.members(field.c_type)):
                words[field.index + offset].append(f"{field.name}->{member}")
        else:
            words[field.index].append(_value(field))
    return [" | ".join(parts) for parts in words]


def _results(interface, method, source):
    """Lines that take the results out of the message; `source` gives the expression for a message word."""
    lines = []
    for field in method.results:
        if is_reference(field.c_type):
            members = interface.members(field.c_type)
            registers = interface.description["message"]["limits"]["registers"]
            lines += [f"    {field.name}->{member} = {source(field.index + index)};"
                      for index, member in enumerate(members[:registers])]
            # Only as many words as were asked for are in the message.
            limit = f"i < count && i < {len(members)}" if source(0) == "mr0" else f"i < {len(members)}"
            lines += [f"    for (seL4_Word i = {registers}; {limit}; ++i) {{",
                      f"        ((seL4_Word *){field.name})[i] = seL4_GetMR((int)i);", "    }"]
        elif field.c_type in NARROW:
            value = f"({source(field.index)} >> {field.shift})" if field.shift else source(field.index)
            lines.append(f"    result.{field.name} = ({field.c_type})({value} & {(1 << field.bits) - 1:#x}ul);")
        else:
            lines.append(f"    result.{field.name} = {source(field.index)};")
    return lines


def _comment(method):
    lines = ["/**", f" * {method.about}", " *"]
    for name, _, *about in method.inputs:
        lines.append(f" * @param {name} {about[0]}")
    for name, c_type, *about in method.outputs:
        lines.append(f" * @param[out] {name} {about[0]}" if is_reference(c_type) else f" * @return {name}: {about[0]}")
    for name, reason in method.errors:
        lines.append(f" * @retval seL4_{name} {reason}")
    return [*lines, " */"]


def stub(interface, method):
    """The lines of one function."""
    returned, is_structure = result_type(method)
    buffer_only = interface.configuration.value("LIB_SEL4_STUBS_USE_IPC_BUFFER_ONLY")
    registers = 0 if buffer_only else interface.description["message"]["limits"]["registers"]
    words = _words(interface, method)
    error = "result.error" if is_structure else "result"
    lines = [*_comment(method), *c_text.function(f"LIBSEL4_INLINE {returned} {method.function}", signature(method)[1]), "{",
             f"    {returned} result;"]
    for index in range(registers):
        lines.append(f"    seL4_Word mr{index} = {words[index] if index < len(words) else 0};")
    for index, (name, *_) in enumerate(method.capabilities):
        lines.append(f"    seL4_SetCap({index}, {name});")
    references = [field for field in method.arguments if is_reference(field.c_type)]
    # Without message registers seL4's stubs transfer every word, and so do these.
    cut_short = method.minimum_length < method.length and references and registers
    for index in range(registers, len(words)):
        if cut_short and index >= references[0].index:
            break
        lines.append(f"    seL4_SetMR({index}, {words[index]});")
    if cut_short:
        field = references[0]
        lines += [f"    for (seL4_Word i = {max(0, registers - field.index)}; i < count && "
                  f"i < {len(interface.members(field.c_type))}; ++i) {{",
                  f"        seL4_SetMR((int)i + {field.index}, ((seL4_Word *){field.name})[i]);", "    }"]
    tag = f"seL4_MessageInfo_new({method.label}, 0, {len(method.capabilities)}, {method.length})"
    if buffer_only:
        lines.append(f"    seL4_MessageInfo_t tag = seL4_Call(_service, {tag});")
    else:
        passed = ", ".join(f"&mr{index}" for index in range(registers))
        lines += [f"    seL4_MessageInfo_t tag = seL4_CallWithMRs(_service, {tag},",
                  f"                                              {passed});"]
    cast = "(int)" if is_structure else f"({returned})"
    lines.append(f"    {error} = {cast}seL4_MessageInfo_get_label(tag);")
    if not buffer_only:
        lines += [f"    if ({error} != seL4_NoError) {{",
                  *(f"        seL4_SetMR({index}, mr{index});" for index in range(registers))]
        if interface.configuration.value("KERNEL_INVOCATION_REPORT_ERROR_IPC"):
            lines += ["        if (seL4_CanPrintError()) {", "            seL4_DebugPutString(seL4_GetDebugError());",
                      "        }"]
        lines.append("    }")
    lines += _results(interface, method, lambda index: f"mr{index}" if index < registers else f"seL4_GetMR({index})")
    lines += ["    return result;", "}", ""]
    return lines


def generate(interface):
    """The text of the header."""
    lines = c_text.header("Invocations of kernel objects, one function each.", "sel4/config.h", "sel4/types.h",
                          "sel4/invocation.h", "sel4/functions.h", "sel4/sel4_arch/constants.h",
                          "sel4/sel4_arch/syscalls.h")
    lines.append("/* The stubs rely on these sizes. */")
    sizes = CHECKED + [("seL4_UserContext", 8 * len(interface.user_context)),
                       ("seL4_VCPUContext", 8 * len(interface.vcpu_context))]
    lines += [f"SEL4_COMPILE_ASSERT({name}_has_{size}_bytes, sizeof({name}) == {size})" for name, size in sizes]
    lines += ["", "/* What invocations with results return, also those that this configuration lacks. */", ""]
    for method in interface.methods:
        returned, is_structure = result_type(method)
        if is_structure:
            lines += [f"struct {method.function} {{", "    int error; /**< seL4_Error */"]
            lines += [c_text.member(field.name, field.c_type, 0) for field in method.results
                      if not is_reference(field.c_type)]
            lines += ["};", f"typedef struct {method.function} {returned};", ""]
    for method in interface.methods:
        if method.active:
            lines += stub(interface, method)
    return c_text.finish(lines)
