/* SPDX-License-Identifier: BSD-2-Clause */
/// The start-up runtime of a root task: what happens before and after main(), and how a program stops.
///
/// A root task includes this header and defines
///
///     int main(const seL4_BootInfo *boot_info);
///
/// When it is called, the stack, thread-local storage and the IPC buffer are in place and constructors have run. Its
/// return value is the status with which the run ends (see rt_exit()).
///
/// The stack lies at the bottom of the image: below it nothing is mapped, so an overflow faults instead of destroying
/// data. Its size is 64 KiB; the linker option --defsym=rt_stack_size=BYTES (a multiple of 4096) changes it.
#pragma once

#include <antimono/print.h>

#include <sel4/sel4.h>

#ifdef __cplusplus
#define RT_NORETURN [[noreturn]]
extern "C" {
#else
#define RT_NORETURN _Noreturn
#endif

/// The program. `boot_info` stays valid for ever, unless the program unmaps or revokes it.
int main(const seL4_BootInfo* boot_info);

/// The boot information that the kernel passed to the program.
const seL4_BootInfo* rt_boot_info(void);

/// Ends the run. In QEMU with `-device isa-debug-exit,iobase=0xf4,iosize=4` the emulator ends with exit code
/// `(status << 1) | 1`; without that device a line tells the status and the calling thread is suspended.
/// `status` is 0 to 127; anything else becomes 127.
RT_NORETURN void rt_exit(int status);

/// Prints `file:line: ` and the message, and ends the run with status 1.
RT_NORETURN void rt_panic(const char* file, int line, const char* format, ...) __attribute__((format(printf, 3, 4)));

/// Ends the run with file, line and a message.
#define RT_PANIC(...) rt_panic(__FILE_NAME__, __LINE__, __VA_ARGS__)

/// Ends the run unless `condition` holds.
#define RT_ASSERT(condition) \
    ((condition) ? (void)0 : rt_panic(__FILE_NAME__, __LINE__, "assertion failed: %s", #condition))

/// Evaluates an invocation and ends the run unless it returns seL4_NoError.
#define RT_CHECK(invocation)                                                                         \
    do {                                                                                             \
        seL4_Error rt_check_error = (seL4_Error)(invocation);                                        \
        if (rt_check_error != seL4_NoError) {                                                        \
            rt_panic(__FILE_NAME__, __LINE__, "%s: %s", #invocation, rt_error_name(rt_check_error)); \
        }                                                                                            \
    } while (0)

/// The name of an error as the seL4 manual spells it, for example "seL4_RevokeFirst".
const char* rt_error_name(seL4_Error error);

#ifdef __cplusplus
}
#endif
