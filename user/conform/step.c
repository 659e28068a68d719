/* SPDX-License-Identifier: BSD-2-Clause */
/// Steps: a thread does something, everybody who can run runs until nobody can, and what they left is gathered. Joined steps
/// are taken by one thread, without the supervisor in between.
#include "conform.h"

enum {
    buffer_words = sizeof(seL4_IPCBuffer) / sizeof(seL4_Word),
    // In Record.registers:
    saved_info = 3,
    saved_third_word = 8,
    saved_first_word = 9,
};

static struct {
    uint64_t count[window_count];  // events of the window that were seen
    bool waiting[thread_count];
    uint64_t ended[thread_count];  // of joined steps that were seen
    bool looks[thread_count];      // at the FPU
} seen;

void steps_begin(void) {
    for (unsigned i = 0; i < window_count; i++) {
        seen.count[i] = 0;
    }
    for (unsigned i = 0; i < thread_count; i++) {
        seen.waiting[i] = seen.looks[i] = false;
        seen.ended[i] = 0;
    }
    pretend_begin();
}

bool is_idle(unsigned thread) { return !seen.waiting[thread]; }
void set_idle(unsigned thread, bool idle) { seen.waiting[thread] = !idle; }
bool is_supervised(const Step* step) { return step->operation >= operation_restart; }

// -- Doing it ----------------------------------------------------------------------------------------------------------

/// Registers with a value that shows whether they survive.
static const seL4_UserContext plain = {
    .rax = 0x1a1a1a1a00000001,
    .rbx = 0x1b1b1b1b00000002,
    .rdx = 0x1d1d1d1d00000004,
    .rsi = 0x2a2a2a2a00000005,
    .rdi = 0x2b2b2b2b00000006,
    .rbp = 0x2c2c2c2c00000007,
    .r8 = 0x2d2d2d2d00000008,
    .r9 = 0x3a3a3a3a00000009,
    .r10 = 0x3b3b3b3b0000000a,
    .r12 = 0x3d3d3d3d0000000c,
    .r13 = 0x4a4a4a4a0000000d,
    .r14 = 0x4b4b4b4b0000000e,
    .r15 = 0x4c4c4c4c0000000f,
};

/// A word of the thread's IPC buffer.
typedef struct Store {
    unsigned index;
    seL4_Word word;
} Store;

/// What a step wants in the IPC buffer; returns how many words.
static unsigned stores_of(const Step* step, Store* stores) {
    unsigned count = 0;
    if (step->operation != operation_syscall) {
        return count;
    }
    for (unsigned i = 4; i < step->word_count; i++) {
        stores[count++] = (Store){offsetof(seL4_IPCBuffer, msg) / sizeof(seL4_Word) + i, step->words[i]};
    }
    for (unsigned i = 0; i < step->cap_count; i++) {
        stores[count++] = (Store){offsetof(seL4_IPCBuffer, caps_or_badges) / sizeof(seL4_Word) + i, step->caps[i]};
    }
    return count;
}

/// Sets the registers for a step; returns where in the window's code it begins.
static seL4_Word prepare(const Step* step, seL4_UserContext* registers) {
    static const seL4_Word entries[] = {
        [operation_syscall] = ENTRY_SYSCALL,
        [operation_load] = ENTRY_LOAD,
        [operation_store] = ENTRY_STORE,
        [operation_execute] = ENTRY_EXECUTE,
    };
    *registers = plain;
    registers->rdi = step->target;
    if (step->operation != operation_syscall) {
        registers->rsi = step->words[0];
        return step->operation == operation_enter ? step->target : entries[step->operation];
    }
    seL4_Word* first[4] = {&registers->r10, &registers->r8, &registers->r9, &registers->r15};
    for (unsigned i = 0; i < 4 && i < step->word_count; i++) {
        *first[i] = step->words[i];
    }
    registers->rdx = (seL4_Word)(int64_t)step->call;
    registers->rsi = step->info;
    return ENTRY_SYSCALL;
}

