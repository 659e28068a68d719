// SPDX-License-Identifier: GPL-2.0-only
#include <antimono/runtime.h>

namespace {

struct Constructed {
    Constructed() : value{40} {}
    int value;
};

Constructed constructed;
thread_local int zero;

}  // namespace

int main(const seL4_BootInfo* boot_info) {
    zero += 3;
    rt_printf("C++ %ld: %d, %lu empty slots\n", __cplusplus, constructed.value + zero,
              static_cast<unsigned long>(boot_info->empty.end - boot_info->empty.start));
    return constructed.value + zero;
}
