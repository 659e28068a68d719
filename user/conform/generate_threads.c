/* SPDX-License-Identifier: BSD-2-Clause */
/// Random steps: threads are configured, started and stopped.
#include "generate.h"

unsigned a_thread(void) { return chance(60) ? slot_tcb + (unsigned)random_below(4) : find(kind_tcb, slot_tcb); }

/// The slot of a thread that is not the one that takes the step.
static unsigned another_thread(void) {
    for (unsigned i = 0; i < 8; i++) {
        unsigned slot = a_thread();
        if (model.slots[slot].object != actor + 1) {
            return slot;
        }
    }
    return slot_tcb + (actor + 1) % thread_count;
}

seL4_Word priority_for(unsigned slot) {
    unsigned object = model.slots[slot].kind == kind_tcb ? model.slots[slot].object : 0;
    if (object >= 1 && object <= thread_count) {
        return first_priority - 52 + 4 * random_below(20) + object - 1;
    }
    return model.priorities < 46 ? 2u + model.priorities++ : 0;
}

void make_registers(void) {
    unsigned slot = another_thread();
    switch (random_below(4)) {
    case 0:
    case 1:
        invoke(TCBReadRegisters, slot, CAPS0, WORDS(random_below(2), chance(90) ? 1 + random_below(20) : odd_word()));
        break;
    case 2: {
        seL4_Word window = WINDOW_BASE + (random_below(window_count) << WINDOW_SHIFT);
        invoke(TCBWriteRegisters, slot, CAPS0,
               WORDS(chance(40), 1 + random_below(8), window + (chance(50) ? ENTRY_UD2 : ENTRY_LOAD), 0, ENTRY_FLAGS,
                     random_below(100), random_below(100), 0, 0, 0));
        break;
    }
    default:
        invoke(TCBCopyRegisters, slot, CAPS1(chance(90) ? a_thread() : taken_slot()), WORDS(random_below(16)));
    }
}

void make_space(void) {
    unsigned slot = chance(60) ? find(kind_tcb, slot_tcb) : another_thread();
    seL4_Word root = chance(85) ? slot_guarded_root : taken_slot(), data = 0;
    seL4_Word vspace = chance(70) ? slot_vspace : find(kind_pml4, slot_vspace);
    seL4_Word fault = chance(70) ? slot_fault + random_below(4) : taken_slot();
    if (chance(50)) {
        invoke(TCBSetSpace, slot, CAPS2(root, vspace), WORDS(fault, data, 0));
    } else {
        seL4_Word buffer = chance(50) ? 0 : WINDOW_BASE + (random_below(8) << WINDOW_SHIFT) + WINDOW_SCRATCH;
        invoke(TCBConfigure, slot, CAPS3(root, vspace, buffer == 0 ? 0 : find(kind_frame, slot_frame)),
               WORDS(fault, data, 0, buffer));
    }
}

void make_priorities(void) {
    unsigned slot = a_thread();
    seL4_Word authority = chance(90) ? slot_tcb + random_below(4) : taken_slot();
    switch (random_below(3)) {
    case 0:
        invoke(TCBSetPriority, slot, CAPS1(authority), WORDS(priority_for(slot)));
        break;
    case 1:
        invoke(TCBSetMCPriority, slot, CAPS1(authority), WORDS(chance(80) ? 200 + random_below(56) : odd_word()));
        break;
    default:
        invoke(TCBSetSchedParams, slot, CAPS1(authority), WORDS(200 + random_below(56), priority_for(slot)));
    }
}

void make_lifecycle(void) {
    unsigned slot = chance(50) ? find(kind_tcb, slot_tcb) : another_thread();
    switch (random_below(8)) {
    case 0:
    case 1:
        invoke(TCBSuspend, slot, CAPS0, NO_WORDS);
        break;
    case 2:
        invoke(TCBResume, slot, CAPS0, NO_WORDS);
        break;
    case 3:
    case 4:
        invoke(TCBBindNotification, slot, CAPS1(find(kind_notification, slot_notification)), NO_WORDS);
        break;
    case 5:
        invoke(TCBUnbindNotification, slot, CAPS0, NO_WORDS);
        break;
    case 6:
        invoke(TCBSetTLSBase, slot, CAPS0, WORDS(random_below(1 << 20)));
        break;
    default:
        invoke(TCBSetFlags, slot, CAPS0, WORDS(random_below(4), random_below(4)));
    }
}

void make_buffer(void) {
    unsigned slot = find(kind_tcb, slot_tcb);
    if (model.slots[slot].object <= thread_count && chance(70)) {
        slot = another_thread();
    }
    seL4_Word address = WINDOW_BASE + (random_below(8) << WINDOW_SHIFT) + WINDOW_SCRATCH + 0x400 * random_below(4);
    invoke(TCBSetIPCBuffer, slot, CAPS1(find(kind_frame, slot_frame)), WORDS(chance(90) ? address : odd_word()));
}

/// Makes a thread of the script's run a system call of its own in one of the upper windows.
void make_spawn(void) {
    unsigned slot = model_find(kind_tcb);
    if (slot == 0 || (model.slots[slot].object >= 1 && model.slots[slot].object <= thread_count)) {
        slot = free_slot(1);
        invoke(UntypedRetype, slot_untyped, CAPS1(slot_root), WORDS(seL4_TCBObject, 0, 0, 0, slot, 1));
    }
    seL4_Word window = WINDOW_BASE + ((thread_count + random_below(window_count - thread_count)) << WINDOW_SHIFT);
    invoke(TCBConfigure, slot, CAPS3(slot_guarded_root, slot_vspace, 0), WORDS(slot_fault_endpoint, 0, 0, 0));
    invoke(TCBSetSchedParams, slot, CAPS1(slot_tcb + actor),
           WORDS(chance(50) ? 255 : 100, model.priorities < 46 ? 2u + model.priorities++ : 0));
    static const seL4_Word calls[] = {(seL4_Word)seL4_SysSend, (seL4_Word)seL4_SysCall, (seL4_Word)seL4_SysRecv,
                                      (seL4_Word)seL4_SysSend, (seL4_Word)seL4_SysNBSend};
    seL4_Word call = calls[random_below(5)];
    seL4_Word target = call == (seL4_Word)seL4_SysRecv ? find(kind_endpoint, slot_endpoint)
                       : chance(50)                    ? find(kind_notification, slot_notification)
                                                       : find(kind_endpoint, slot_endpoint);
    invoke(TCBWriteRegisters, slot, CAPS0,
           WORDS(1, 18, window + ENTRY_SYSCALL, 0, ENTRY_FLAGS, 0, 0, window + ENTRY_NEXT, call, 3, target, 0, 11, 12,
                 13, ENTRY_FLAGS, 0, 0, 0, 0));
}
