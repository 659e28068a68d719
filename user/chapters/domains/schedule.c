/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule.h"

seL4_Error configure(seL4_Word index, seL4_Word domain, seL4_Word duration) {
    return seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, index, (seL4_Uint8)domain, duration);
}

seL4_Error set_start(seL4_Word index) { return seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, index); }

seL4_Error set_domain(seL4_Word domain, seL4_CPtr tcb) {
    return seL4_DomainSet_Set(seL4_CapDomain, (seL4_Uint8)domain, tcb);
}

void follow(seL4_Word index, size_t count, const Turn* turns) {
    for (size_t i = 0; i < count; i++) {
        RT_CHECK(configure(index + i, turns[i].domain, turns[i].duration));
    }
    RT_CHECK(configure(index + count, 0, 0));
    RT_CHECK(set_start(index));
}

void only_domain_0(void) {
    RT_CHECK(configure(0, 0, FOR_EVER));
    RT_CHECK(set_start(0));
    for (seL4_Word i = 1; i < CONFIG_NUM_DOMAIN_SCHEDULES - 1; i++) {
        RT_CHECK(configure(i, 0, 0));
    }
}

volatile seL4_Word order[64], order_length;

void note_turn(seL4_Word domain) {
    if (order_length == 0 || (order[order_length - 1] != domain && order_length < sizeof order / sizeof *order)) {
        order[order_length] = domain;
        order_length++;
    }
}

void note_turns(seL4_Word domain) {
    for (;;) {
        note_turn(domain);
    }
}

void start_in_domain(RtThread* thread, RtPool* pool, seL4_Word domain, seL4_Word priority, RtThreadEntry entry,
                     seL4_Word argument) {
    RT_CHECK(rt_thread_create(thread, pool, seL4_CapNull, priority));
    RT_CHECK(set_domain(domain, thread->tcb));
    RT_CHECK(rt_thread_start(thread, entry, argument));
}
