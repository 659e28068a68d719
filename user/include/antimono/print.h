/* SPDX-License-Identifier: BSD-2-Clause */
/// Formatted output for root tasks, without a C library.
///
/// The conversions are those of C's printf that a system program needs: `d i u x X o c s p %`, with the flags
/// `- + space # 0`, width, precision (each may be `*`) and the lengths `hh h l ll z j t`. No floating point, no `%n`.
#pragma once

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Receives one character; `context` is what the caller of rt_vformat() passed.
typedef void (*RtPutCharacter)(void* context, char character);

/// The engine behind the others: formats into `put`. Returns the number of characters produced.
int rt_vformat(RtPutCharacter put, void* context, const char* format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/// Prints to the console (see rt_put_character()). Returns the number of characters.
///
/// On a kernel without CONFIG_PRINTING this invokes an I/O-port capability. The message registers in the IPC buffer
/// survive that, and libsel4 copies all of a received message there.
int rt_printf(const char* format, ...) __attribute__((format(printf, 1, 2)));

/// Like C's snprintf(): writes at most `size` bytes including the terminator; returns the untruncated length.
int rt_snprintf(char* buffer, size_t size, const char* format, ...) __attribute__((format(printf, 3, 4)));
int rt_vsnprintf(char* buffer, size_t size, const char* format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/// Writes one character to the console: through seL4_DebugPutChar where the kernel has it (CONFIG_PRINTING),
/// otherwise to the first serial port, whose I/O ports the runtime claims at the first use.
void rt_put_character(char character);

/// Returns when everything printed has left the serial port.
void rt_flush_console(void);

#ifdef __cplusplus
}
#endif
