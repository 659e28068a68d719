# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's view of what programs ask for: system calls, labels, arguments, errors, object types, capabilities."""

from .cpp_text import ENUM_INCLUDES, Header, bit_fields, constants, enumeration
from .interface import Interface, snake


def syscall(interface: Interface):
    header = Header(*ENUM_INCLUDES)
    header.add("namespace abi {", "")
    enumeration(header, "Syscall", "std::int64_t",
                [(name, number, active, "") for name, number, active, _ in interface.syscalls],
                "System calls, by the number in RDX (manual, \"System Calls\").", "syscall")
    header.add("} // namespace abi")
    return header.text()


def error(interface: Interface):
    header = Header(*ENUM_INCLUDES)
    header.add("namespace abi {", "")
    enumeration(header, "Error", "std::uint64_t",
                [(entry["name"], number, True, entry["about"])
                 for number, entry in enumerate(interface.description["errors"]["error"])],
                "Results of an invocation: the label of its reply (manual, \"Errors\").", "error",
                stored_as="std::uint8_t")
    header.add("/// Message words of error replies.", "namespace error_message {", "")
    for entry in interface.description["errors"]["error"]:
        if "registers" in entry:
            header.add(f"namespace {snake(entry['name'])} {{")
            constants(header, [(name, index, "") for index, name in enumerate(entry["registers"])], "std::size_t")
            header.add("}", "")
    header.add("} // namespace error_message", "} // namespace abi")
    return header.text().replace("#include <cstdint>", "#include <cstddef>\n#include <cstdint>")


def object_type(interface: Interface):
    header = Header(*ENUM_INCLUDES)
    header.add("namespace abi {", "")
    enumeration(header, "ObjectType", "std::uint64_t",
                [(entry["name"], number, number is not None, entry["c"])
                 for entry, number in interface.object_types],
                "Object types that Untyped Retype makes (manual, \"Object Types\").", "object_type")
    header.add("/// Sizes as log2 of bytes, and of entries for the index sizes (manual, \"Object Sizes\").",
               "namespace size_bits {", "")
    constants(header, [(entry["name"], value, "" if active else "not in this configuration")
                       for entry, value, active in interface.sizes()], "unsigned")
    header.add("", "} // namespace size_bits", "")
    header.add("/// log2 of an object's bytes, given Retype's size argument, which counts only for untyped memory,",
               "/// CNodes and scheduling contexts.",
               "[[nodiscard]] constexpr std::uint64_t object_size_bits(ObjectType type, std::uint64_t size_argument)"
               " noexcept {",
               "    switch (type) {")
    for entry, _ in interface.object_types:
        size = entry["size_bits"]
        expression = f"size_bits::{size}" if size else ""
        if "variable" in entry:
            expression = f"{expression} + size_argument" if expression else "size_argument"
        header.add(f"    case ObjectType::{entry['name']}: return {expression};")
    header.add("    }", "    return 0;", "}", "")
    limit = interface.configuration.value("RETYPE_FAN_OUT_LIMIT")
    header.add("/// Objects that one Untyped Retype may make.",
               f"inline constexpr std::uint64_t retype_fan_out_limit = {limit};", "", "} // namespace abi")
    return header.text()


def invocation(interface: Interface):
    header = Header(*ENUM_INCLUDES)
    header.add("namespace abi {", "")
    values = [("InvalidInvocation", 0, True, "the null label")]
    seen = set()
    for method in sorted(interface.methods, key=lambda m: (not m.active,)):
        if method.label not in seen:
            seen.add(method.label)
            values.append((method.label, method.number, method.active, method.function))
    enumeration(header, "InvocationLabel", "std::uint64_t", values,
                "Labels of invocations: the label of the message that a capability is called with.",
                "invocation_label")
    header.add("} // namespace abi")
    return header.text()


