/* SPDX-License-Identifier: BSD-2-Clause */
/// Fault messages in readable form (seL4 manual, "Exceptions").
#pragma once

#include <sel4/sel4.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The message that a fault handler received.
typedef struct RtFault {
    seL4_Word label;                              ///< a seL4_Fault_tag, for example seL4_Fault_VMFault
    seL4_Word length;                             ///< words in the message
    seL4_Word words[seL4_UnknownSyscall_Length];  ///< at the indices of seL4_VMFault_Msg, seL4_CapFault_Msg, ...
} RtFault;

/// Copies a received fault out of the IPC buffer, where the next system call would overwrite it.
void rt_fault_read(RtFault* fault, seL4_MessageInfo_t info);

/// "VM fault", "capability fault", ...; "not a fault" for any other label.
const char* rt_fault_name(seL4_Word label);

/// One sentence about the fault, for example "VM fault: read of 0x10 at 0x401234, page not present".
void rt_fault_describe(const RtFault* fault, char* buffer, size_t size);

#ifdef __cplusplus
}
#endif
