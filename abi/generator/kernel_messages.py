# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's view of what travels between threads: messages, registers, faults."""

from .cpp_text import ENUM_INCLUDES, Header, bit_fields, constants, enumeration
from .interface import Interface, snake


def message(interface: Interface):
    header = Header("abi/register.hpp", "array", "cstddef", "cstdint")
    description = interface.description["message"]
    limits = description["limits"]
    header.add("namespace abi {", "")
    bit_fields(header, next(word for word in description["word"] if word["kernel"] == "message_info"))
    header.add("", "/// Limits of a message (manual, \"Message Passing\").", "namespace message {", "")
    constants(header, [("max_length", limits["max_length"], "message words"),
                       ("max_extra_caps", limits["max_extra_caps"], "capabilities"),
                       ("register_count", limits["registers"], "message words that travel in registers")], "std::size_t")
    call = description["system_call"]
    header.add("/// The registers of the first message words, in order.",
               f"inline constexpr std::array<Register, {len(call['messages'])}> registers{{"
               + ", ".join(f"Register::{name}" for name in call["messages"]) + "};", "", "} // namespace message", "",
               "/// Registers of a system call besides the message words.", "namespace syscall_register {", "")
    for name in ("number", "capability", "badge", "info", "reply", "nbsend_destination"):
        header.add(f"inline constexpr Register {name} = Register::{call[name]};")
    header.add("", "} // namespace syscall_register", "",
               "/// The IPC buffer: indices in 64-bit words from its start.", "namespace ipc_buffer {", "")
    offset, values = 0, []
    for name, _, count in description["ipc_buffer"]["members"]:
        values.append((snake(name), offset, ""))
        offset += max(1, count)
    constants(header, [*values, ("words", offset, "words in all")], "std::size_t")
    header.add("/// log2 of its bytes, to which it is aligned.", "inline constexpr unsigned size_bits = 10;",
               "static_assert(words * 8 == std::size_t{1} << size_bits);", "", "} // namespace ipc_buffer", "",
               "/// Message words that BenchmarkGetThreadUtilisation fills.", "namespace utilisation_message {", "")
    words = description["utilisation"]["words"]
    constants(header, [(name.lower(), number, "") for number, name in enumerate(words)], "std::size_t")
    header.add("} // namespace utilisation_message", "", "} // namespace abi")
    return header.text()


def register(interface: Interface):
    header = Header("array", "cstddef", "cstdint", "string_view")
    names = interface.user_context
    header.add("namespace abi {", "",
               "/// Registers of a user thread, numbered as in a UserContext (TCB ReadRegisters, WriteRegisters).",
               "enum class Register : std::uint8_t {")
    header.add(*(f"    {name}," for name in names), "};", "",
               f"inline constexpr std::size_t register_count = {len(names)};", "",
               "/// Its name, for diagnostics.",
               "[[nodiscard]] constexpr std::string_view name(Register value) noexcept {", "    switch (value) {")
    header.add(*(f"    case Register::{name}: return \"{name}\";" for name in names), "    }", "    return \"unknown\";", "}", "")
    frame = interface.description["registers"]["frame"]

    def order(identifier, values, about):
        header.add(f"/// {about}", f"inline constexpr std::array<Register, {len(values)}> {identifier}{{"
                   + ", ".join(f"Register::{value}" for value in values) + "};", "")

    order("user_context", names, "Order of the words of a UserContext.")
    header.add("/// The first words of a UserContext, which TCB CopyRegisters calls frame registers; the others are the",
               "/// integer registers.", f"inline constexpr std::size_t frame_register_count = {frame};", "")
    for entry, _, _ in interface.faults():
        if "registers" in entry:
            order(f"{snake(entry['name'])}_registers", entry["registers"],
                  f"Registers at the start of a {entry['name']} message, in order; a reply sets the same ones.")
    order("timeout_reply_registers", interface.description["faults"]["timeout_reply"]["registers"],
          "Registers that a reply to a timeout fault sets, in order.")
    header.add("} // namespace abi")
    return header.text()


def fault(interface: Interface):
    header = Header("cstddef", *ENUM_INCLUDES)
    description = interface.description["faults"]
    header.add("namespace abi {", "")
    enumeration(header, "FaultType", "std::uint64_t",
                [(entry["name"], label, active, "") for entry, label, active in interface.faults()],
                "Faults, by the label of their message (manual, \"Faults\").", "fault_type")
    enumeration(header, "LookupFailure", "std::uint64_t",
                [(entry["name"], entry["value"], True, "") for entry in description["lookup_failure"]],
                "Why a capability lookup failed.", "lookup_failure", stored_as="std::uint8_t")
    header.add("/// Message words of each fault.", "namespace fault_message {", "")
    for entry, _, active in interface.faults():
        if not entry["words"]:
            continue
        header.add(f"namespace {snake(entry['name'])} {{")
        if entry["name"] == "CapFault":
            values = [(snake(name), index, "") for name, index in description["capability_fault"]["words"].items()]
            constants(header, values, "std::size_t")
            header.add("/// Words of the message, by lookup failure.",
                       "[[nodiscard]] constexpr std::size_t length(LookupFailure failure) noexcept {",
                       "    switch (failure) {", "    case LookupFailure::NoFailure: return 4;")
            for name, length in description["capability_fault"]["length"].items():
                header.add(f"    case LookupFailure::{name}: return {length};")
            header.add("    }", "    return 4;", "}")
        else:
            constants(header, [(snake(name), index, "") for index, name in enumerate(entry["words"])]
                      + [("length", len(entry["words"]), "")], "std::size_t")
        header.add("}", "")
    header.add("} // namespace fault_message", "",
               "/// A FailedLookup error of a Map invocation: the address bits below the missing paging structure,",
               "/// in this message word.", "namespace mapping_failure {", "")
    mapping = description["mapping"]
    constants(header, [("level", mapping["register"], "")], "std::size_t")
    constants(header, [(name, value, "") for name, value in mapping.items() if name != "register"])
    header.add("", "} // namespace mapping_failure", "", "/// Breakpoint arguments (HARDWARE_DEBUG_API).",
               "namespace breakpoint {", "")
    point = description["breakpoint"]
    for group in ("types", "access"):
        constants(header, [(snake(name), value, "") for value, name in enumerate(point[group])])
    header.add(f"inline constexpr std::size_t hardware_count = {point['hardware']};", "", "} // namespace breakpoint", "",
               "} // namespace abi")
    return header.text()
