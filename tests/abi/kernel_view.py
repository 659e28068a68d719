# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's view (include/abi) against recorded facts: the same numbers, and decoders that agree with them."""
from antimono.suite import fail

from probe import Probe

# Recorded capability tags have seL4's names of the variants.
TAGS = {"cap_null_cap": "Null", "cap_untyped_cap": "Untyped", "cap_endpoint_cap": "Endpoint",
        "cap_notification_cap": "Notification", "cap_reply_cap": "Reply", "cap_cnode_cap": "CNode", "cap_thread_cap": "Thread",
        "cap_irq_control_cap": "IrqControl", "cap_irq_handler_cap": "IrqHandler", "cap_zombie_cap": "Zombie",
        "cap_domain_cap": "Domain", "cap_sched_context_cap": "SchedContext", "cap_sched_control_cap": "SchedControl",
        "cap_frame_cap": "Frame", "cap_page_table_cap": "PageTable", "cap_page_directory_cap": "PageDirectory",
        "cap_pdpt_cap": "Pdpt", "cap_pml4_cap": "Pml4", "cap_asid_control_cap": "AsidControl", "cap_asid_pool_cap": "AsidPool",
        "cap_io_space_cap": "IoSpace", "cap_io_page_table_cap": "IoPageTable", "cap_io_port_cap": "IoPort",
        "cap_vcpu_cap": "Vcpu", "cap_ept_pt_cap": "EptPt", "cap_ept_pd_cap": "EptPd", "cap_ept_pdpt_cap": "EptPdpt",
        "cap_ept_pml4_cap": "EptPml4", "cap_io_port_control_cap": "IoPortControl"}


def _enumerators(probe, enum, decoder, pairs, signed=False):
    """Each (enumerator, number) by value and through the decoder; a decoder knows nothing else."""
    word = "std::int64_t" if signed else "std::uint64_t"
    for enumerator, number in pairs:
        probe.ask(f"{enum}::{enumerator}", f"abi::number(abi::{enum}::{enumerator})", number)
        probe.ask(f"{decoder}({number})", f"abi::{decoder}({number}) == abi::{enum}::{enumerator}", 1)
        probe.ask(f"is_available({enum}::{enumerator})", f"abi::is_available(abi::{enum}::{enumerator})", 1)
    low, high = (-64, 8) if signed else (0, 300)
    probe.ask(f"how many numbers {decoder}() knows",
              f"[] {{ int n = 0; for ({word} i = {low}; i <= {high}; ++i) n += abi::{decoder}(i).has_value(); return n; }}()",
              len({number for _, number in pairs}))
    for number in ("~0ull", "1ull << 63", "(1ull << 63) + 1"):
        probe.ask(f"{decoder}({number})", f"abi::{decoder}(static_cast<{word}>({number})).has_value()",
                  int(signed and number == "~0ull"))


def questions(recorded, name):
    facts, view = recorded.facts(name), recorded.view(recorded.facts(name))
    description, enums, constants = view.description, facts["enums"], facts["constants"]
    probe = Probe(["#include <abi/abi.hpp>", "#include <cstddef>"], constant=True)
    counts = ("nInvocationLabels", "nSeL4ArchInvocationLabels", "nArchInvocationLabels")
    _enumerators(probe, "InvocationLabel", "invocation_label",
                 [(label, number) for label, number in facts["labels"].items() if label not in counts])
    _enumerators(probe, "Syscall", "syscall",
                 [(call.removeprefix("seL4_Sys"), number) for call, number in facts["syscalls"].items()
                  if not call.startswith("_")], signed=True)
    _enumerators(probe, "CapabilityTag", "capability_tag",
                 [(TAGS[tag], number) for tag, number in facts["capability_tags"].items()])
    _enumerators(probe, "ObjectType", "object_type",
                 [(entry["name"], enums[entry["c"]]) for entry, _ in view.object_types if entry["c"] in enums])
    _enumerators(probe, "Error", "error", [(entry["name"], enums[f"seL4_{entry['name']}"])
                                           for entry in description["errors"]["error"]])
    _enumerators(probe, "FaultType", "fault_type",
                 list(facts["tagged_unions"]["seL4_Fault"]["tags"].items()))
    _enumerators(probe, "LookupFailure", "lookup_failure",
                 [(entry["name"], enums[f"seL4_{entry['name']}"]) for entry in description["faults"]["lookup_failure"]])

    for entry, _, active in view.sizes():
        if active:
            probe.ask(f"size_bits::{entry['name']}", f"abi::size_bits::{entry['name']}", constants[entry["c"]])
    for slot in description["capabilities"]["initial"]:
        probe.ask(f"initial_cap::{slot['name']}", f"abi::initial_cap::{slot['name']}", enums[slot["c"]])
    for ours, theirs in (("initial_cap::count", enums["seL4_NumInitialCaps"]),
                         ("message::max_length", enums["seL4_MsgMaxLength"]),
                         ("message::max_extra_caps", constants["seL4_MsgMaxExtraCaps"]),
                         ("message::register_count", constants["seL4_FastMessageRegisters"]),
                         ("message::registers.size()", constants["seL4_FastMessageRegisters"]),
                         ("retype_fan_out_limit", constants["seL4_UntypedRetypeMaxObjects"]),
                         ("max_priority", enums["seL4_MaxPrio"]), ("user_top", constants["seL4_UserTop"]),
                         ("badge_bits", constants["seL4_BadgeBits"]), ("guard_bits", constants["seL4_GuardBits"]),
                         ("guard_size_bits", constants["seL4_GuardSizeBits"]), ("tcb_flag::mask", enums["seL4_TCBFlag_MASK"]),
                         ("irq::first_user_vector", constants["IRQ_OFFSET"]), ("irq::vector_max", constants["VECTOR_MAX"]),
                         ("mapping_failure::level", constants["SEL4_MAPPING_LOOKUP_LEVEL"]),
                         ("mapping_failure::no_page_table", constants["SEL4_MAPPING_LOOKUP_NO_PT"]),
                         ("mapping_failure::no_page_directory", constants["SEL4_MAPPING_LOOKUP_NO_PD"]),
                         ("mapping_failure::no_pdpt", constants["SEL4_MAPPING_LOOKUP_NO_PDPT"]),
                         ("vm_fault_kind::instruction", constants["seL4_InstructionFault"]),
                         ("boot_info::frame_bits", constants["seL4_BootInfoFrameBits"])):
        probe.ask(ours, f"abi::{ours}", theirs)
    for value, right in facts["cap_rights"].items():
        bits = ", ".join(str(right >> shift & 1) for shift in (3, 2, 1, 0))
        probe.ask(f"cap_rights::make for {value}", f"abi::cap_rights::make({bits})", right)
    _layouts(probe, recorded, facts)
    _messages(probe, recorded, view, enums)
    for symbol, value in recorded.gen_config(facts).items():
        if isinstance(value, bool) or value.isdigit():
            probe.ask(f"config::{symbol.lower()}", f"abi::config::{symbol.lower()}", int(value))
        else:
            probe.ask(f"config::{symbol.lower()}", f'abi::config::{symbol.lower()} == "{value}"', 1)
    return probe


