// SPDX-License-Identifier: GPL-2.0-only
#include <antimono/runtime.h>

int main(const seL4_BootInfo* info) {
    (void)info;
    rt_printf("kernel panic: not at all\n");
    rt_flush_console();
#ifdef CONFIG_DEBUG_BUILD
    seL4_DebugHalt();
#endif
    return 1;
}
