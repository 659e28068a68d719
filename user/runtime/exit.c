/* SPDX-License-Identifier: BSD-2-Clause */
#include "internal.h"

#include <antimono/runtime.h>

/// The port of QEMU's isa-debug-exit device, by convention of this project and of sel4test-like images.
enum { debug_exit_port = 0xf4 };

RT_NORETURN void rt_exit(int status) {
    rt_flush_console();
    unsigned value = status >= 0 && status <= 127 ? (unsigned)status : 127;
    if (rt_claim_ports(debug_exit_port, debug_exit_port, 0) == seL4_NoError) {
        seL4_X86_IOPort_Out8(rt_reserved_slot(0), debug_exit_port, value);
    }
    rt_printf("status %u (no debug-exit device at port %#x)\n", value, debug_exit_port);
    rt_flush_console();
    for (;;) {
        seL4_TCB_Suspend(seL4_CapInitThreadTCB);
        seL4_Yield();  // reached only by a thread that is not the initial one
    }
}

void (*rt_on_panic)(const char* message);

RT_NORETURN void rt_panic(const char* file, int line, const char* format, ...) {
    char message[256];
    int length = rt_snprintf(message, sizeof message, "%s:%d: ", file, line);
    va_list arguments;
    va_start(arguments, format);
    if (length < (int)sizeof message) {
        rt_vsnprintf(message + length, sizeof message - (size_t)length, format, arguments);
    }
    va_end(arguments);
    if (rt_on_panic != NULL) {
        rt_on_panic(message);
    }
    rt_printf("%s\n", message);
    rt_exit(1);
}

const char* rt_error_name(seL4_Error error) {
    static const char* const names[] = {
        [seL4_NoError] = "seL4_NoError",
        [seL4_InvalidArgument] = "seL4_InvalidArgument",
        [seL4_InvalidCapability] = "seL4_InvalidCapability",
        [seL4_IllegalOperation] = "seL4_IllegalOperation",
        [seL4_RangeError] = "seL4_RangeError",
        [seL4_AlignmentError] = "seL4_AlignmentError",
        [seL4_FailedLookup] = "seL4_FailedLookup",
        [seL4_TruncatedMessage] = "seL4_TruncatedMessage",
        [seL4_DeleteFirst] = "seL4_DeleteFirst",
        [seL4_RevokeFirst] = "seL4_RevokeFirst",
        [seL4_NotEnoughMemory] = "seL4_NotEnoughMemory",
    };
    return error >= 0 && error < seL4_NumErrors ? names[error] : "unknown error";
}

/// What the assertions of libsel4's own headers call, with the signature of a C library's assert().
RT_NORETURN void __assert_fail(const char* expression, const char* file, int line, const char* function);
RT_NORETURN __attribute__((weak)) void __assert_fail(const char* expression, const char* file, int line,
                                                     const char* function) {
    rt_panic(file, line, "assertion failed in %s: %s", function, expression);
}
