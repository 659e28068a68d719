// SPDX-License-Identifier: GPL-2.0-only
//
// The one function that libc++'s headers expect from a compiled library when exceptions are off: the end of the road
// for `optional::value()` of an empty optional and its like.

#include <stdarg.h>

#include <__verbose_abort>

#include <library_abort.hpp>

_LIBCPP_BEGIN_NAMESPACE_STD

// SAFETY: libc++ declares the function so (variadic, in its own namespace) and leaves the definition to the platform.
void __libcpp_verbose_abort(const char* format, ...) noexcept {
    // libc++ passes either a message without conversions, or "%s" and the message. Nothing else needs formatting, and a
    // message with other conversions is still readable as it stands.
    // SAFETY: `format` is NUL-terminated; byte 2 is read only if bytes 0 and 1 are not NUL.
    if (format[0] == '%' && format[1] == 's' && format[2] == '\0') {
        va_list arguments;
        va_start(arguments, format);
        // SAFETY: "%s" announces exactly one `const char*`.
        const char* const message = va_arg(arguments, const char*);
        va_end(arguments);
        frame::library_abort(message);
    }
    frame::library_abort(format);
}

_LIBCPP_END_NAMESPACE_STD
