// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:varargs\]
namespace kernel {

int second(int first, ...) {
    __builtin_va_list rest;
    __builtin_va_start(rest, first);
    const int result = __builtin_va_arg(rest, int);
    __builtin_va_end(rest);
    return result;
}

} // namespace kernel
