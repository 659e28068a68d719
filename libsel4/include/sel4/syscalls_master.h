/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file System calls of the classic kernel; see sel4/syscalls_mcs.h for those of the MCS kernel. */

#include <sel4/config.h>
#include <sel4/types.h>

/** Sends the message; blocks until it is received. */
LIBSEL4_INLINE_FUNC void seL4_Send(seL4_CPtr dest, seL4_MessageInfo_t msgInfo);

/** Sends the message if a receiver waits, otherwise does nothing. */
LIBSEL4_INLINE_FUNC void seL4_NBSend(seL4_CPtr dest, seL4_MessageInfo_t msgInfo);

/**
 * Invokes an object or calls an endpoint: sends the message and blocks until the reply.
 * @return the reply's tag; its label is a seL4_Error where dest is a kernel object
 */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Call(seL4_CPtr dest, seL4_MessageInfo_t msgInfo);

/** Answers the caller that was received last; does nothing if it no longer waits. */
LIBSEL4_INLINE_FUNC void seL4_Reply(seL4_MessageInfo_t msgInfo);

/**
 * Blocks until a message arrives at an endpoint, or a signal at a notification.
 * @param sender receives the sender's badge, or the notification word; may be null
 * @return the tag of the message
 */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Recv(seL4_CPtr src, seL4_Word* sender);

/** seL4_Recv that does not block: the badge is 0 if nothing waits. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src, seL4_Word* sender);

/** seL4_Reply, then seL4_Recv from dest, in one system call. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* sender);

/** Gives the rest of the time slice to another thread of the same priority. */
LIBSEL4_INLINE_FUNC void seL4_Yield(void);

/** Signals a notification: seL4_Send without a message. */
LIBSEL4_INLINE_FUNC void seL4_Signal(seL4_CPtr dest);

/** Waits for a notification: seL4_Recv without a message. */
LIBSEL4_INLINE_FUNC void seL4_Wait(seL4_CPtr src, seL4_Word* sender);

/** seL4_Wait that does not block. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word* sender);

/* As above, with the first four message words in variables instead of the IPC buffer; null leaves a word out. */
LIBSEL4_INLINE_FUNC void seL4_SendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* mr0, seL4_Word* mr1,
                                          seL4_Word* mr2, seL4_Word* mr3);
LIBSEL4_INLINE_FUNC void seL4_NBSendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* mr0, seL4_Word* mr1,
                                            seL4_Word* mr2, seL4_Word* mr3);
LIBSEL4_INLINE_FUNC void seL4_ReplyWithMRs(seL4_MessageInfo_t msgInfo, seL4_Word* mr0, seL4_Word* mr1, seL4_Word* mr2,
                                           seL4_Word* mr3);
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* mr0,
                                                        seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3);
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word* sender, seL4_Word* mr0,
                                                        seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3);
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                             seL4_Word* sender, seL4_Word* mr0, seL4_Word* mr1,
                                                             seL4_Word* mr2, seL4_Word* mr3);
