/* SPDX-License-Identifier: BSD-2-Clause */

/* The objects that libsel4 defines, for programs that build it as a library. */

#include <sel4/sel4.h>

#ifdef CONFIG_KERNEL_INVOCATION_REPORT_ERROR_IPC
LIBSEL4_THREAD_LOCAL char __sel4_print_error = CONFIG_LIB_SEL4_PRINT_INVOCATION_ERRORS;
#endif

LIBSEL4_THREAD_LOCAL seL4_IPCBuffer* __sel4_ipc_buffer;

/* Not static: programs of old read it directly. */
extern seL4_BootInfo* bootinfo;
seL4_BootInfo* bootinfo;

void seL4_InitBootInfo(seL4_BootInfo* bi) { bootinfo = bi; }

seL4_BootInfo* seL4_GetBootInfo(void) { return bootinfo; }
