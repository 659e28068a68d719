# SPDX-License-Identifier: BSD-2-Clause
"""Writes those headers of libsel4 that follow from the description; the others are in libsel4/include."""

from . import bit_fields, c_text, stubs, system_call_stubs
from .c_text import enumeration, finish, header


def syscall(interface):
    lines = header("System call numbers.", "sel4/config.h", "sel4/macros.h")
    lines += enumeration("", [(f"seL4_Sys{name}", number, "") for name, number, active, _ in interface.syscalls if active],
                         "seL4_Syscall_ID", "seL4_Syscall_ID")
    return finish(lines)


def errors(interface):
    lines = header("Results of invocations.")
    entries = interface.description["errors"]["error"]
    lines += enumeration("", [*((f"seL4_{entry['name']}", number, entry["about"]) for number, entry in enumerate(entries)),
                              ("seL4_NumErrors", len(entries), "The number of results.")], "seL4_Error")
    return finish(lines)


def _types(interface, layer):
    return [(entry["c"], number, "") for entry, number in interface.object_types
            if entry["layer"] == layer and number is not None]


def _absent(interface, layer):
    lines = [f"#define {entry['c']} {entry['absent']:#x}" for entry, number in interface.object_types
             if entry["layer"] == layer and number is None and "absent" in entry]
    return ["", "/* Types that this configuration lacks: Untyped Retype refuses these numbers. */", *lines] if lines else []


def objecttype(interface):
    lines = header("Object types that every architecture has.", "sel4/config.h", "sel4/macros.h", "sel4/simple_types.h")
    types = _types(interface, "api")
    lines += enumeration("api_object", [*types, ("seL4_NonArchObjectTypeCount", len(types), "")], "seL4_ObjectType")
    lines += ["", "SEL4_DEPRECATED(\"use seL4_NotificationObject\")",
              "LIBSEL4_UNUSED static const seL4_ObjectType seL4_AsyncEndpointObject = seL4_NotificationObject;",
              "", "typedef seL4_Word api_object_t;"]
    return finish(lines)


def sel4_arch_objecttype(interface):
    lines = header("Object types of 64-bit mode.", "sel4/config.h", "sel4/objecttype.h")
    types = _types(interface, "mode")
    lines += enumeration("_mode_object", [*types, ("seL4_ModeObjectTypeCount", types[-1][1] + 1, "")],
                         "seL4_seL4ArchObjectType")
    lines += ["", "/** The 32-bit name. */", "#define seL4_IA32_PDPTObject seL4_X86_PDPTObject",
              *_absent(interface, "mode")]
    return finish(lines)


def arch_objecttype(interface):
    lines = header("Object types of x86.", "sel4/config.h", "sel4/sel4_arch/objecttype.h")
    types = _types(interface, "arch")
    lines += enumeration("_object", [*types, ("seL4_ObjectTypeCount", types[-1][1] + 1, "")], "seL4_ArchObjectType")
    lines += ["", "typedef seL4_Word object_t;", *_absent(interface, "arch")]
    return finish(lines)


def _labels(interface, layer, tag, first, last):
    labels = [(method.label, method.number, "") for method in interface.methods
              if method.layer == layer and method.active]
    return enumeration(tag, [*first, *labels, (last, interface.label_counts[layer], "")])


def invocation(interface):
    lines = header("Labels of invocations that every architecture has.", "sel4/config.h")
    lines += _labels(interface, "generic", "invocation_label", [("InvalidInvocation", 0, "")], "nInvocationLabels")
    lines += ["", "#include <sel4/sel4_arch/invocation.h>", "#include <sel4/arch/invocation.h>"]
    return finish(lines)


def sel4_arch_invocation(interface):
    lines = header("Labels of invocations of 64-bit mode.", "sel4/config.h")
    lines += _labels(interface, "x86_64", "sel4_arch_invocation_label", [], "nSeL4ArchInvocationLabels")
    return finish(lines)


def arch_invocation(interface):
    lines = header("Labels of invocations of x86.", "sel4/config.h")
    lines += _labels(interface, "x86", "arch_invocation_label", [], "nArchInvocationLabels")
    return finish(lines)


