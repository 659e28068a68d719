/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file Access to the IPC buffer of the running thread. */

#include <sel4/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The IPC buffer of the running thread. The start-up code of the program sets it. */
extern LIBSEL4_THREAD_LOCAL seL4_IPCBuffer* __sel4_ipc_buffer;

#ifdef CONFIG_KERNEL_INVOCATION_REPORT_ERROR_IPC
/** Whether stubs print the kernel's diagnostic when an invocation fails. */
extern LIBSEL4_THREAD_LOCAL char __sel4_print_error;
#endif

#ifdef __cplusplus
}
#endif

#ifdef CONFIG_KERNEL_INVOCATION_REPORT_ERROR_IPC
/** The kernel's diagnostic for the invocation that failed last. */
LIBSEL4_INLINE_FUNC char* seL4_GetDebugError(void) { return (char*)(__sel4_ipc_buffer->msg + DEBUG_MESSAGE_START); }

/** Switches printing of diagnostics on or off for the running thread. */
LIBSEL4_INLINE_FUNC void seL4_SetPrintError(char print_error) { __sel4_print_error = print_error; }

/** Whether diagnostics are printed for the running thread. */
LIBSEL4_INLINE_FUNC char seL4_CanPrintError(void) { return __sel4_print_error; }
#endif

/** Tells libsel4 where the IPC buffer of the running thread is mapped. */
LIBSEL4_INLINE_FUNC void seL4_SetIPCBuffer(seL4_IPCBuffer* ipc_buffer) { __sel4_ipc_buffer = ipc_buffer; }

/** The IPC buffer of the running thread. */
LIBSEL4_INLINE_FUNC seL4_IPCBuffer* seL4_GetIPCBuffer(void) { return __sel4_ipc_buffer; }

/** Message word i, 0 to seL4_MsgMaxLength - 1. */
LIBSEL4_INLINE_FUNC seL4_Word seL4_GetMR(int i) { return seL4_GetIPCBuffer()->msg[i]; }

/** Sets message word i, 0 to seL4_MsgMaxLength - 1. */
LIBSEL4_INLINE_FUNC void seL4_SetMR(int i, seL4_Word mr) { seL4_GetIPCBuffer()->msg[i] = mr; }

/** The word that libsel4 keeps for the program. */
LIBSEL4_INLINE_FUNC seL4_Word seL4_GetUserData(void) { return seL4_GetIPCBuffer()->userData; }

/** Sets the word that libsel4 keeps for the program. */
LIBSEL4_INLINE_FUNC void seL4_SetUserData(seL4_Word data) { seL4_GetIPCBuffer()->userData = data; }

/** Badge of received capability i that the kernel unwrapped. */
LIBSEL4_INLINE_FUNC seL4_Word seL4_GetBadge(int i) { return seL4_GetIPCBuffer()->caps_or_badges[i]; }

/** Capability i of the message to be sent. */
LIBSEL4_INLINE_FUNC seL4_CPtr seL4_GetCap(int i) { return seL4_GetIPCBuffer()->caps_or_badges[i]; }

/** Sets capability i of the message to be sent, 0 to seL4_MsgMaxExtraCaps - 1. */
LIBSEL4_INLINE_FUNC void seL4_SetCap(int i, seL4_CPtr cptr) { seL4_GetIPCBuffer()->caps_or_badges[i] = cptr; }

/** Reads where received capabilities go; a null pointer leaves that part out. */
LIBSEL4_INLINE_FUNC void seL4_GetCapReceivePath(seL4_CPtr* receiveCNode, seL4_CPtr* receiveIndex,
                                                seL4_Word* receiveDepth) {
    const seL4_IPCBuffer* buffer = seL4_GetIPCBuffer();
    if (receiveCNode) {
        *receiveCNode = buffer->receiveCNode;
    }
    if (receiveIndex) {
        *receiveIndex = buffer->receiveIndex;
    }
    if (receiveDepth) {
        *receiveDepth = buffer->receiveDepth;
    }
}

/** Sets the slot for a received capability: a CNode, and an index of receiveDepth bits that is resolved from it. */
LIBSEL4_INLINE_FUNC void seL4_SetCapReceivePath(seL4_CPtr receiveCNode, seL4_CPtr receiveIndex,
                                                seL4_Word receiveDepth) {
    seL4_IPCBuffer* buffer = seL4_GetIPCBuffer();
    buffer->receiveCNode = receiveCNode;
    buffer->receiveIndex = receiveIndex;
    buffer->receiveDepth = receiveDepth;
}

#include <sel4/syscalls.h>
