/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file System calls. What a kernel has besides IPC depends on its configuration. */

#include <sel4/config.h>
#include <sel4/functions.h>

#ifdef CONFIG_KERNEL_MCS
#include "syscalls_mcs.h"
#else
#include "syscalls_master.h"
#endif

#ifdef CONFIG_PRINTING
/** Writes a character to the kernel's console. */
LIBSEL4_INLINE_FUNC void seL4_DebugPutChar(char c);

/** Writes a string to the kernel's console. */
LIBSEL4_INLINE_FUNC void seL4_DebugPutString(const char* str);

/** Prints a table of all threads: address, name, instruction pointer, priority, state. */
LIBSEL4_INLINE_FUNC void seL4_DebugDumpScheduler(void);
#endif

#ifdef CONFIG_DEBUG_BUILD
/** Stops the machine. */
LIBSEL4_INLINE_FUNC void seL4_DebugHalt(void);

/** Prints the capabilities of the system as capDL. */
LIBSEL4_INLINE_FUNC void seL4_DebugSnapshot(void);

/** The type of a capability, 0 for an empty slot. */
LIBSEL4_INLINE_FUNC seL4_Uint32 seL4_DebugCapIdentify(seL4_CPtr cap);

/** Names a thread in the kernel's diagnostics. The name travels in the IPC buffer, which it overwrites. */
LIBSEL4_INLINE_FUNC void seL4_DebugNameThread(seL4_CPtr tcb, const char* name);

#ifdef CONFIG_ENABLE_SMP_SUPPORT
/** The core on which a thread runs. */
LIBSEL4_INLINE_FUNC seL4_Word seL4_DebugGetThreadAffinity(seL4_CPtr tcb);
#endif
#endif

#ifdef CONFIG_DANGEROUS_CODE_INJECTION
/** Runs a function in kernel mode. */
LIBSEL4_INLINE_FUNC void seL4_DebugRun(void (*userfn)(void*), void* userarg);
#endif

#ifdef CONFIG_KERNEL_X86_DANGEROUS_MSR
/** Writes a model-specific register. */
LIBSEL4_INLINE_FUNC void seL4_X86DangerousWRMSR(seL4_Uint32 msr, seL4_Uint64 value);

/** Reads a model-specific register. */
LIBSEL4_INLINE_FUNC seL4_Uint64 seL4_X86DangerousRDMSR(seL4_Uint32 msr);
#endif

#ifdef CONFIG_ENABLE_BENCHMARKS
/** Empties the log and starts measuring. */
LIBSEL4_INLINE_FUNC seL4_Error seL4_BenchmarkResetLog(void);

/** Stops measuring; returns the number of log entries. */
LIBSEL4_INLINE_FUNC seL4_Word seL4_BenchmarkFinalizeLog(void);

/** Gives the kernel a large frame for its log. */
LIBSEL4_INLINE_FUNC seL4_Error seL4_BenchmarkSetLogBuffer(seL4_Word frame_cptr);

/** Enters and leaves the kernel. */
LIBSEL4_INLINE_FUNC void seL4_BenchmarkNullSyscall(void);

/** Flushes all caches. */
LIBSEL4_INLINE_FUNC void seL4_BenchmarkFlushCaches(void);

#ifdef CONFIG_BENCHMARK_TRACK_UTILISATION
/** Puts a thread's times into the IPC buffer, see benchmark_utilisation_types.h. */
LIBSEL4_INLINE_FUNC void seL4_BenchmarkGetThreadUtilisation(seL4_Word tcb_cptr);

/** Restarts the measurement of a thread. */
LIBSEL4_INLINE_FUNC void seL4_BenchmarkResetThreadUtilisation(seL4_Word tcb_cptr);

#ifdef CONFIG_DEBUG_BUILD
/** Prints the cycles of each thread of this core. */
LIBSEL4_INLINE_FUNC void seL4_BenchmarkDumpAllThreadsUtilisation(void);

/** Restarts the measurement of all threads of this core. */
LIBSEL4_INLINE_FUNC void seL4_BenchmarkResetAllThreadsUtilisation(void);
#endif
#endif
#endif

#ifdef CONFIG_VTX
/**
 * Runs the guest of the VCPU that is bound to this thread.
 * @param sender receives the badge if a notification ended the guest's run; may be null
 * @return SEL4_VMENTER_RESULT_FAULT or SEL4_VMENTER_RESULT_NOTIF
 */
LIBSEL4_INLINE_FUNC seL4_Word seL4_VMEnter(seL4_Word* sender);
#endif

#ifdef CONFIG_SET_TLS_BASE_SELF
/** Sets the FS base of the running thread. */
LIBSEL4_INLINE_FUNC void seL4_SetTLSBase(seL4_Word tls_base);
#endif

#include <sel4/arch/syscalls.h>