def _message_enum(interface, fault):
    entry = next(entry for entry, _, _ in interface.faults() if entry["name"] == fault)
    name = f"seL4_{fault}_Msg"
    return enumeration("", [*((f"seL4_{fault}_{word}", index, "") for index, word in enumerate(entry["words"])),
                            (f"seL4_{fault}_Length", len(entry["words"]), "")], name, name)


def _breakpoints(interface):
    point = interface.description["faults"]["breakpoint"]
    if not interface.configuration.holds(point["when"]):
        return []
    lines = enumeration("", [(f"seL4_{name}", value, "") for value, name in enumerate(point["types"])],
                        "seL4_BreakpointType", "seL4_BreakpointType")
    lines += ["", *enumeration("", [*((f"seL4_{name}", value, "") for value, name in enumerate(point["access"])),
                                    ("seL4_MaxBreakpointAccess", len(point["access"]), "")],
                               "seL4_BreakpointAccess", "seL4_BreakpointAccess")]
    return [*lines, "", *_message_enum(interface, "DebugException"), ""]


def _sched_contexts(interface):
    context = interface.description["capabilities"]["sched_context"]
    if not interface.configuration.holds(context["when"]):
        return []
    size = next(entry for entry, _, _ in interface.sizes() if entry["name"] == "min_sched_context")
    return ["/** log2 of the bytes of the smallest scheduling context. */", f"#define {size['c']} {size['value']}", "",
            "#ifndef __ASSEMBLER__", "/** Bytes of a scheduling context before its extra refills. */",
            f"#define seL4_CoreSchedContextBytes ({context['core_words']} * sizeof(seL4_Word) + "
            f"{context['core_time_bytes']})",
            "/** Bytes of one extra refill. */", f"#define seL4_RefillSizeBytes {context['refill_bytes']}", "",
            "SEL4_COMPILE_ASSERT(MinSchedContextBits_sufficient,",
            "                    seL4_CoreSchedContextBytes <= LIBSEL4_BIT(seL4_MinSchedContextBits))",
            "SEL4_COMPILE_ASSERT(MinSchedContextBits_necessary,",
            "                    seL4_CoreSchedContextBytes > LIBSEL4_BIT(seL4_MinSchedContextBits - 1))", "",
            "/** Extra refills that fit into a scheduling context of 2^size bytes. */",
            "static inline seL4_Word seL4_MaxExtraRefills(seL4_Word size)", "{",
            "    return (LIBSEL4_BIT(size) - seL4_CoreSchedContextBytes) / seL4_RefillSizeBytes;", "}", "",
            *enumeration("", [(f"seL4_SchedContext_{name}", value, "") for name, value in context["flags"].items()],
                         "seL4_SchedContextFlag", "seL4_SchedContextFlag"), "#endif", ""]


def constants(interface):
    holds, limits = interface.configuration.holds, interface.description["message"]["limits"]
    capabilities, faults = interface.description["capabilities"], interface.description["faults"]
    lines = header("Priorities, message limits, lookup failures, thread flags, scheduling contexts, breakpoints.",
                   "sel4/config.h", "sel4/macros.h")
    lines += ["#ifndef __ASSEMBLER__", "#include <sel4/simple_types.h>", "", *_breakpoints(interface)]
    lines += enumeration("priorityConstants", [("seL4_InvalidPrio", -1, ""), ("seL4_MinPrio", 0, ""),
                                               ("seL4_MaxPrio", interface.configuration.value("NUM_PRIORITIES") - 1, "")])
    lines += ["", *enumeration("seL4_MsgLimits", [("seL4_MsgLengthBits", limits["length_bits"], ""),
                                                  ("seL4_MsgExtraCapBits", limits["extra_cap_bits"], ""),
                                                  ("seL4_MsgMaxLength", limits["max_length"], "")]),
              "", "/** Capabilities that a message can carry. */",
              "#define seL4_MsgMaxExtraCaps (LIBSEL4_BIT(seL4_MsgExtraCapBits) - 1)",
              f"#define seL4_CapRightsBits {capabilities['limits']['rights_bits']}", "",
              *enumeration("", [(f"seL4_{entry['name']}", entry["value"], "") for entry in faults["lookup_failure"]],
                           "seL4_LookupFailureType", "seL4_LookupFailureType"), ""]
    flags = capabilities["tcb_flags"].values()
    mask = sum(flag["value"] for flag in flags if holds(flag["when"]))
    lines += enumeration("", [("seL4_TCBFlag_NoFlag", 0, ""), *((flag["c"], flag["value"], "") for flag in flags),
                              ("seL4_TCBFlag_MASK", mask, "The flags that the kernel knows.")],
                         "seL4_TCBFlag", "seL4_TCBFlag")
    lines += ["#endif /* __ASSEMBLER__ */", "", *_sched_contexts(interface)]
    if holds("KERNEL_INVOCATION_REPORT_ERROR_IPC"):
        lines += ["/* Message word and characters of the kernel's diagnostic for a failed invocation. */",
                  f"#define DEBUG_MESSAGE_START {limits['debug_message_start']}",
                  f"#define DEBUG_MESSAGE_MAXLEN {limits['debug_message_max_length']}"]
    return finish(lines)