/// Writes a step that follows into the record at `at`, as layout.h has it; returns what is behind it.
static volatile uint64_t* follow(const Step* step, seL4_Word window, volatile uint64_t* at,
                                 const volatile uint64_t* end) {
    Store stores[step_words + step_caps];
    unsigned count = stores_of(step, stores);
    seL4_UserContext registers;
    seL4_Word entry = prepare(step, &registers);
    const seL4_Word order[] = {registers.rax, registers.rbx, registers.rdx, registers.rsi, registers.rdi,
                               registers.rbp, registers.r8,  registers.r9,  registers.r10, registers.r12,
                               registers.r13, registers.r14, registers.r15};
    enum { order_count = sizeof order / sizeof *order };
    RT_ASSERT((uint64_t)(end - at) >= 2 * count + 2 + order_count);
    *at++ = window + WINDOW_CODE + JOINED + entry;
    for (unsigned i = 0; i < count; i++) {
        *at++ = window + WINDOW_BUFFER + stores[i].index * sizeof(seL4_Word);
        *at++ = stores[i].word;
    }
    *at++ = 0;
    for (unsigned i = 0; i < order_count; i++) {
        *at++ = order[i];
    }
    return at;
}

static bool looks_at_fpu(const Step* step) {
    return step->operation == operation_enter && step->target == ENTRY_FPU_SEEN;
}

static void run(const Step* steps, unsigned count) {
    unsigned thread = steps->thread;
    volatile Record* record = windows[thread].record;
    seL4_Word window = WINDOW_BASE + ((seL4_Word)thread << WINDOW_SHIFT);
    Store stores[step_words + step_caps];
    for (unsigned i = stores_of(steps, stores); i-- > 0;) {
        ((seL4_Word*)windows[thread].buffer)[stores[i].index] = stores[i].word;
    }
    record->ended = seen.ended[thread] = 0;
    record->left = count - 1;
    record->next = window + WINDOW_RECORD + offsetof(Record, following);
    volatile uint64_t* at = record->following;
    seen.looks[thread] = looks_at_fpu(steps);
    for (unsigned i = 1; i < count; i++) {
        at = follow(&steps[i], window, at, record->following + sizeof record->following / sizeof *at);
        seen.looks[thread] = seen.looks[thread] || looks_at_fpu(&steps[i]);
    }
    seL4_UserContext registers;
    seL4_Word entry = prepare(steps, &registers);
    seen.waiting[thread] = true;
    // The thread has a higher priority: this returns when nobody above the supervisor can run any more.
    RT_CHECK(world_run(thread, &registers, (count > 1 ? JOINED : 0) + entry));
}

/// What the supervisor does itself.
static void supervise(const Step* step) {
    seL4_IPCBuffer* buffer = windows[step->thread].buffer;
    switch (step->operation) {
    case operation_restart:
        digest_word((uint64_t)world_restart(step->thread));
        seen.waiting[step->thread] = false;
        break;
    case operation_receive:
        buffer->receiveCNode = step->words[0];
        buffer->receiveIndex = step->words[1];
        buffer->receiveDepth = step->words[2];
        break;
    case operation_buffer:
        ((seL4_Word*)buffer)[step->target % buffer_words] = step->words[0];
        break;
    case operation_slots: {
        uint64_t contents[slot_count];
        unsigned first = step->target % slot_count;
        unsigned count = step->words[0] < slot_count - first ? (unsigned)step->words[0] : slot_count - first;
        for (unsigned i = 0; i < count; i++) {
            contents[i] = slot_content(first + i);
        }
        digest_words("slots", first, contents, count);
        break;
    }
    }
}

// -- What it showed ----------------------------------------------------------------------------------------------------

/// Takes out of what a thread has after a step what is not the same each time. Addresses of physical memory differ from kernel
/// to kernel, but not their distances. RCX and R11 of a thread that was in a system call are what an interrupt, if there was
/// one, or something earlier left there: SYSCALL destroys them, and kernels do not store them. They come by in two kinds of
/// messages. `step` is the thread's own, NULL if it took none.
static void normalise(const Step* step, unsigned window, volatile uint64_t* registers) {
    seL4_Word* message = windows[window].buffer->msg;
    if (registers[saved_info] >> 12 == seL4_Fault_UnknownSyscall) {
        registers[saved_third_word] = 0;
        message[seL4_UnknownSyscall_R11] = 0;
    }
    if (step == NULL || step->operation != operation_syscall) {
        return;
    }
    if (step->info >> 12 == X86PageGetAddress) {
        registers[saved_first_word] = world_address(registers[saved_first_word]);
    } else if (step->info >> 12 == TCBReadRegisters) {
        message[offsetof(seL4_UserContext, rcx) / sizeof(seL4_Word)] = 0;
        message[offsetof(seL4_UserContext, r11) / sizeof(seL4_Word)] = 0;
    }
}

