/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file The system calls of sel4/syscalls.h, made of the few register conventions in syscalls_syscall.h. */

#include <sel4/config.h>
#include <sel4/functions.h>
#include <sel4/types.h>

#if defined(CONFIG_SYSENTER)
#include <sel4/sel4_arch/syscalls_sysenter.h>
#elif defined(CONFIG_SYSCALL)
#include <sel4/sel4_arch/syscalls_syscall.h>
#else
#error "libsel4: the configuration names neither CONFIG_SYSCALL nor CONFIG_SYSENTER"
#endif

/* Message words in variables: a null pointer stands for no word. */

static inline seL4_Word x64_word(const seL4_Word* word) { return word ? *word : 0; }

static inline seL4_Word x64_word_in(seL4_MessageInfo_t info, seL4_Word index, const seL4_Word* word) {
    return word && seL4_MessageInfo_get_length(info) > index ? *word : 0;
}

static inline void x64_word_out(seL4_Word* word, seL4_Word value) {
    if (word) {
        *word = value;
    }
}

static inline void x64_words_to_buffer(seL4_Word mr0, seL4_Word mr1, seL4_Word mr2, seL4_Word mr3) {
    seL4_SetMR(0, mr0);
    seL4_SetMR(1, mr1);
    seL4_SetMR(2, mr2);
    seL4_SetMR(3, mr3);
}

/* A receive whose message ends up in the IPC buffer. */
static inline seL4_MessageInfo_t x64_receive(seL4_Word sys, seL4_CPtr src, seL4_Word* sender, seL4_CPtr reply) {
    seL4_MessageInfo_t info;
    seL4_Word badge, mr0, mr1, mr2, mr3;
    x64_sys_recv(sys, src, &badge, &info.words[0], &mr0, &mr1, &mr2, &mr3, reply);
    x64_words_to_buffer(mr0, mr1, mr2, mr3);
    x64_word_out(sender, badge);
    return info;
}

/* A receive whose message ends up in variables. */
static inline seL4_MessageInfo_t x64_receive_words(seL4_Word sys, seL4_CPtr src, seL4_Word* sender, seL4_Word* mr0,
                                                   seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3, seL4_CPtr reply) {
    seL4_MessageInfo_t info;
    seL4_Word badge, word0, word1, word2, word3;
    x64_sys_recv(sys, src, &badge, &info.words[0], &word0, &word1, &word2, &word3, reply);
    x64_word_out(mr0, word0);
    x64_word_out(mr1, word1);
    x64_word_out(mr2, word2);
    x64_word_out(mr3, word3);
    x64_word_out(sender, badge);
    return info;
}

/* A send and a receive with the message in the IPC buffer. */
static inline seL4_MessageInfo_t x64_exchange(seL4_Word sys, seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                              seL4_Word* sender, seL4_CPtr reply) {
    seL4_MessageInfo_t info;
    seL4_Word badge, mr0 = seL4_GetMR(0), mr1 = seL4_GetMR(1), mr2 = seL4_GetMR(2), mr3 = seL4_GetMR(3);
    x64_sys_send_recv(sys, dest, &badge, msgInfo.words[0], &info.words[0], &mr0, &mr1, &mr2, &mr3, reply);
    x64_words_to_buffer(mr0, mr1, mr2, mr3);
    x64_word_out(sender, badge);
    return info;
}

/* A send and a receive with the message in variables. */
static inline seL4_MessageInfo_t x64_exchange_words(seL4_Word sys, seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                    seL4_Word* sender, seL4_Word* mr0, seL4_Word* mr1, seL4_Word* mr2,
                                                    seL4_Word* mr3, seL4_CPtr reply) {
    seL4_MessageInfo_t info;
    seL4_Word badge, word0 = x64_word_in(msgInfo, 0, mr0), word1 = x64_word_in(msgInfo, 1, mr1);
    seL4_Word word2 = x64_word_in(msgInfo, 2, mr2), word3 = x64_word_in(msgInfo, 3, mr3);
    x64_sys_send_recv(sys, dest, &badge, msgInfo.words[0], &info.words[0], &word0, &word1, &word2, &word3, reply);
    x64_word_out(mr0, word0);
    x64_word_out(mr1, word1);
    x64_word_out(mr2, word2);
    x64_word_out(mr3, word3);
    x64_word_out(sender, badge);
    return info;
}