def sel4_arch_constants(interface):
    memory, holds = interface.description["memory"], interface.configuration.holds
    lines = header("Object sizes, address-space limits and fault messages of x86_64.", "sel4/config.h", "sel4/macros.h")
    gdt = memory["gdt"]
    lines += [f"#define TLS_GDT_ENTRY {gdt['tls_entry']}", "#define TLS_GDT_SELECTOR ((TLS_GDT_ENTRY << 3) | 3)", "",
              f"#define IPCBUF_GDT_ENTRY {gdt['ipc_buffer_entry']}",
              "#define IPCBUF_GDT_SELECTOR ((IPCBUF_GDT_ENTRY << 3) | 3)", "",
              f"#define seL4_DataFault {memory['fault_kind']['data']}",
              f"#define seL4_InstructionFault {memory['fault_kind']['instruction']}", "", "#define seL4_WordBits 64",
              "/* log2 of bytes, of entries for the Index sizes */"]
    for entry, value, active in interface.sizes():
        if active and entry.get("layer") != "arch" and entry["name"] not in ("vspace", "min_sched_context"):
            lines.append(f"#define {entry['c']} {value}")
    lines += ["#define seL4_VSpaceBits seL4_PML4Bits", "", "#ifndef __ASSEMBLER__"]
    for table in ("PageTable", "PageDir", "PDPT", "PML4", "IOPageTable"):
        lines.append(f"SEL4_SIZE_SANITY(seL4_{table}EntryBits, seL4_{table}IndexBits, seL4_{table}Bits)")
    lines += ["SEL4_SIZE_SANITY(seL4_WordSizeBits, seL4_ASIDPoolIndexBits, seL4_ASIDPoolBits)", ""]
    for fault in ("VMFault", "UnknownSyscall", "UserException"):
        lines += [*_message_enum(interface, fault), ""]
    reply = interface.description["faults"]["timeout_reply"]
    if holds(reply["when"]):
        lines += [*_message_enum(interface, "Timeout"), "",
                  *enumeration("", [*((f"seL4_TimeoutReply_{name}", index, "") for index, name in enumerate(reply["words"])),
                                    ("seL4_TimeoutReply_Length", len(reply["words"]), "")],
                               "seL4_TimeoutReply_Msg", "seL4_TimeoutReply_Msg"), ""]
    lines += ["#endif /* __ASSEMBLER__ */", "", "/** Message words that travel in registers. */",
              f"#define seL4_FastMessageRegisters {interface.description['message']['limits']['registers']}", "",
              "/** First address that user mode cannot map. */", f"#define seL4_UserTop {memory['user']['top']:#018x}",
              "/** Last address that user mode can map. */", "#define seL4_UserVSpaceTop (seL4_UserTop - 1)"]
    return finish(lines)


def arch_constants(interface):
    irq = interface.description["memory"]["interrupts"]
    lines = header("Interrupt vectors, sizes of virtualisation objects.")
    lines += ["/* An MSI has to name the CPU vector: the vector argument of the invocation plus this. */",
              f"#define IRQ_OFFSET ({irq['first_user_vector']:#x})", "",
              "/* Vector arguments that an invocation accepts. */", f"#define VECTOR_MIN ({irq['vector_min']})",
              f"#define VECTOR_MAX ({irq['vector_max']})", "#define MSI_MIN VECTOR_MIN", "#define MSI_MAX VECTOR_MAX", ""]
    for entry, value, _ in interface.sizes():
        if entry.get("layer") == "arch":
            lines += [f"#define {name} {value}" for name in [*entry.get("aliases", []), entry["c"]]]
    return finish(lines)


