/* SPDX-License-Identifier: BSD-2-Clause */
#include <antimono/fault.h>
#include <antimono/print.h>

/// The page-fault error code (Intel SDM Vol. 3A, 4.7), which the kernel passes on as the fault status register.
enum { page_present = 1 << 0, write_access = 1 << 1, instruction_fetch = 1 << 4 };

void rt_fault_read(RtFault* fault, seL4_MessageInfo_t info) {
    fault->label = seL4_MessageInfo_get_label(info);
    fault->length = seL4_MessageInfo_get_length(info);
    for (seL4_Word i = 0; i < seL4_UnknownSyscall_Length; i++) {
        fault->words[i] = i < fault->length ? seL4_GetMR((int)i) : 0;
    }
}

const char* rt_fault_name(seL4_Word label) {
    switch (label) {
    case seL4_Fault_CapFault:
        return "capability fault";
    case seL4_Fault_UnknownSyscall:
        return "unknown system call";
    case seL4_Fault_UserException:
        return "user exception";
    case seL4_Fault_VMFault:
        return "VM fault";
#ifdef CONFIG_HARDWARE_DEBUG_API
    case seL4_Fault_DebugException:
        return "debug exception";
#endif
    default:
        return "not a fault";
    }
}

static const char* lookup_failure_name(seL4_Word type) {
    switch (type) {
    case seL4_InvalidRoot:
        return "the root is not a CNode";
    case seL4_MissingCapability:
        return "the slot is empty or of the wrong kind";
    case seL4_DepthMismatch:
        return "the depth ends between two CNodes";
    case seL4_GuardMismatch:
        return "the guard does not match";
    default:
        return "no lookup failure";
    }
}

/// Processor exceptions (Intel SDM Vol. 3A, 6.3.1).
static const char* exception_name(seL4_Word number) {
    switch (number) {
    case 0:
        return "divide error";
    case 1:
        return "debug exception";
    case 3:
        return "breakpoint";
    case 4:
        return "overflow";
    case 6:
        return "invalid opcode";
    case 7:
        return "device not available";
    case 11:
        return "segment not present";
    case 12:
        return "stack-segment fault";
    case 13:
        return "general protection";
    case 16:
        return "x87 floating-point error";
    case 17:
        return "alignment check";
    case 19:
        return "SIMD floating-point exception";
    default:
        return "exception";
    }
}

void rt_fault_describe(const RtFault* fault, char* buffer, size_t size) {
    const seL4_Word* words = fault->words;
    switch (fault->label) {
    case seL4_Fault_VMFault: {
        seL4_Word status = words[seL4_VMFault_FSR];
        rt_snprintf(buffer, size, "VM fault: %s %#lx at %#lx, %s",
                    words[seL4_VMFault_PrefetchFault] != 0 || (status & instruction_fetch) != 0 ? "execution of"
                    : (status & write_access) != 0                                              ? "write to"
                                                                                                : "read of",
                    words[seL4_VMFault_Addr], words[seL4_VMFault_IP],
                    (status & page_present) != 0 ? "not permitted" : "page not present");
        break;
    }
    case seL4_Fault_CapFault:
        rt_snprintf(buffer, size, "capability fault: address %#lx in the %s phase at %#lx, %s",
                    words[seL4_CapFault_Addr], words[seL4_CapFault_InRecvPhase] != 0 ? "receive" : "send",
                    words[seL4_CapFault_IP], lookup_failure_name(words[seL4_CapFault_LookupFailureType]));
        break;
    case seL4_Fault_UserException:
        rt_snprintf(buffer, size, "user exception: %s (%lu), error code %#lx, at %#lx",
                    exception_name(words[seL4_UserException_Number]), words[seL4_UserException_Number],
                    words[seL4_UserException_Code], words[seL4_UserException_FaultIP]);
        break;
    case seL4_Fault_UnknownSyscall:
        rt_snprintf(buffer, size, "unknown system call: number %ld at %#lx", (long)words[seL4_UnknownSyscall_Syscall],
                    words[seL4_UnknownSyscall_FaultIP]);
        break;
#ifdef CONFIG_HARDWARE_DEBUG_API
    case seL4_Fault_DebugException: {
        static const char* const reasons[] = {"data breakpoint", "instruction breakpoint", "single step",
                                              "software break request"};
        seL4_Word reason = words[seL4_DebugException_ExceptionReason];
        if (reason == seL4_DataBreakpoint || reason == seL4_InstructionBreakpoint) {
            rt_snprintf(buffer, size, "debug exception: %s %lu (%#lx) at %#lx", reasons[reason],
                        words[seL4_DebugException_BreakpointNumber], words[seL4_DebugException_TriggerAddress],
                        words[seL4_DebugException_FaultIP]);
        } else {
            rt_snprintf(buffer, size, "debug exception: %s at %#lx",
                        reason < sizeof reasons / sizeof *reasons ? reasons[reason] : "unknown reason",
                        words[seL4_DebugException_FaultIP]);
        }
        break;
    }
#endif
    default:
        rt_snprintf(buffer, size, "%s: label %lu, %lu words", rt_fault_name(fault->label), fault->label, fault->length);
        break;
    }
}
