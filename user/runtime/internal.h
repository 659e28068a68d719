/* SPDX-License-Identifier: BSD-2-Clause */
/// What the runtime's parts need from each other and programs do not.
#pragma once

#include <antimono/fault.h>

#include <sel4/sel4.h>

#include <stdbool.h>
#include <stddef.h>

/// Bytes of memory that rt_tls_build() needs for one thread.
size_t rt_tls_block_size(void);

/// Builds a thread's TLS block (ELF Handling for Thread-Local Storage, variant II) in `memory`, which has
/// rt_tls_block_size() bytes and is aligned to RT_TLS_ALIGNMENT. Returns the thread pointer, the value for FS.
seL4_Word rt_tls_build(void* memory);

/// The alignment that the linker script gives to, and allows for, thread-local data. [bytes]
#define RT_TLS_ALIGNMENT 64

/// Where `variable`, a thread-local of the calling thread, lies in the TLS block of the thread with `thread_pointer`.
void* rt_tls_translate(void* variable, seL4_Word thread_pointer);

/// Records what memory and slots the kernel left to the root task, and sets those of the runtime aside.
void rt_boot_memory_init(const seL4_BootInfo* info);

/// A slot that rt_boot_memory_init() set aside, so that a program that has used up all others can still end:
/// 0 is the debug-exit port, 1 the serial port.
seL4_CPtr rt_reserved_slot(unsigned index);
#define RT_RESERVED_SLOTS 2

/// Makes a capability to I/O ports in reserved slot `index`.
seL4_Error rt_claim_ports(seL4_Word first, seL4_Word last, unsigned index);

/// If not null, what rt_panic() passes `file:line: message` to instead of printing it. Must not return.
extern void (*rt_on_panic)(const char* message);

/// Called by the fault watcher when `thread` faulted. If it was in rt_try_read() or its like, lets it go on behind the
/// access and returns true.
bool rt_try_recover(seL4_CPtr thread, const RtFault* fault);
