/* SPDX-License-Identifier: BSD-2-Clause */
/// Random steps: what makes no sense, and what must not be.
#include "generate.h"

/// Any label at any capability, with numbers that are mostly slots or small.
void make_nonsense(void) {
    Step* step = append();
    unsigned words = (unsigned)random_below(9), caps = (unsigned)random_below(4);
    step->target = chance(15) ? control_irq + random_below(5) : taken_slot();
    step->word_count = (uint8_t)words;
    step->cap_count = (uint8_t)caps;
    for (unsigned i = 0; i < words; i++) {
        step->words[i] = chance(40) ? any_slot() : chance(60) ? random_below(16) : odd_word();
    }
    for (unsigned i = 0; i < caps; i++) {
        step->caps[i] = any_slot();
    }
    set_info(step, random_below(nArchInvocationLabels + 2));
}

void spoil(Step* step) {
    switch (random_below(5)) {
    case 0:
        if (step->word_count > 0) {
            step->words[random_below(step->word_count)] = odd_word();
        }
        break;
    case 1:
        if (step->cap_count > 0) {
            step->caps[random_below(step->cap_count)] = any_slot();
        }
        break;
    case 2:
        if (step->word_count > 0) {
            step->word_count--;
            set_info(step, step->info >> 12);
        }
        break;
    case 3:
        if (step->cap_count > 0) {
            step->cap_count--;
            set_info(step, step->info >> 12);
        }
        break;
    default:
        step->target = any_slot();
    }
}

void make_safe(Step* step) {
    if (step->operation != operation_syscall) {
        return;
    }
    seL4_Word label = step->info >> 12;
    seL4_Word* w = step->words;
    switch (label) {
    case TCBSetPriority:
        w[0] = w[0] > 255 ? w[0] : priority_for(step->target < model_slots ? (unsigned)step->target : 0);
        break;
    case TCBSetSchedParams:
        w[1] = w[1] > 255 ? w[1] : priority_for(step->target < model_slots ? (unsigned)step->target : 0);
        break;
    case TCBSetTLSBase:
        w[0] &= 0xffffffff;
        break;
    case TCBWriteRegisters:
        // Instruction and stack pointer, flags: what the generator makes, unless spoilt.
        w[2] = w[2] >= 1ul << 47 ? 0x1000 : w[2];
        w[3] = w[3] >= 1ul << 47 ? 0x1000 : w[3];
        w[4] = ENTRY_FLAGS;
        w[20] = w[21] = 0;
        break;
    case TCBCopyRegisters:
        // Two threads that each suspend themselves and resume the other would do so for ever.
        w[0] &= (w[0] & 3) == 3 ? ~2ul : ~0ul;
        break;
    case X86IOPortControlIssue:
        if (step->target == control_io_port) {
            w[0] = 0x330 + w[0] % 0x30;
            w[1] = w[1] > 0xffff ? w[1] : w[0] + w[1] % 8;
        }
        break;
    case IRQIssueIRQHandler:
        w[0] = w[0] > 255 ? w[0] : 3;
        break;
    case X86IRQIssueIRQHandlerIOAPIC:
        w[3] = w[3] > 255 ? w[3] : 16 + w[3] % 8;
        break;
    case DomainScheduleConfigure:
    case DomainScheduleSetStart:
        if (step->target >> slot_bits == control_irq >> slot_bits) {
            step->target = slot_notification;
            step->call = seL4_SysNBSend;
        }
        break;
    }
}