def arguments(interface: Interface):
    header = Header("cstddef")
    header.add("/// Where an invocation's arguments lie. In each structure: the index of the message word of every plain",
               "/// argument, `length` (message words that the kernel asks for), `extra_caps` (capabilities that it asks",
               "/// for), `caps` (their indices), and `results` (message words of the reply, `result_length` in all).",
               "/// An argument narrower than a word also has `_shift` and `_bits`; a structure starts at its index.",
               "namespace abi::args {", "")
    done = set()
    for method in sorted(interface.methods, key=lambda m: not m.active):
        if method.identifier in done:
            continue
        done.add(method.identifier)
        header.add(f"/// {method.function}{'' if method.active else ' (not in this configuration)'}",
                   f"struct {method.identifier} {{")
        for field in method.arguments:
            _field(header, field, "    ")
        header.add(f"    static constexpr std::size_t length = {method.minimum_length};",
                   f"    static constexpr std::size_t extra_caps = {len(method.capabilities)};")
        if method.capabilities:
            header.add("    struct caps {")
            for index, (name, *_) in enumerate(method.capabilities):
                header.add(f"        static constexpr std::size_t {snake(name)} = {index};")
            header.add("    };")
        header.add(f"    static constexpr std::size_t result_length = {method.result_length};")
        if method.results:
            header.add("    struct results {")
            for field in method.results:
                _field(header, field, "        ")
            header.add("    };")
        header.add("};", "")
    header.add("} // namespace abi::args")
    return header.text()


def _field(header, field, indent):
    name = snake(field.name)
    header.add(f"{indent}static constexpr std::size_t {name} = {field.index};")
    if field.bits < 64:
        header.add(f"{indent}static constexpr unsigned {name}_shift = {field.shift};",
                   f"{indent}static constexpr unsigned {name}_bits = {field.bits};")


def capability(interface: Interface):
    header = Header("cstddef", *ENUM_INCLUDES)
    description = interface.description["capabilities"]
    header.add("namespace abi {", "")
    enumeration(header, "CapabilityTag", "std::uint64_t",
                [(entry["name"], entry["value"], interface.configuration.holds(entry.get("when")), "")
                 if interface.configuration.holds(entry.get("when"))
                 else (entry["name"], None, False, f"{entry['value']}") for entry in description["tag"]],
                "Capability types as DebugCapIdentify reports them.", "capability_tag")
    header.add("/// Slots of the initial thread's CNode (manual, \"System Bootstrapping\").", "namespace initial_cap {", "")
    constants(header, [(entry["name"], number, entry["about"]) for number, entry in enumerate(description["initial"])])
    limits = description["limits"]
    header.add(f"/// First slot after the fixed ones.\ninline constexpr std::uint64_t count = {limits['num_initial']};",
               "", "} // namespace initial_cap", "")
    constants(header, [("guard_bits", limits["guard_bits"], "bits of a CNode guard"),
                       ("guard_size_bits", limits["guard_size_bits"], "bits of the number of guard bits"),
                       ("badge_bits", limits["badge_bits"], "bits of a badge"),
                       ("cap_rights_bits", limits["rights_bits"], "bits of a rights mask")], "unsigned")
    for word in interface.description["message"]["word"]:
        if word["kernel"] != "message_info":
            bit_fields(header, word)
    header.add("", "/// Flags of TCB SetFlags.", "namespace tcb_flag {", "")
    mask = 0
    for name, flag in description["tcb_flags"].items():
        header.add(f"inline constexpr std::uint64_t {name} = {flag['value']};")
        if interface.configuration.holds(flag["when"]):
            mask |= flag["value"]
    header.add("/// The flags that count in this configuration.",
               f"inline constexpr std::uint64_t mask = {mask};", "", "} // namespace tcb_flag", "")
    context = description["sched_context"]
    header.add("/// Scheduling contexts (MCS).", "namespace sched_context {", "")
    constants(header, [("core_bytes", context["core_words"] * 8 + context["core_time_bytes"],
                        "bytes before the extra refills"),
                       ("refill_bytes", context["refill_bytes"], "bytes of one refill")])
    for name, value in context["flags"].items():
        header.add(f"inline constexpr std::uint64_t flag_{snake(name)} = {value};")
    header.add("", "} // namespace sched_context", "", "} // namespace abi")
    return header.text()
