/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <sel4/sel4.h>

/// Prints what the kernel told the root task, for a reader.
void print_boot_info(const seL4_BootInfo* info);