/// What the thread's next joined step left, but the last one.
static void take_result(const Step* step, unsigned thread) {
    volatile uint64_t* registers = windows[thread].record->results[seen.ended[thread]++];
    normalise(step, thread, registers);
    digest_words("registers", thread, registers, RECORD_REGISTER_COUNT);
}

static void take_event(unsigned window) {
    volatile Record* record = windows[window].record;
    digest_word(record->count - seen.count[window]);
    seen.count[window] = record->count;
    digest_words("registers", window, record->registers, RECORD_REGISTER_COUNT);
    digest_words("buffer", window, (volatile uint64_t*)windows[window].buffer, buffer_words);
    if (window < thread_count && seen.looks[window]) {
        digest_words("fpu", window, record->fpu_seen, sizeof record->fpu_seen / sizeof *record->fpu_seen);
        seen.looks[window] = false;
    }
}

/// Everybody who came back, in the order in which they did.
static void take_events(const Step* step) {
    uint64_t last = 0;
    for (;;) {
        unsigned next = window_count;
        for (unsigned i = 0; i < window_count; i++) {
            volatile Record* record = windows[i].record;
            if (record->count != seen.count[i] && record->order > last &&
                (next == window_count || record->order < windows[next].record->order)) {
                next = i;
            }
        }
        if (next == window_count) {
            return;
        }
        volatile Record* record = windows[next].record;
        last = record->order;
        if (next < thread_count) {
            seen.waiting[next] = false;
            while (seen.ended[next] < record->ended && seen.ended[next] < RECORD_JOINED) {
                take_result(NULL, next);
            }
        }
        normalise(next == step->thread ? step : NULL, next, record->registers);
        take_event(next);
    }
}

enum Outcome outcome_with(const Step* step, seL4_Word label) {
    if (step->operation != operation_syscall) {
        return outcome_done;
    }
    switch (step->call) {
    case seL4_SysCall:
        return label <= seL4_NotEnoughMemory ? (enum Outcome)label : outcome_unknown_error;
    case seL4_SysRecv:
    case seL4_SysNBRecv:
    case seL4_SysReplyRecv:
        return outcome_message;
    default:
        return outcome_done;
    }
}

/// Takes what the last of a thread's steps left, and what everybody else did meanwhile.
static enum Outcome finish(const Step* step) {
    take_events(step);
    if (is_supervised(step)) {
        return outcome_done;
    }
    if (seen.waiting[step->thread]) {
        return outcome_waits;
    }
    return outcome_with(step, windows[step->thread].record->registers[saved_info] >> 12);
}

enum Outcome take_step(const Step* step) {
    enum Outcome outcome = outcome_skipped;
    digest_step(step);
    if (is_supervised(step)) {
        supervise(step);
        outcome = finish(step);
    } else if (is_idle(step->thread)) {
        run(step, 1);
        outcome = finish(step);
    }
    digest_step_end(outcome);
    return outcome;
}

static bool can_be_joined(const Step* steps, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        if (is_supervised(&steps[i]) || steps[i].thread != steps->thread) {
            return false;
        }
    }
    return count > 1;
}

void take_joined(const Step* steps, unsigned count) {
    if (!can_be_joined(steps, count)) {
        for (unsigned i = 0; i < count; i++) {
            take_step(&steps[i]);
        }
        return;
    }
    unsigned thread = steps->thread;
    bool runs = is_idle(thread);
    if (runs) {
        run(steps, count);
    }
    // Later ones were not begun: the thread waits.
    uint64_t last = runs ? windows[thread].record->ended : 0;
    for (unsigned i = 0; i < count; i++) {
        enum Outcome outcome = outcome_skipped;
        digest_step(&steps[i]);
        if (runs && i < last) {
            take_result(&steps[i], thread);
            outcome = outcome_with(&steps[i], windows[thread].record->results[i][saved_info] >> 12);
        } else if (runs && i == last) {
            outcome = finish(&steps[i]);
        }
        digest_step_end(outcome);
    }
}
