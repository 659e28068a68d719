/* SPDX-License-Identifier: BSD-2-Clause */
/// Where the code of replayed threads is, and what it does there: for C, for thread.S, and for the modelled machine, whose
/// threads behave as if they ran it (tests/machine/program.cpp).
#pragma once

/* Code, at the addresses at which the modelled machine's threads make their system calls. */
#define REPLAY_CODE 0x400000    /* one page; also where threads start: the next step */
#define REPLAY_SYSCALL 0x400100 /* SYSCALL with the registers as they are */
#define REPLAY_NEXT 0x400102    /* behind it: the next step */
#define REPLAY_READ 0x400300    /* loads from RCX */
#define REPLAY_WRITE 0x400310   /* stores R11 at RCX */
#define REPLAY_DIVIDE 0x400320  /* exception 0 */
#define REPLAY_INVALID 0x400330 /* exception 6 */
#define REPLAY_HALT 0x400340    /* exception 13 */
#define REPLAY_SPIN 0x400350    /* counts RCX down */
#define REPLAY_TRAPS 0x400800   /* INT n, for each n */
#define REPLAY_TRAP_SIZE 7

/* Behind the code: the first thread's IPC buffer, and two pages more, as in the initial address space. */
#define REPLAY_BUFFER 0x401000
#define REPLAY_MORE_PAGES 2

/* struct Data: a large page, beyond what traces ask for. */
#define REPLAY_DATA 0x30000000
#define REPLAY_DATA_BITS 21

/* struct Step, in bytes. */
#define STEP_PLACE 0
#define STEP_STORES 8
#define STEP_SETS_REGISTERS 16
#define STEP_REGISTERS 24 /* rdx rdi rsi r10 r8 r9 r15; or RCX and R11 */
#define STEP_STORE_LIST 80

/* struct Record, in bytes. */
#define RECORD_SIZE 128
#define RECORD_STEP 120
#define RECORD_REGISTERS 14 /* rax rbx rdx rsi rdi rbp rsp r8 r9 r10 r12 r13 r14 r15 */
#define RECORD_THREAD 1     /* RBX: no step touches it */
