/* SPDX-License-Identifier: BSD-2-Clause */
/// Random steps: I/O ports, interrupts, domains.
#include "generate.h"

void make_ports(void) {
    unsigned slot = find(kind_io_port, slot_io_port);
    seL4_Word port = model.slots[slot].ports + random_below(chance(90) ? 4 : 40);
    switch (random_below(8)) {
    case 0:
        invoke(X86IOPortIn8, slot, CAPS0, WORDS(port));
        break;
    case 1:
        invoke(X86IOPortIn16, slot, CAPS0, WORDS(port));
        break;
    case 2:
        invoke(X86IOPortIn32, slot, CAPS0, WORDS(port));
        break;
    case 3:
        invoke(X86IOPortOut8, slot, CAPS0, WORDS(port, random_below(256)));
        break;
    case 4:
        invoke(X86IOPortOut16, slot, CAPS0, WORDS(port, random_below(256)));
        break;
    case 5:
        invoke(X86IOPortOut32, slot, CAPS0, WORDS(port, random_below(256)));
        break;
    default:
        port = 0x330 + random_below(0x30);
        invoke(X86IOPortControlIssue, control_io_port, CAPS1(slot_root),
               WORDS(port, port + random_below(8), free_slot(1), slot_bits));
    }
}

void make_interrupts(void) {
    unsigned slot = find(kind_irq_handler, slot_irq_handler);
    switch (random_below(6)) {
    case 0:
        invoke(IRQAckIRQ, slot, CAPS0, NO_WORDS);
        break;
    case 1:
        invoke(IRQSetIRQHandler, slot, CAPS1(chance(85) ? find(kind_notification, slot_notification) : taken_slot()),
               NO_WORDS);
        break;
    case 2:
        invoke(IRQClearIRQHandler, slot, CAPS0, NO_WORDS);
        break;
    case 3:
        invoke(X86IRQIssueIRQHandlerIOAPIC, control_irq, CAPS1(slot_root),
               WORDS(free_slot(1), slot_bits, 0, 16 + random_below(8), random_below(2), random_below(2),
                     random_below(100)));
        break;
    default:
        invoke(X86IRQIssueIRQHandlerMSI, control_irq, CAPS1(slot_root),
               WORDS(free_slot(1), slot_bits, random_below(256), random_below(32), random_below(8), random_below(9),
                     random_below(100)));
    }
}

void make_domain(void) { invoke(DomainSetSet, control_domain, CAPS1(a_thread()), WORDS(0)); }
