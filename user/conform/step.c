/* SPDX-License-Identifier: BSD-2-Clause */
/// One step: a thread does something, everybody who can run runs until nobody can, and what they left is gathered.
#include "conform.h"

#include <stddef.h>

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
    uint64_t pretended;  // the state of pretend_step()
} seen;

void steps_begin(void) {
    for (unsigned i = 0; i < window_count; i++) {
        seen.count[i] = 0;
    }
    for (unsigned i = 0; i < thread_count; i++) {
        seen.waiting[i] = false;
    }
    seen.pretended = 0;
}

bool is_idle(unsigned thread) { return !seen.waiting[thread]; }

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

static void set_message(const Step* step, seL4_UserContext* registers) {
    seL4_IPCBuffer* buffer = windows[step->thread].buffer;
    seL4_Word* first[4] = {&registers->r10, &registers->r8, &registers->r9, &registers->r15};
    for (unsigned i = 0; i < step->word_count; i++) {
        if (i < 4) {
            *first[i] = step->words[i];
        } else {
            buffer->msg[i] = step->words[i];
        }
    }
    for (unsigned i = 0; i < step->cap_count; i++) {
        buffer->caps_or_badges[i] = step->caps[i];
    }
    registers->rdx = (seL4_Word)(int64_t)step->call;
    registers->rdi = step->target;
    registers->rsi = step->info;
}

static void run(const Step* step) {
    static const seL4_Word entries[] = {
        [operation_syscall] = ENTRY_SYSCALL,
        [operation_load] = ENTRY_LOAD,
        [operation_store] = ENTRY_STORE,
        [operation_execute] = ENTRY_EXECUTE,
    };
    seL4_UserContext registers = plain;
    seL4_Word entry = step->target;
    if (step->operation == operation_syscall) {
        set_message(step, &registers);
    } else {
        registers.rdi = step->target;
        registers.rsi = step->words[0];
    }
    if (step->operation != operation_enter) {
        entry = entries[step->operation];
    }
    seen.waiting[step->thread] = true;
    // The thread has a higher priority: this returns when nobody above the supervisor can run any more.
    RT_CHECK(world_run(step->thread, &registers, entry));
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

/// Takes out of an event what is not the same each time. Addresses of physical memory differ from kernel to kernel, but not
/// their distances. RCX and R11 of a thread that was in a system call are what an interrupt, if there was one, or something
/// earlier left there: SYSCALL destroys them, and kernels do not store them. They come by in two kinds of messages.
static void normalise(const Step* step, unsigned window) {
    volatile uint64_t* registers = windows[window].record->registers;
    seL4_Word* message = windows[window].buffer->msg;
    if (registers[saved_info] >> 12 == seL4_Fault_UnknownSyscall) {
        registers[saved_third_word] = 0;
        message[seL4_UnknownSyscall_R11] = 0;
    }
    if (window != step->thread || step->operation != operation_syscall) {
        return;
    }
    if (step->info >> 12 == X86PageGetAddress) {
        registers[saved_first_word] = world_address(registers[saved_first_word]);
    } else if (step->info >> 12 == TCBReadRegisters) {
        message[offsetof(seL4_UserContext, rcx) / sizeof(seL4_Word)] = 0;
        message[offsetof(seL4_UserContext, r11) / sizeof(seL4_Word)] = 0;
    }
}

static void take_event(unsigned window) {
    volatile Record* record = windows[window].record;
    digest_word(record->count - seen.count[window]);
    seen.count[window] = record->count;
    digest_words("registers", window, record->registers, RECORD_REGISTER_COUNT);
    digest_words("buffer", window, (volatile uint64_t*)windows[window].buffer, buffer_words);
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
        last = windows[next].record->order;
        if (next < thread_count) {
            seen.waiting[next] = false;
        }
        normalise(step, next);
        take_event(next);
    }
}

static enum Outcome outcome_of(const Step* step) {
    if (step->operation >= operation_restart) {
        return outcome_done;
    }
    if (seen.waiting[step->thread]) {
        return outcome_waits;
    }
    if (step->operation != operation_syscall) {
        return outcome_done;
    }
    switch (step->call) {
    case seL4_SysCall: {
        seL4_Word label = windows[step->thread].record->registers[saved_info] >> 12;
        return label <= seL4_NotEnoughMemory ? (enum Outcome)label : outcome_unknown_error;
    }
    case seL4_SysRecv:
    case seL4_SysNBRecv:
    case seL4_SysReplyRecv:
        return outcome_message;
    default:
        return outcome_done;
    }
}

enum Outcome take_step(const Step* step) {
    enum Outcome outcome = outcome_skipped;
    digest_step(step);
    if (step->operation >= operation_restart) {
        supervise(step);
        take_events(step);
        outcome = outcome_of(step);
    } else if (is_idle(step->thread)) {
        run(step);
        take_events(step);
        outcome = outcome_of(step);
    }
    digest_step_end(outcome);
    return outcome;
}

// -- Without taking it -------------------------------------------------------------------------------------------------

/// One of eight, by the steps so far.
static bool seldom(void) {
    seen.pretended = seen.pretended * 0x5851f42d4c957f2d + 0x14057b7ef767814f;
    return seen.pretended >> 61 == 0;
}

static enum Outcome pretended_outcome(const Step* step) {
    if (step->operation == operation_restart) {
        seen.waiting[step->thread] = false;
    }
    if (step->operation >= operation_restart) {
        return outcome_done;
    }
    if (!is_idle(step->thread)) {
        return outcome_skipped;
    }
    for (unsigned i = 0; i < thread_count; i++) {
        seen.waiting[i] = seen.waiting[i] && !seldom();
    }
    if (seldom()) {
        seen.waiting[step->thread] = true;
        return outcome_waits;
    }
    if (step->operation != operation_syscall) {
        return outcome_done;
    }
    switch (step->call) {
    case seL4_SysCall:
        return seldom() ? (enum Outcome)seL4_IllegalOperation : outcome_success;
    case seL4_SysRecv:
    case seL4_SysNBRecv:
    case seL4_SysReplyRecv:
        return outcome_message;
    default:
        return outcome_done;
    }
}

enum Outcome pretend_step(const Step* step) {
    digest_step(step);
    digest_step_contents(step);
    enum Outcome outcome = pretended_outcome(step);
    digest_step_end(outcome);
    return outcome;
}
