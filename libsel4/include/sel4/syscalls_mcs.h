/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file System calls of the MCS kernel: a reply object says where the right to reply is kept. */

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

/**
 * Blocks until a message arrives at an endpoint, or a signal at a notification.
 * @param sender receives the sender's badge, or the notification word; may be null
 * @param reply the reply object through which a caller will be answered
 * @return the tag of the message
 */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Recv(seL4_CPtr src, seL4_Word* sender, seL4_CPtr reply);

/** seL4_Recv that does not block: the badge is 0 if nothing waits. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src, seL4_Word* sender, seL4_CPtr reply);

/** Answers through the reply object, then seL4_Recv with the same one. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* sender,
                                                      seL4_CPtr reply);

/** seL4_NBSend to dest, then seL4_Recv from src. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendRecv(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_CPtr src,
                                                       seL4_Word* sender, seL4_CPtr reply);

/** seL4_NBSend to dest, then seL4_Wait on src. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendWait(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_CPtr src,
                                                       seL4_Word* sender);

/** Gives up the rest of the budget. */
LIBSEL4_INLINE_FUNC void seL4_Yield(void);

/** Blocks for a message or a signal, without a reply object. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Wait(seL4_CPtr src, seL4_Word* sender);

/** seL4_Wait that does not block. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBWait(seL4_CPtr src, seL4_Word* sender);

/** seL4_NBWait, by the name that the classic kernel has too. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word* sender);

/** Signals a notification: seL4_Send without a message. */
LIBSEL4_INLINE_FUNC void seL4_Signal(seL4_CPtr dest);

/* As above, with the first four message words in variables instead of the IPC buffer; null leaves a word out. */
LIBSEL4_INLINE_FUNC void seL4_SendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* mr0, seL4_Word* mr1,
                                          seL4_Word* mr2, seL4_Word* mr3);
LIBSEL4_INLINE_FUNC void seL4_NBSendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* mr0, seL4_Word* mr1,
                                            seL4_Word* mr2, seL4_Word* mr3);
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* mr0,
                                                        seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3);
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word* sender, seL4_Word* mr0,
                                                        seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3,
                                                        seL4_CPtr reply);
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_WaitWithMRs(seL4_CPtr src, seL4_Word* sender, seL4_Word* mr0,
                                                        seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3);
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                             seL4_Word* sender, seL4_Word* mr0, seL4_Word* mr1,
                                                             seL4_Word* mr2, seL4_Word* mr3, seL4_CPtr reply);
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendRecvWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_CPtr src,
                                                              seL4_Word* sender, seL4_Word* mr0, seL4_Word* mr1,
                                                              seL4_Word* mr2, seL4_Word* mr3, seL4_CPtr reply);
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendWaitWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_CPtr src,
                                                              seL4_Word* sender, seL4_Word* mr0, seL4_Word* mr1,
                                                              seL4_Word* mr2, seL4_Word* mr3);
