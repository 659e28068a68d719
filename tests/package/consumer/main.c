// SPDX-License-Identifier: GPL-2.0-only
#include <antimono/runtime.h>

static __thread int initialised = 40;
static __thread int zero;

int main(const seL4_BootInfo* boot_info) {
    zero += 2;
    rt_printf("C: %d, node %lu of %lu\n", initialised + zero, (unsigned long)boot_info->nodeID,
              (unsigned long)boot_info->numNodes);
    return initialised + zero;
}
