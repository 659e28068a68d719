/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file Waiting on notifications. */

#include <sel4/config.h>
#include <sel4/functions.h>
#include <sel4/sel4_arch/syscalls.h>
#include <sel4/types.h>

#ifdef CONFIG_KERNEL_MCS

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word* sender) { return seL4_NBWait(src, sender); }

#else

LIBSEL4_INLINE_FUNC void seL4_Wait(seL4_CPtr src, seL4_Word* sender) { (void)seL4_Recv(src, sender); }

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word* sender) { return seL4_NBRecv(src, sender); }

#endif
