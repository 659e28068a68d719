/* SPDX-License-Identifier: BSD-2-Clause */
/// What a worker's address space looks like, and what its calls look like in memory; for C and for worker.S.
///
/// A worker runs worker.S, which takes one prepared call after the other from its batch, loads all registers from it and
/// executes SYSCALL. Everything that it needs lies at fixed distances from its code, since no register survives.
///
///     WORKER_CODE     worker.S                  read-only
///     WORKER_RESULTS  struct Results            read-write
///     WORKER_BUFFER   its IPC buffer            read-write
///     WORKER_STACK    scratch memory            read-write
///     WORKER_SCRATCH  code that makes no sense  read-write
///     WORKER_BATCH    struct Call[]             read-only
#pragma once

#define WORKER_CODE 0x10000000
#define WORKER_RESULTS 0x10001000
#define WORKER_BUFFER 0x10002000
#define WORKER_STACK 0x10003000
#define WORKER_SCRATCH 0x10004000
#define WORKER_BATCH 0x10008000

#define BATCH_PAGES 4
#define BATCH_CALLS 32

/// struct Call, in words.
#define CALL_SHIFT 9 /* log2 of its size in bytes */
#define CALL_KIND 0
#define CALL_NONCE 1
#define CALL_REGISTERS 2 /* rax rbx rcx rdx rsi rdi rbp rsp r8 to r15 */
#define CALL_HEAD 18     /* tag and first message words of the IPC buffer */
#define CALL_HEAD_WORDS 22
#define CALL_TAIL 40 /* its last words: user data, capabilities, receive slot */
#define CALL_TAIL_WORDS 7
#define CALL_CODE 47
#define CALL_CODE_WORDS 17

/// struct Results, in words.
#define RESULTS_STARTED 0 /* calls of the batch that were begun */
#define RESULTS_SAVED 1   /* three words of scratch */
#define RESULTS_RECORDS 8 /* nonce, message info, badge, message register 0 of each call that returned */
