/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file Boot information, and libsel4's old record of where it is. */

#include <sel4/bootinfo_types.h>
#include <sel4/macros.h>
#include <sel4/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Records the address of the boot information. */
void seL4_InitBootInfo(seL4_BootInfo* bi) SEL4_DEPRECATED("the start-up code keeps the boot information");

/** The recorded address of the boot information. */
seL4_BootInfo* seL4_GetBootInfo(void) SEL4_DEPRECATED("the start-up code keeps the boot information");

#ifdef __cplusplus
}
#endif