/* A call that only takes a number and a word, and answers with one. */
static inline seL4_Word x64_query(seL4_Word sys, seL4_Word argument) {
    seL4_Word answer, info, mr0 = 0, mr1 = 0, mr2 = 0, mr3 = 0;
    x64_sys_send_recv(sys, argument, &answer, 0, &info, &mr0, &mr1, &mr2, &mr3, 0);
    return answer;
}

LIBSEL4_INLINE_FUNC void seL4_Send(seL4_CPtr dest, seL4_MessageInfo_t msgInfo) {
    x64_sys_send((seL4_Word)seL4_SysSend, dest, msgInfo.words[0], seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2),
                 seL4_GetMR(3));
}

LIBSEL4_INLINE_FUNC void seL4_SendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* mr0, seL4_Word* mr1,
                                          seL4_Word* mr2, seL4_Word* mr3) {
    x64_sys_send((seL4_Word)seL4_SysSend, dest, msgInfo.words[0], x64_word(mr0), x64_word(mr1), x64_word(mr2),
                 x64_word(mr3));
}

LIBSEL4_INLINE_FUNC void seL4_NBSend(seL4_CPtr dest, seL4_MessageInfo_t msgInfo) {
    x64_sys_send((seL4_Word)seL4_SysNBSend, dest, msgInfo.words[0], seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2),
                 seL4_GetMR(3));
}

LIBSEL4_INLINE_FUNC void seL4_NBSendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* mr0, seL4_Word* mr1,
                                            seL4_Word* mr2, seL4_Word* mr3) {
    x64_sys_send((seL4_Word)seL4_SysNBSend, dest, msgInfo.words[0], x64_word(mr0), x64_word(mr1), x64_word(mr2),
                 x64_word(mr3));
}