def shared_types_gen(interface):
    lines = header("Words made of bit fields.", "sel4/config.h", "sel4/simple_types.h", "sel4/debug_assert.h")
    for entry in interface.description["message"]["word"]:
        if entry.get("header") != "arch":
            lines += bit_fields.word(entry)
    return finish(lines)


def types_gen(interface):
    lines = header("Faults as structures.", "sel4/config.h", "sel4/simple_types.h", "sel4/debug_assert.h")
    lines += bit_fields.fault(interface)
    for entry in interface.description["message"]["word"]:
        if entry.get("header") == "arch" and interface.configuration.holds(entry.get("when")):
            lines += bit_fields.word(entry)
    return finish(lines)


RIGHTS = {"ReadWrite": (0, 0, 1, 1), "AllRights": (1, 1, 1, 1), "CanRead": (0, 0, 1, 0), "CanWrite": (0, 0, 0, 1),
          "CanGrant": (0, 1, 0, 0), "CanGrantReply": (1, 0, 0, 0), "NoWrite": (1, 1, 1, 0), "NoRead": (1, 1, 0, 1),
          "NoRights": (0, 0, 0, 0)}


def shared_types(interface):
    lines = header("IPC buffer, capability-fault messages, rights.", "sel4/config.h", "sel4/constants.h",
                   "sel4/shared_types_gen.h")
    symbolic = {"msg": "seL4_MsgMaxLength", "caps_or_badges": "seL4_MsgMaxExtraCaps"}
    lines += ["/** Where messages beyond the registers travel; aligned to its size. */",
              "typedef struct seL4_IPCBuffer_ {"]
    lines += [c_text.member(name, c_type, symbolic.get(name, count))
              for name, c_type, count in interface.description["message"]["ipc_buffer"]["members"]]
    lines += ["} seL4_IPCBuffer __attribute__((__aligned__(sizeof(struct seL4_IPCBuffer_))));", ""]
    words = interface.description["faults"]["capability_fault"]["words"]
    lines += enumeration("", [(f"seL4_CapFault_{name}", index, "") for name, index in words.items()],
                         "seL4_CapFault_Msg", "seL4_CapFault_Msg")
    lines.append("")
    lines += [f"#define seL4_{name} seL4_CapRights_new{bits}" for name, bits in RIGHTS.items()]
    return finish(lines)


def sel4_arch_types(interface):
    lines = header("Registers of a thread.", "sel4/config.h", "sel4/simple_types.h")
    lines += ["typedef seL4_CPtr seL4_X64_PML4;", "", "/** What seL4_TCB_ReadRegisters and WriteRegisters transfer. */",
              "typedef struct seL4_UserContext_ {"]
    lines += [c_text.member(name, "seL4_Word", 0) for name in interface.user_context]
    lines += ["} seL4_UserContext;"]
    return finish(lines)


CAPABILITY_TYPES = ["ASIDControl", "ASIDPool", "IOSpace", "IOPort", "IOPortControl", "Page", "PDPT", "PageDirectory",
                    "PageTable", "IOPageTable", "EPTPML4", "EPTPDPT", "EPTPD", "EPTPT", "VCPU"]


def arch_types(interface):
    lines = header("Capability types and caching attributes of x86.", "sel4/config.h", "sel4/macros.h",
                   "sel4/simple_types.h", "sel4/sel4_arch/types.h")
    lines += [*(f"typedef seL4_CPtr seL4_X86_{name};" for name in CAPABILITY_TYPES), ""]
    for attribute in interface.description["memory"]["attribute"]:
        lines += [*enumeration("", [(name, value, "") for name, value in attribute["values"].items()],
                               attribute["name"], attribute["name"]), ""]
    lines += ["/** What seL4_X86_VCPU_WriteRegisters transfers. */", "typedef struct seL4_VCPUContext_ {"]
    lines += [c_text.member(name, "seL4_Word", 0) for name in interface.vcpu_context]
    lines += ["} seL4_VCPUContext;"]
    return finish(lines)


