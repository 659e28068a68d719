/* SPDX-License-Identifier: BSD-2-Clause */
/// Where things are in the address space of scripted threads; for C and for thread.S.
///
/// Each thread has a window of its own, at the same distances from the code that it runs: nothing but the instruction
/// pointer survives a system call unobserved, so the code finds its page relative to itself.
#pragma once

#define WINDOW_BASE 0x10000000
#define WINDOW_SHIFT 16
#define WINDOW_CODE 0x0000    /* thread.S, read-only, the same memory in each window */
#define WINDOW_RECORD 0x1000  /* struct Record */
#define WINDOW_BUFFER 0x2000  /* IPC buffer */
#define WINDOW_SCRATCH 0x3000 /* memory */
#define WINDOW_SHARED 0x4000  /* struct Shared, the same memory in each window */

/* Entry points, from WINDOW_CODE. */
#define ENTRY_FLAGS 0x202    /* with interrupts on; R11 has the same */
#define ENTRY_SYSCALL 0x000  /* a system call with the registers as they are */
#define ENTRY_NEXT 0x002     /* behind it: what RCX is then */
#define ENTRY_LOAD 0x100     /* RAX from memory at RDI */
#define ENTRY_STORE 0x110    /* RSI to memory at RDI */
#define ENTRY_EXECUTE 0x120  /* jump to RDI; JMP *RBP comes back */
#define ENTRY_RETURN 0x130   /* something harmless to execute */
#define ENTRY_UD2 0x140      /* invalid opcode */
#define ENTRY_DIVIDE 0x150   /* division by zero */
#define ENTRY_HLT 0x160      /* privileged instruction */
#define ENTRY_INT3 0x170     /* breakpoint */
#define ENTRY_FPU 0x180      /* all registers of x87 and SSE by the number in RSI */
#define ENTRY_FPU_SEEN 0x190 /* the same registers into the record */

#define JOINED 0x800 /* from here to the same entry points for steps that are joined */

/* The first slot that a thread uses for itself: its own TCB. */
#define PARK_POINTER 0x100

/* struct Record, in words. */
#define RECORD_COUNT 0
#define RECORD_ORDER 1
#define RECORD_REGISTERS 2 /* rax rbx rdx rsi rdi rbp rsp r8 r9 r10 r12 r13 r14 r15 */
#define RECORD_REGISTER_COUNT 14
/* Steps that follow each other without the supervisor: how many came to their end and how many follow, where the next is. */
#define RECORD_ENDED 16
#define RECORD_LEFT 17
#define RECORD_NEXT 18
#define RECORD_ENTRY 19   /* where the next goes */
#define RECORD_RESULTS 20 /* the registers after each but the last */
#define RECORD_JOINED 7   /* that may follow the first */
/* Images for FXRSTOR and FXSAVE, of 64 words. */
#define RECORD_FPU 160
#define RECORD_FPU_SEEN 224
/* The steps that follow: the entry's address; pairs of address and word, for memory, until an address is 0; rax rbx rdx
 * rsi rdi rbp r8 r9 r10 r12 r13 r14 r15. */
#define RECORD_FOLLOWING 288
#define RECORD_END 512

/* struct Shared, in words. */
#define SHARED_ORDER 0
#define SHARED_PARK_INFO 1
#define SHARED_PARK_CALL 2
