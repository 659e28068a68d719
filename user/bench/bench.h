/* SPDX-License-Identifier: BSD-2-Clause */
/// What operations cost, in time-stamp counter ticks. Under QEMU's `-icount shift=0` a tick is one executed instruction,
/// the kernel's and the program's own together, and every run of the same kernel gives the same figures.
///
///     main.c      the list of rows
///     ipc.c       messages
///     signals.c   notifications, scheduling, context switches
///     faults.c    faults and interrupts
///     threads.c   TCB invocations, a thread's life
///     actors.c    the threads that take part
///     caps.c      capability spaces, retyping and deleting
///     spaces.c    address spaces
///     loops.S     what the other threads run
///     loop.c      how a thread is set up for it; user/growth and user/paths take both
///
/// For each row a line `row NAME: TICKS ticks, OPERATIONS operations` is printed. TICKS is the least of several rounds, so no
/// timer tick is in it, less what the same loop takes without the system call.
#pragma once

#include <antimono/pool.h>
#include <antimono/runtime.h>
#include <antimono/thread.h>

#include <stdbool.h>
#include <stdint.h>

#define OWN seL4_CapInitThreadCNode

enum {
    rounds = 5,
    main_priority = 100,
    higher = 150,
    lower = 50,
    many = 256,         ///< objects in the large batches
    slot_count = 1100,  ///< of `slots`
    memory_bits = 22,
};

/// Objects that stay; and memory and slots that each group of rows may use, emptied by `clean`.
extern RtPool pool;
extern seL4_CPtr memory, slots;
void clean(void);

// -- Measuring ---------------------------------------------------------------------------------------------------------

static inline uint64_t ticks(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

/// A row of the table begins. Between `row_mark` and `row_unmark` its operations run: tools that count see the mark.
void row_begin(const char* name);
void row_mark(void);
void row_unmark(void);
void row_end(uint64_t best, uint64_t base, seL4_Word operations);
/// The figure of the row that ended last.
extern uint64_t last_total;

/// `operations` times `body`, less the same with `empty`; before and after each round `before` and `after`.
/// `i` counts the operations of a round.
#define MEASURE_AROUND(name, operations, before, body, after, empty)          \
    do {                                                                      \
        uint64_t best_ticks = UINT64_MAX, base_ticks = UINT64_MAX;            \
        row_begin(name);                                                      \
        for (int round = 0; round < rounds; round++) {                        \
            before;                                                           \
            row_mark();                                                       \
            uint64_t start_ticks = ticks();                                   \
            LOOP(operations, body);                                           \
            uint64_t taken_ticks = ticks() - start_ticks;                     \
            row_unmark();                                                     \
            best_ticks = taken_ticks < best_ticks ? taken_ticks : best_ticks; \
            after;                                                            \
        }                                                                     \
        for (int round = 0; round < rounds; round++) {                        \
            uint64_t start_ticks = ticks();                                   \
            LOOP(operations, empty);                                          \
            uint64_t taken_ticks = ticks() - start_ticks;                     \
            base_ticks = taken_ticks < base_ticks ? taken_ticks : base_ticks; \
        }                                                                     \
        row_end(best_ticks, base_ticks, operations);                          \
    } while (0)

#define MEASURE(name, operations, body, empty) MEASURE_AROUND(name, operations, (void)0, body, (void)0, empty)

#define LOOP(operations, body)                                                                              \
    _Pragma("clang loop unroll(disable) vectorize(disable)") for (seL4_Word i = 0; i < (operations); i++) { \
        body;                                                                                               \
        __asm__ volatile("" : "+r"(i)::"memory");                                                           \
    }

#define NOTHING (void)0

#define BENCH_INLINE static inline __attribute__((always_inline))

/// A bare system call, and the same without the instruction that enters the kernel.
#define DEFINE_BARE(name, instruction)                                                               \
    BENCH_INLINE void name(seL4_Syscall_ID number, seL4_CPtr capability, seL4_Word info) {           \
        seL4_Word rdi = capability, rsi = info, rdx = (seL4_Word)number;                             \
        register seL4_Word r10 __asm__("r10") = 0, r8 __asm__("r8") = 0;                             \
        register seL4_Word r9 __asm__("r9") = 0, r15 __asm__("r15") = 0;                             \
        __asm__ volatile("movq %%rsp, %%rbx\n" instruction "\nmovq %%rbx, %%rsp"                     \
                         : "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r15) \
                         :                                                                           \
                         : "rbx", "rcx", "r11", "memory");                                           \
    }
DEFINE_BARE(bare, "syscall")
DEFINE_BARE(bare_nothing, "")

/// `operations` bare system calls.
#define MEASURE_CALL(name, operations, number, capability, info) \
    MEASURE(name, operations, bare(number, capability, info), bare_nothing(number, capability, info))

static inline seL4_Word message(seL4_Word label, seL4_Word caps, seL4_Word length) {
    return seL4_MessageInfo_new(label, 0, caps, length).words[0];
}

// -- Things to measure with ----------------------------------------------------------------------------------------------

seL4_CPtr make(seL4_Word type);
seL4_CPtr make_sized(seL4_Word type, seL4_Word bits);
seL4_CPtr mint(seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge);
/// `count` objects in slots from `slots + at` on, out of `memory`, by one invocation.
void make_batch(seL4_Word type, seL4_Word bits, seL4_Word at, seL4_Word count);
/// Deletes `count` capabilities in slots from `slots + at` on.
void delete_slots(seL4_Word at, seL4_Word count);

/// What a loop of loops.S takes in registers.
typedef struct LoopArguments {
    seL4_Word capability;  ///< of every call
    seL4_Word info;
    seL4_Word first;  ///< system call number of the first call
    seL4_Word then;   ///< of all others
    seL4_Word other;  ///< what the loop says
} LoopArguments;

extern const char loop_calls[], loop_calls_fpu[], loop_undefined[], loop_read[], loop_unknown_call[], loop_interrupts[],
    loop_exit[];

/// Gives a TCB the program's own spaces, no IPC buffer, and a priority.
void prepare_thread(seL4_CPtr tcb, seL4_Word priority, seL4_CPtr faults);
/// Starts a TCB at `loop`.
void run_loop(seL4_CPtr tcb, const char* loop, const LoopArguments* arguments);
/// Makes a thread in the program's own spaces and starts it at `loop`. A thread of higher priority runs at once, until
/// it waits.
void start_loop(RtThread* thread, const char* loop, seL4_Word priority, seL4_CPtr faults,
                const LoopArguments* arguments);
/// The same for a thread in an address space that holds nothing but the loops.
void start_loop_elsewhere(RtThread* thread, const char* loop, seL4_Word priority, seL4_CPtr faults,
                          const LoopArguments* arguments);
/// The thread never runs again.
void stop(RtThread* thread);

void measure_ipc(void);
void measure_signals(void);
void measure_switches(void);
void measure_faults(void);
void measure_interrupts(void);
void measure_threads(void);
void measure_caps(void);
void measure_objects(void);
void measure_spaces(void);