def mode_types(interface):
    limits = interface.description["capabilities"]["limits"]
    lines = header("Widths of guards and badges.")
    lines += [f"#define seL4_GuardSizeBits {limits['guard_size_bits']}", f"#define seL4_GuardBits {limits['guard_bits']}",
              f"#define seL4_BadgeBits {limits['badge_bits']}"]
    return finish(lines)


def plat_constants(interface):
    point = interface.description["faults"]["breakpoint"]
    lines = header("Hardware breakpoints.", "sel4/config.h")
    if interface.configuration.holds(point["when"]):
        for name, key in [("NumHWBreakpoints", "hardware"), ("FirstBreakpoint", "first"),
                          ("NumExclusiveBreakpoints", "exclusive_breakpoints"), ("FirstWatchpoint", "first_watchpoint"),
                          ("NumExclusiveWatchpoints", "exclusive_watchpoints"), ("FirstDualFunctionMonitor", "first_dual"),
                          ("NumDualFunctionMonitors", "dual")]:
            lines.append(f"#define seL4_{name} ({point[key]})")
    return finish(lines)


def sel4_arch_mapping(interface):
    mapping = interface.description["faults"]["mapping"]
    lines = header("What a failed Map invocation says about the missing paging structure.", "sel4/functions.h")
    lines += ["/** Message word with the number of address bits below the missing structure. */",
              f"#define SEL4_MAPPING_LOOKUP_LEVEL {mapping['register']}", ""]
    lines += [f"#define SEL4_MAPPING_LOOKUP_NO_{name} {mapping[key]}"
              for name, key in [("PT", "no_page_table"), ("PD", "no_page_directory"), ("PDPT", "no_pdpt")]]
    lines += ["", "/** The number of address bits below the missing structure, after a seL4_FailedLookup. */",
              "LIBSEL4_INLINE_FUNC seL4_Word seL4_MappingFailedLookupLevel(void)", "{",
              "    return seL4_GetMR(SEL4_MAPPING_LOOKUP_LEVEL);", "}"]
    return finish(lines)


def arch_mapping(interface):
    mapping = interface.description["faults"]["mapping"]
    lines = header("What a failed Map of an extended paging structure says.", "sel4/sel4_arch/mapping.h")
    lines += [f"#define SEL4_MAPPING_LOOKUP_NO_EPT{name} {mapping[f'no_ept_{name.lower()}']}"
              for name in ("PDPT", "PD", "PT")]
    return finish(lines)


def vmenter(interface):
    words = interface.description["faults"]["vm_enter"]
    lines = header("Message words of the VMEnter system call.", "sel4/config.h")
    if interface.configuration.holds(words["when"]):
        names = words["call"] + words["fault"]
        if interface.configuration.holds("X86_64_VTX_64BIT_GUESTS"):
            names = names + words["fault_64bit"]
        lines += enumeration("kernel_fault_context", [*((f"SEL4_VMENTER_{name}", index, "") for index, name in enumerate(names)),
                                                      ("SEL4_VMENTER_NUM_FAULT_MSGS", len(names), "")],
                             "kernel_fault_context_t")
        lines.append("")
    lines += ["/** The guest faulted: all words are filled. */", "#define SEL4_VMENTER_RESULT_FAULT 1",
              "/** A notification arrived: the badge and the words of the call are filled. */",
              "#define SEL4_VMENTER_RESULT_NOTIF 0", "", "#define SEL4_VMENTER_RESULT_FAULT_LEN SEL4_VMENTER_NUM_FAULT_MSGS",
              f"#define SEL4_VMENTER_RESULT_NOTIF_LEN {len(words['call'])}"]
    return finish(lines)


STRUCT_ABOUTS = {
    "seL4_SlotRegion": "Slots start to end - 1 of the root CNode.",
    "seL4_UntypedDesc": "An untyped object: 2^sizeBits bytes at paddr.",
    "seL4_BootInfo": "What the initial thread is told; it lies at the start of the boot-information frame.",
    "seL4_BootInfoHeader": "The start of each chunk behind the boot-information frame: its kind, its bytes with this "
                           "header."}