def _layouts(probe, recorded, facts):
    snake = recorded.interface.snake
    for theirs, ours in (("seL4_BootInfo", "BootInfo"), ("seL4_SlotRegion", "SlotRegion"),
                         ("seL4_UntypedDesc", "UntypedDescription"), ("seL4_BootInfoHeader", "ChunkHeader")):
        layout = facts["types"][theirs]
        probe.ask(f"size of {ours}", f"sizeof(abi::boot_info::{ours})", layout["size"])
        for field, (offset, _) in layout["fields"].items():
            probe.ask(f"offset of {ours}.{field}", f"offsetof(abi::boot_info::{ours}, {snake(field)})", offset)
    for field, (offset, _) in facts["types"]["seL4_IPCBuffer"]["fields"].items():
        probe.ask(f"ipc_buffer::{snake(field)}", f"abi::ipc_buffer::{snake(field)} * 8", offset)
    probe.ask("ipc_buffer::words", "abi::ipc_buffer::words * 8", facts["types"]["seL4_IPCBuffer"]["size"])
    for index, field in enumerate(facts["types"]["seL4_UserContext"]["fields"]):
        probe.ask(f"user_context[{index}]", f'abi::name(abi::user_context[{index}]) == "{field}"', 1)
    for block, namespace in (("seL4_MessageInfo", "message_info"), ("seL4_CapRights", "cap_rights"),
                             ("seL4_CNode_CapData", "cnode_cap_data"), ("seL4_X86_IOSpace_CapData", "io_space_cap_data")):
        for field, place in facts["bitfields"].get(block, {"fields": {}})["fields"].items():
            probe.ask(f"{namespace}::{field} shift", f"abi::{namespace}::{snake(field)}_shift", place["shift"])
            probe.ask(f"{namespace}::{field} bits", f"abi::{namespace}::{snake(field)}_bits", place["width"])
    for name, layout in facts["types"].items():
        if layout["header"] != "sel4/arch/bootinfo_types.h" or " " in name:
            continue
        namespace = snake(name.removeprefix("seL4_").removesuffix("_t").replace("X86_", ""))
        probe.ask(f"layout::{namespace}::bytes", f"abi::boot_info::layout::{namespace}::bytes", layout["size"])
        for field, (offset, _) in layout["fields"].items():
            probe.ask(f"layout::{namespace}::{field}", f"abi::boot_info::layout::{namespace}::{snake(field)}", offset)


def _messages(probe, recorded, view, enums):
    """Fault messages."""
    snake = recorded.interface.snake
    for entry, _, active in view.faults():
        if not active:
            continue
        for word in entry["words"]:
            if f"seL4_{entry['name']}_{word}" in enums:
                probe.ask(f"fault_message::{snake(entry['name'])}::{snake(word)}",
                          f"abi::fault_message::{snake(entry['name'])}::{snake(word)}", enums[f"seL4_{entry['name']}_{word}"])
        if f"seL4_{entry['name']}_Length" in enums:
            probe.ask(f"fault_message::{snake(entry['name'])}::length",
                      f"abi::fault_message::{snake(entry['name'])}::length", enums[f"seL4_{entry['name']}_Length"])
    for word in ("DepthMismatch_BitsFound", "GuardMismatch_GuardFound", "GuardMismatch_BitsFound"):
        probe.ask(f"fault_message::cap_fault::{snake(word)}", f"abi::fault_message::cap_fault::{snake(word)}",
                  enums[f"seL4_CapFault_{word}"])


def check(recorded, name, directory):
    prefix = recorded.Prefix(recorded.facts(name), directory)
    flags = ["-std=c++26", "-Wall", "-Wextra", *prefix.kernel_includes]
    lines = questions(recorded, name).differences(["clang++-22"], flags, directory, ".cpp")
    if lines:
        fail("\n".join([f"{len(lines)} differences", *lines]))
