# SPDX-License-Identifier: BSD-2-Clause
"""Writes the kernel's view of the interface: include/abi/*.hpp, namespace abi, freestanding C++.

Every name exists in every configuration, so that kernel code needs no preprocessor: what a configuration lacks has a
number that no message can carry, its decoder never returns it, and `is_available()` says so.
"""

from .cpp_text import BANNER, Header, constants, number_text, string_text
from .interface import Interface, snake
from .kernel_boot_info import boot_info
from .kernel_invocations import arguments, capability, error, invocation, object_type, syscall
from .kernel_messages import fault, message, register


def config(interface: Interface):
    header = Header("cstdint", "string_view")
    header.add("/// Configuration symbols of seL4 16.0.0, without CONFIG_ and in lower case. A number or string that this",
               "/// configuration does not define is 0 or empty. A number with bounds has them beside it.",
               "namespace abi::config {", "")
    configuration = interface.configuration
    for name, symbol in configuration.symbols.items():
        value = configuration.value(name)
        if symbol.about and not symbol.option_of:
            header.add(f"/// {symbol.about}")
        if symbol.kind == "bool":
            header.add(f"inline constexpr bool {name.lower()} = {'true' if value else 'false'};")
        elif symbol.kind == "number":
            header.add(f"inline constexpr std::uint64_t {name.lower()} = {number_text(value or 0)};")
            for bound in ("minimum", "maximum") if "maximum" in symbol.entry else ():
                header.add(f"inline constexpr std::uint64_t {name.lower()}_{bound} = {number_text(symbol.entry[bound])};")
        else:
            header.add(f"inline constexpr std::string_view {name.lower()} = {string_text(value or '')};")
    header.add("", "} // namespace abi::config")
    return header.text()


def memory(interface: Interface):
    header = Header("cstdint")
    description = interface.description["memory"]
    header.add("namespace abi {", "")
    constants(header, [("user_top", description["user"]["top"], "first virtual address that user mode cannot map")])
    header.add("", "/// The PrefetchFault word of a VM fault.", "namespace vm_fault_kind {")
    constants(header, [(name, value, "") for name, value in description["fault_kind"].items()])
    header.add("}", "")
    for attribute in description["attribute"]:
        header.add(f"/// {attribute['name']}", f"namespace {attribute['kernel']} {{", "")
        prefix = "seL4_X86_EPT_" if "EPT" in attribute["name"] else "seL4_X86_"
        constants(header, [(snake(name.removeprefix(prefix).replace("Default_VM", "Default").removesuffix("_VMAttributes")),
                            value, "") for name, value in attribute["values"].items()])
        if attribute["kernel"] == "vm_attributes":
            header.add("", "/// Bits of the word: page-table entry bits PWT, PCD and PAT.",
                       "inline constexpr std::uint64_t write_through_bit = 1;",
                       "inline constexpr std::uint64_t cache_disabled_bit = 2;",
                       "inline constexpr std::uint64_t pat_bit = 4;")
        header.add("", f"}} // namespace {attribute['kernel']}", "")
    interrupts = description["interrupts"]
    header.add("/// Interrupt vectors as IRQControl counts them.", "namespace irq {", "")
    constants(header, [("first_user_vector", interrupts["first_user_vector"], "CPU vector of vector argument 0"),
                       ("vector_min", interrupts["vector_min"], ""), ("vector_max", interrupts["vector_max"], "")])
    header.add("", "} // namespace irq", "", "/// Largest thread priority.",
               f"inline constexpr std::uint64_t max_priority = {interface.configuration.value('NUM_PRIORITIES') - 1};", "",
               "} // namespace abi")
    return header.text()


HEADERS = {"config": config, "syscall": syscall, "error": error, "object_type": object_type, "invocation": invocation,
           "arguments": arguments, "capability": capability, "message": message, "register": register, "fault": fault,
           "memory": memory, "boot_info": boot_info}


def generate(interface: Interface):
    """File name below include/ to text."""
    files = {f"abi/{name}.hpp": write(interface) for name, write in HEADERS.items()}
    files["abi/abi.hpp"] = BANNER + "\n" + "".join(f"#include <abi/{name}.hpp>\n" for name in sorted(HEADERS))
    return files
