/* SPDX-License-Identifier: BSD-2-Clause */
#include "internal.h"

#include <antimono/runtime.h>

#ifdef CONFIG_LIB_SEL4_USE_THREAD_LOCALS
__thread seL4_IPCBuffer* __sel4_ipc_buffer;
#else
seL4_IPCBuffer* __sel4_ipc_buffer;
#endif
#ifdef CONFIG_KERNEL_INVOCATION_REPORT_ERROR_IPC
LIBSEL4_THREAD_LOCAL char __sel4_print_error;
#endif

typedef void (*Constructor)(void);

// From the linker script.
extern Constructor rt_constructors_start[], rt_constructors_end[];
extern char rt_main_tls[];

static const seL4_BootInfo* boot_info;

const seL4_BootInfo* rt_boot_info(void) { return boot_info; }

/// Points FS at a thread's TLS block, in the way that this configuration of the kernel leaves to user programs.
static void set_thread_pointer(seL4_Word thread_pointer) {
#ifdef CONFIG_SET_TLS_BASE_SELF
    seL4_SetTLSBase(thread_pointer);
#else
    __asm__ volatile("wrfsbase %0" : : "r"(thread_pointer) : "memory");
#endif
}

/// Called by _start. Nothing here may use thread-local storage before set_thread_pointer().
RT_NORETURN void rt_start(const seL4_BootInfo* info) {
    set_thread_pointer(rt_tls_build(rt_main_tls));
    seL4_SetIPCBuffer(info->ipcBuffer);
    boot_info = info;
    rt_boot_memory_init(info);
    for (Constructor* constructor = rt_constructors_start; constructor != rt_constructors_end; constructor++) {
        (*constructor)();
    }
    rt_exit(main(info));
}