LIBSEL4_INLINE_FUNC void seL4_Signal(seL4_CPtr dest) {
    x64_sys_send_null((seL4_Word)seL4_SysSend, dest, seL4_MessageInfo_new(0, 0, 0, 1).words[0]);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Call(seL4_CPtr dest, seL4_MessageInfo_t msgInfo) {
    return x64_exchange((seL4_Word)seL4_SysCall, dest, msgInfo, 0, 0);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* mr0,
                                                        seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3) {
    return x64_exchange_words((seL4_Word)seL4_SysCall, dest, msgInfo, 0, mr0, mr1, mr2, mr3, 0);
}

LIBSEL4_INLINE_FUNC void seL4_Yield(void) { x64_sys_null((seL4_Word)seL4_SysYield); }

#ifdef CONFIG_KERNEL_MCS

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Recv(seL4_CPtr src, seL4_Word* sender, seL4_CPtr reply) {
    return x64_receive((seL4_Word)seL4_SysRecv, src, sender, reply);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word* sender, seL4_Word* mr0,
                                                        seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3,
                                                        seL4_CPtr reply) {
    return x64_receive_words((seL4_Word)seL4_SysRecv, src, sender, mr0, mr1, mr2, mr3, reply);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src, seL4_Word* sender, seL4_CPtr reply) {
    return x64_receive((seL4_Word)seL4_SysNBRecv, src, sender, reply);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Wait(seL4_CPtr src, seL4_Word* sender) {
    return x64_receive((seL4_Word)seL4_SysWait, src, sender, 0);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_WaitWithMRs(seL4_CPtr src, seL4_Word* sender, seL4_Word* mr0,
                                                        seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3) {
    return x64_receive_words((seL4_Word)seL4_SysWait, src, sender, mr0, mr1, mr2, mr3, 0);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBWait(seL4_CPtr src, seL4_Word* sender) {
    return x64_receive((seL4_Word)seL4_SysNBWait, src, sender, 0);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* sender,
                                                      seL4_CPtr reply) {
    return x64_exchange((seL4_Word)seL4_SysReplyRecv, dest, msgInfo, sender, reply);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                             seL4_Word* sender, seL4_Word* mr0, seL4_Word* mr1,
                                                             seL4_Word* mr2, seL4_Word* mr3, seL4_CPtr reply) {
    return x64_exchange_words((seL4_Word)seL4_SysReplyRecv, dest, msgInfo, sender, mr0, mr1, mr2, mr3, reply);
}

/* A non-blocking send to one capability and a receive from another, with the message in the IPC buffer. */
static inline seL4_MessageInfo_t x64_forward(seL4_Word sys, seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_CPtr src,
                                             seL4_Word* sender, seL4_CPtr reply) {
    seL4_MessageInfo_t info;
    seL4_Word badge, mr0 = seL4_GetMR(0), mr1 = seL4_GetMR(1), mr2 = seL4_GetMR(2), mr3 = seL4_GetMR(3);
    x64_sys_nbsend_recv(sys, dest, src, &badge, msgInfo.words[0], &info.words[0], &mr0, &mr1, &mr2, &mr3, reply);
    x64_words_to_buffer(mr0, mr1, mr2, mr3);
    x64_word_out(sender, badge);
    return info;
}

/* The same with the message in variables. */
static inline seL4_MessageInfo_t x64_forward_words(seL4_Word sys, seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                   seL4_CPtr src, seL4_Word* sender, seL4_Word* mr0, seL4_Word* mr1,
                                                   seL4_Word* mr2, seL4_Word* mr3, seL4_CPtr reply) {
    seL4_MessageInfo_t info;
    seL4_Word badge, word0 = x64_word_in(msgInfo, 0, mr0), word1 = x64_word_in(msgInfo, 1, mr1);
    seL4_Word word2 = x64_word_in(msgInfo, 2, mr2), word3 = x64_word_in(msgInfo, 3, mr3);
    x64_sys_nbsend_recv(sys, dest, src, &badge, msgInfo.words[0], &info.words[0], &word0, &word1, &word2, &word3,
                        reply);
    x64_word_out(mr0, word0);
    x64_word_out(mr1, word1);
    x64_word_out(mr2, word2);
    x64_word_out(mr3, word3);
    x64_word_out(sender, badge);
    return info;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendRecv(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_CPtr src,
                                                       seL4_Word* sender, seL4_CPtr reply) {
    return x64_forward((seL4_Word)seL4_SysNBSendRecv, dest, msgInfo, src, sender, reply);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendRecvWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_CPtr src,
                                                              seL4_Word* sender, seL4_Word* mr0, seL4_Word* mr1,
                                                              seL4_Word* mr2, seL4_Word* mr3, seL4_CPtr reply) {
    return x64_forward_words((seL4_Word)seL4_SysNBSendRecv, dest, msgInfo, src, sender, mr0, mr1, mr2, mr3, reply);
}

/* The kernel sends to the capability in the reply register here, not to the one in the destination register. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendWait(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_CPtr src,
                                                       seL4_Word* sender) {
    return x64_forward((seL4_Word)seL4_SysNBSendWait, 0, msgInfo, src, sender, dest);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendWaitWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_CPtr src,
                                                              seL4_Word* sender, seL4_Word* mr0, seL4_Word* mr1,
                                                              seL4_Word* mr2, seL4_Word* mr3) {
    return x64_forward_words((seL4_Word)seL4_SysNBSendWait, 0, msgInfo, src, sender, mr0, mr1, mr2, mr3, dest);
}

#else /* !CONFIG_KERNEL_MCS */

LIBSEL4_INLINE_FUNC void seL4_Reply(seL4_MessageInfo_t msgInfo) {
    x64_sys_reply((seL4_Word)seL4_SysReply, msgInfo.words[0], seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2),
                  seL4_GetMR(3));
}

LIBSEL4_INLINE_FUNC void seL4_ReplyWithMRs(seL4_MessageInfo_t msgInfo, seL4_Word* mr0, seL4_Word* mr1, seL4_Word* mr2,
                                           seL4_Word* mr3) {
    x64_sys_reply((seL4_Word)seL4_SysReply, msgInfo.words[0], x64_word(mr0), x64_word(mr1), x64_word(mr2),
                  x64_word(mr3));
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Recv(seL4_CPtr src, seL4_Word* sender) {
    return x64_receive((seL4_Word)seL4_SysRecv, src, sender, 0);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word* sender, seL4_Word* mr0,
                                                        seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3) {
    return x64_receive_words((seL4_Word)seL4_SysRecv, src, sender, mr0, mr1, mr2, mr3, 0);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src, seL4_Word* sender) {
    return x64_receive((seL4_Word)seL4_SysNBRecv, src, sender, 0);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word* sender) {
    return x64_exchange((seL4_Word)seL4_SysReplyRecv, dest, msgInfo, sender, 0);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                             seL4_Word* sender, seL4_Word* mr0, seL4_Word* mr1,
                                                             seL4_Word* mr2, seL4_Word* mr3) {
    return x64_exchange_words((seL4_Word)seL4_SysReplyRecv, dest, msgInfo, sender, mr0, mr1, mr2, mr3, 0);
}

#endif /* CONFIG_KERNEL_MCS */

#ifdef CONFIG_VTX
LIBSEL4_INLINE_FUNC seL4_Word seL4_VMEnter(seL4_Word* sender) {
    seL4_Word result, badge, mr0 = seL4_GetMR(0), mr1 = seL4_GetMR(1), mr2 = seL4_GetMR(2), mr3 = seL4_GetMR(3);
    x64_sys_send_recv((seL4_Word)seL4_SysVMEnter, 0, &badge, 0, &result, &mr0, &mr1, &mr2, &mr3, 0);
    x64_words_to_buffer(mr0, mr1, mr2, mr3);
    if (!result) {
        x64_word_out(sender, badge);
    }
    return result;
}
#endif

#ifdef CONFIG_PRINTING
LIBSEL4_INLINE_FUNC void seL4_DebugPutChar(char c) { (void)x64_query((seL4_Word)seL4_SysDebugPutChar, (seL4_Word)c); }

LIBSEL4_INLINE_FUNC void seL4_DebugPutString(const char* str) {
    while (*str) {
        seL4_DebugPutChar(*str);
        ++str;
    }
}

LIBSEL4_INLINE_FUNC void seL4_DebugDumpScheduler(void) { (void)x64_query((seL4_Word)seL4_SysDebugDumpScheduler, 0); }
#endif

#ifdef CONFIG_DEBUG_BUILD
LIBSEL4_INLINE_FUNC void seL4_DebugHalt(void) { x64_sys_null((seL4_Word)seL4_SysDebugHalt); }

LIBSEL4_INLINE_FUNC void seL4_DebugSnapshot(void) { x64_sys_null((seL4_Word)seL4_SysDebugSnapshot); }

LIBSEL4_INLINE_FUNC seL4_Uint32 seL4_DebugCapIdentify(seL4_CPtr cap) {
    return (seL4_Uint32)x64_query((seL4_Word)seL4_SysDebugCapIdentify, cap);
}

LIBSEL4_INLINE_FUNC void seL4_DebugNameThread(seL4_CPtr tcb, const char* name) {
    char* buffer = (char*)seL4_GetIPCBuffer()->msg;
    const seL4_Word room = seL4_MsgMaxLength * sizeof(seL4_Word);
    seL4_Word length = 0;
    while (length + 1 < room && name[length]) {
        buffer[length] = name[length];
        ++length;
    }
    buffer[length] = '\0';
    (void)x64_query((seL4_Word)seL4_SysDebugNameThread, tcb);
}

#ifdef CONFIG_ENABLE_SMP_SUPPORT
LIBSEL4_INLINE_FUNC seL4_Word seL4_DebugGetThreadAffinity(seL4_CPtr tcb) {
    return x64_query((seL4_Word)seL4_SysDebugGetThreadAffinity, tcb);
}
#endif
#endif

#ifdef CONFIG_DANGEROUS_CODE_INJECTION
LIBSEL4_INLINE_FUNC void seL4_DebugRun(void (*userfn)(void*), void* userarg) {
    x64_sys_send_null((seL4_Word)seL4_SysDebugRun, (seL4_Word)userfn, (seL4_Word)userarg);
}
#endif

#ifdef CONFIG_KERNEL_X86_DANGEROUS_MSR
LIBSEL4_INLINE_FUNC void seL4_X86DangerousWRMSR(seL4_Uint32 msr, seL4_Uint64 value) {
    x64_sys_send((seL4_Word)seL4_SysX86DangerousWRMSR, msr, 0, value, 0, 0, 0);
}

LIBSEL4_INLINE_FUNC seL4_Uint64 seL4_X86DangerousRDMSR(seL4_Uint32 msr) {
    seL4_Word badge, info, value, mr1, mr2, mr3;
    x64_sys_recv((seL4_Word)seL4_SysX86DangerousRDMSR, msr, &badge, &info, &value, &mr1, &mr2, &mr3, 0);
    return value;
}
#endif

#ifdef CONFIG_ENABLE_BENCHMARKS
LIBSEL4_INLINE_FUNC seL4_Error seL4_BenchmarkResetLog(void) {
    return (seL4_Error)x64_query((seL4_Word)seL4_SysBenchmarkResetLog, 0);
}

LIBSEL4_INLINE_FUNC seL4_Word seL4_BenchmarkFinalizeLog(void) {
    return x64_query((seL4_Word)seL4_SysBenchmarkFinalizeLog, 0);
}

LIBSEL4_INLINE_FUNC seL4_Error seL4_BenchmarkSetLogBuffer(seL4_Word frame_cptr) {
    return (seL4_Error)x64_query((seL4_Word)seL4_SysBenchmarkSetLogBuffer, frame_cptr);
}

LIBSEL4_INLINE_FUNC void seL4_BenchmarkNullSyscall(void) { x64_sys_null((seL4_Word)seL4_SysBenchmarkNullSyscall); }

LIBSEL4_INLINE_FUNC void seL4_BenchmarkFlushCaches(void) { x64_sys_null((seL4_Word)seL4_SysBenchmarkFlushCaches); }

#ifdef CONFIG_BENCHMARK_TRACK_UTILISATION
LIBSEL4_INLINE_FUNC void seL4_BenchmarkGetThreadUtilisation(seL4_Word tcb_cptr) {
    (void)x64_query((seL4_Word)seL4_SysBenchmarkGetThreadUtilisation, tcb_cptr);
}

LIBSEL4_INLINE_FUNC void seL4_BenchmarkResetThreadUtilisation(seL4_Word tcb_cptr) {
    (void)x64_query((seL4_Word)seL4_SysBenchmarkResetThreadUtilisation, tcb_cptr);
}

#ifdef CONFIG_DEBUG_BUILD
LIBSEL4_INLINE_FUNC void seL4_BenchmarkDumpAllThreadsUtilisation(void) {
    (void)x64_query((seL4_Word)seL4_SysBenchmarkDumpAllThreadsUtilisation, 0);
}

LIBSEL4_INLINE_FUNC void seL4_BenchmarkResetAllThreadsUtilisation(void) {
    (void)x64_query((seL4_Word)seL4_SysBenchmarkResetAllThreadsUtilisation, 0);
}
#endif
#endif
#endif /* CONFIG_ENABLE_BENCHMARKS */

#ifdef CONFIG_SET_TLS_BASE_SELF
LIBSEL4_INLINE_FUNC void seL4_SetTLSBase(seL4_Word tls_base) {
    x64_sys_send_null((seL4_Word)seL4_SysSetTLSBase, tls_base, 0);
}
#endif