def bootinfo_types(interface):
    description, holds = interface.description["bootinfo"], interface.configuration.holds
    lines = header("Boot information.", "sel4/config.h", "sel4/macros.h", "sel4/types.h", "sel4/sel4_arch/constants.h")
    initial = interface.description["capabilities"]["initial"]
    lines += ["/** Slots of the initial thread's CNode that always have the same meaning. */"]
    lines += enumeration("seL4_RootCNodeCapSlots", [*((entry["c"], slot, entry["about"]) for slot, entry in enumerate(initial)),
                                                    ("seL4_NumInitialCaps", len(initial), "")])
    lines += ["", "/** The 32-bit name of the initial address space. */",
              "#define seL4_CapInitThreadPD seL4_CapInitThreadVSpace", "", "typedef seL4_Word seL4_SlotPos;", ""]
    ids = enumeration("", [*((entry["c"], entry["id"], entry["about"]) for entry in description["chunk"]),
                           ("SEL4_BOOTINFO_HEADER_NUM", len(description["chunk"]), "")], "seL4_BootInfoID", "seL4_BootInfoID")
    for entry in description["struct"]:
        if entry["name"] == "seL4_BootInfoHeader":
            lines += [f"#define seL4_BootInfoFrameBits {description['frame_bits']}",
                      "#define seL4_BootInfoFrameSize LIBSEL4_BIT(seL4_BootInfoFrameBits)",
                      "SEL4_COMPILE_ASSERT(invalid_seL4_BootInfoFrameSize, sizeof(seL4_BootInfo) <= seL4_BootInfoFrameSize)",
                      "", "/** Kinds of chunks. */", *ids, ""]
        lines += [f"/** {STRUCT_ABOUTS[entry['name']]} */", f"typedef struct {entry['name']} {{"]
        for name, c_type, count, *rest in entry["members"]:
            if len(rest) > 1 and not holds(rest[1]):
                continue
            count = f"CONFIG_{count}" if isinstance(count, str) else count
            lines.append(c_text.member(name, c_type, count) + (f" /**< {rest[0]} */" if rest else ""))
        lines += [f"}} {entry['name']};", ""]
    return finish(lines)


def arch_bootinfo_types(interface):
    description = interface.description["bootinfo"]
    lines = header("Chunks of x86 boot information: VESA BIOS, memory map, framebuffer.", "stdint.h",
                   "sel4/bootinfo_types.h")
    lines += [f"#define SEL4_MULTIBOOT_MAX_MMAP_ENTRIES {description['x86']['memory_map_entries']}",
              f"#define SEL4_MULTIBOOT_RAM_REGION_TYPE {description['x86']['ram_type']}", ""]
    for entry in description["packed"]:
        lines.append(f"typedef struct {entry['name']} {{")
        lines += [c_text.member(name, c_type, count) for name, c_type, count in entry["members"]]
        lines += [f"}} SEL4_PACKED {entry['typedef']};", ""]
    lines += ["/** A multiboot 2 framebuffer tag; a program that reads it defines the structure. */",
              "typedef struct multiboot2_fb seL4_X86_BootInfo_fb_t;"]
    return finish(lines)


def _get_fault(entry, names):
    prefix = f"        return seL4_Fault_{entry['name']}_new("
    reads = [f"seL4_GetMR(seL4_{entry['name']}_{name})" for name in names]
    return [f"    case seL4_Fault_{entry['name']}:", prefix + f",\n{' ' * len(prefix)}".join(reads) + ");"]


GENERIC_FAULTS = ("CapFault", "DebugException")


def sel4_arch_faults(interface):
    lines = header("Faults of x86_64 from messages.", "sel4/config.h", "sel4/types.h", "sel4/functions.h")
    lines += ["/** The fault that a message of this tag reports, a null fault if it is none of x86_64's. */",
              "LIBSEL4_INLINE_FUNC seL4_Fault_t seL4_getArchFault(seL4_MessageInfo_t tag)", "{",
              "    switch (seL4_MessageInfo_get_label(tag)) {"]
    for entry, _, active in interface.faults():
        if active and entry["words"] and entry["name"] not in GENERIC_FAULTS:
            lines += _get_fault(entry, entry["words"])
    lines += ["    default:", "        return seL4_Fault_NullFault_new();", "    }", "}"]
    return finish(lines)


