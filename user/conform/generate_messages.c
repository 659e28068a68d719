/* SPDX-License-Identifier: BSD-2-Clause */
/// Random steps: messages, signals and faults.
#include "generate.h"

static void fill_message(Step* step) {
    step->word_count = (uint8_t)(chance(80) ? random_below(6) : random_below(12));
    for (unsigned i = 0; i < step->word_count; i++) {
        step->words[i] = random_below(256);
    }
    if (chance(25)) {
        step->cap_count = (uint8_t)(1 + random_below(2));
        for (unsigned i = 0; i < step->cap_count; i++) {
            step->caps[i] = copyable_slot();
        }
    }
    set_info(step, chance(80) ? 0 : random_below(1000));
}

static void message(int32_t call, seL4_Word target) {
    if (call == seL4_SysRecv && chance(40)) {
        Step* where = append();
        where->operation = operation_receive;
        where->word_count = 3;
        where->words[0] = chance(90) ? slot_root : taken_slot();
        where->words[1] = chance(90) ? free_slot(1) : taken_slot();
        where->words[2] = slot_bits;
    }
    Step* step = append();
    step->call = call;
    step->target = target;
    if (call != seL4_SysRecv && call != seL4_SysNBRecv && call != seL4_SysYield) {
        fill_message(step);
    }
}

unsigned idle_threads(void) {
    unsigned count = 0;
    for (unsigned i = 0; i < thread_count; i++) {
        count += is_idle(i);
    }
    return count;
}

/// Gives a thread that waits what it waits for, if it is in the actor's power.
static bool wake_somebody(void) {
    unsigned start = (unsigned)random_below(thread_count);
    for (unsigned i = 0; i < thread_count; i++) {
        unsigned other = (start + i) % thread_count;
        const ThreadModel* thread = &model.threads[other];
        if (is_idle(other)) {
            continue;
        }
        if (model.threads[actor].has_caller && chance(70)) {
            message(seL4_SysReply, 0);
            return true;
        }
        if (thread->waits_to == wait_receive) {
            message(chance(60) && idle_threads() > 1 ? seL4_SysCall
                    : chance(50)                     ? seL4_SysSend
                                                     : seL4_SysNBSend,
                    thread->waits_at);
            return true;
        }
        if (thread->waits_to == wait_send || (thread->waits_to == wait_reply && chance(50))) {
            message(chance(80) ? seL4_SysRecv : seL4_SysNBRecv, thread->waits_at);
            return true;
        }
        if (thread->waits_to == wait_fault && chance(60)) {
            message(seL4_SysNBRecv, slot_fault_endpoint);
            return true;
        }
    }
    return false;
}

void make_ipc(void) {
    if (chance(65) && wake_somebody()) {
        return;
    }
    unsigned endpoint = find(kind_endpoint, slot_endpoint), notification = find(kind_notification, slot_notification);
    if (chance(60)) {
        endpoint = slot_endpoint + (unsigned)random_below(3);
    }
    switch (random_below(idle_threads() > 2 ? 12 : 8)) {
    case 0:
    case 1:
        message(seL4_SysSend, notification);
        break;
    case 2:
        message(seL4_SysNBSend, notification);
        break;
    case 3:
        message(seL4_SysNBRecv, chance(50) ? notification : endpoint);
        break;
    case 4:
        message(seL4_SysNBSend, endpoint);
        break;
    case 5:
        message(seL4_SysYield, 0);
        break;
    case 6:
        message(model.threads[actor].has_caller ? seL4_SysReply : seL4_SysNBRecv, notification);
        break;
    case 7: {
        unsigned reply = model_find(kind_reply);
        message(seL4_SysSend, reply != 0 ? reply : notification);
        break;
    }
    case 8:
    case 9:
        message(seL4_SysRecv, endpoint);
        break;
    case 10:
        message(chance(50) ? seL4_SysSend : seL4_SysCall, endpoint);
        break;
    default:
        message(chance(50) ? seL4_SysReplyRecv : seL4_SysRecv, chance(70) ? endpoint : notification);
    }
}

void make_fault(void) {
    static const uint16_t entries[] = {ENTRY_UD2, ENTRY_DIVIDE, ENTRY_HLT, ENTRY_INT3};
    Step* step = append();
    switch (random_below(6)) {
    case 0:
        step->operation = operation_load;
        step->target = chance(80) ? place_address((unsigned)random_below(places)) : odd_word();
        break;
    case 1:
        step->operation = operation_store;
        step->target = place_address((unsigned)random_below(places)) + 8 * random_below(8);
        step->word_count = 1;
        step->words[0] = random_below(1000);
        break;
    case 2:
        step->operation = operation_execute;
        step->target = WINDOW_BASE + (chance(50) ? WINDOW_CODE + ENTRY_RETURN : WINDOW_SCRATCH);
        break;
    case 3:
        step->operation = operation_enter;
        step->target = entries[random_below(4)];
        break;
    case 4:
        step->call = (int32_t)(100 + random_below(1000));  // a number of no system call
        step->target = random_below(100);
        step->word_count = 4;
        for (unsigned i = 0; i < 4; i++) {
            step->words[i] = random_below(100);
        }
        break;
    default:
        step->call = chance(50) ? seL4_SysCall : seL4_SysSend;
        step->target = chance(50) ? free_slot(1) : 0x400 + random_below(1000);
        break;
    }
}
