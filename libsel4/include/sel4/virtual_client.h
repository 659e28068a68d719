/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file Invocations that are special cases of others. */

#include <interfaces/sel4_client.h>
#include <sel4/config.h>
#include <sel4/constants.h>
#include <sel4/invocation.h>
#include <sel4/macros.h>
#include <sel4/types.h>

#ifdef CONFIG_KERNEL_MCS
/** seL4_SchedControl_ConfigureFlags without flags. */
LIBSEL4_INLINE seL4_Error seL4_SchedControl_Configure(seL4_SchedControl _service, seL4_SchedContext schedcontext,
                                                      seL4_Time budget, seL4_Time period, seL4_Word extra_refills,
                                                      seL4_Word badge) {
    return seL4_SchedControl_ConfigureFlags(_service, schedcontext, budget, period, extra_refills, badge,
                                            seL4_SchedContext_NoFlag);
}
#endif