def faults(interface):
    words = interface.description["faults"]["capability_fault"]["words"]
    lines = header("Faults from messages.", "sel4/config.h", "sel4/types.h", "sel4/functions.h", "sel4/sel4_arch/faults.h")
    lines += ["/** The fault that a message of this tag reports, a null fault if it is none. */",
              "LIBSEL4_INLINE_FUNC seL4_Fault_t seL4_getFault(seL4_MessageInfo_t tag)", "{",
              "    switch (seL4_MessageInfo_get_label(tag)) {"]
    for entry, _, active in interface.faults():
        if active and entry["name"] in GENERIC_FAULTS:
            # Lookup failures share the last words of a capability fault; any of their names will do.
            names = list({index: name for name, index in words.items()}.values()) \
                if entry["name"] == "CapFault" else entry["words"]
            lines += _get_fault(entry, names)
    lines += ["    default:", "        return seL4_getArchFault(tag);", "    }", "}", ""]
    for entry, _, active in interface.faults():
        if active:
            name = "TimeoutFault" if entry["name"] == "Timeout" else entry["name"]
            lines += [f"/** Whether a message of this tag reports a {entry['name']}. */",
                      f"LIBSEL4_INLINE_FUNC seL4_Bool seL4_is{name}_tag(seL4_MessageInfo_t tag)", "{",
                      f"    return seL4_MessageInfo_get_label(tag) == seL4_Fault_{entry['name']};", "}", ""]
    if interface.configuration.holds("KERNEL_MCS"):
        lines += ["/** Prepares the reply to a timeout fault: the registers that it sets go into the message. */",
                  "LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_TimeoutReply_new(seL4_Bool resume, seL4_UserContext regs,",
                  "                                                             seL4_Word length)", "{",
                  "    const seL4_Word *words = (const seL4_Word *)&regs;",
                  "    for (seL4_Word i = 0; i < length; ++i) {", "        seL4_SetMR((int)i, words[i]);", "    }",
                  "    return seL4_MessageInfo_new(!resume, 0, 0, length);", "}"]
    return finish(lines)


def benchmark_utilisation_types(interface):
    lines = header("Message words that seL4_BenchmarkGetThreadUtilisation fills.", "sel4/config.h")
    words = interface.description["message"]["utilisation"]
    if interface.configuration.holds(words["when"]):
        lines.append("/** Times are in ticks of the time-stamp counter; schedules and kernel entries are counts. */")
        lines += enumeration("benchmark_track_util_ipc_index",
                             [(f"BENCHMARK_{name}", number, "") for number, name in enumerate(words["words"])])
    return finish(lines)


HEADERS = {
    "sel4/syscall.h": syscall, "sel4/errors.h": errors, "sel4/objecttype.h": objecttype,
    "sel4/sel4_arch/objecttype.h": sel4_arch_objecttype, "sel4/arch/objecttype.h": arch_objecttype,
    "sel4/invocation.h": invocation, "sel4/sel4_arch/invocation.h": sel4_arch_invocation,
    "sel4/arch/invocation.h": arch_invocation, "sel4/constants.h": constants,
    "sel4/sel4_arch/constants.h": sel4_arch_constants, "sel4/arch/constants.h": arch_constants,
    "sel4/shared_types_gen.h": shared_types_gen, "sel4/sel4_arch/types_gen.h": types_gen,
    "sel4/shared_types.h": shared_types, "sel4/sel4_arch/types.h": sel4_arch_types, "sel4/arch/types.h": arch_types,
    "sel4/mode/types.h": mode_types, "sel4/plat/api/constants.h": plat_constants,
    "sel4/sel4_arch/mapping.h": sel4_arch_mapping, "sel4/arch/mapping.h": arch_mapping, "sel4/arch/vmenter.h": vmenter,
    "sel4/bootinfo_types.h": bootinfo_types, "sel4/arch/bootinfo_types.h": arch_bootinfo_types,
    "sel4/benchmark_utilisation_types.h": benchmark_utilisation_types,
    "sel4/sel4_arch/faults.h": sel4_arch_faults, "sel4/faults.h": faults,
    "sel4/sel4_arch/syscalls_syscall.h": system_call_stubs.syscall,
    "sel4/sel4_arch/syscalls_sysenter.h": system_call_stubs.sysenter, "interfaces/sel4_client.h": stubs.generate,
}


def generate(interface):
    """File name below libsel4/include to text."""
    return {name: write(interface) for name, write in HEADERS.items()}
