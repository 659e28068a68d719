/* SPDX-License-Identifier: BSD-2-Clause */
#include "mark.h"
#include "scenario.h"

volatile Parameters parameters = {.magic = "preempt params", .retype_bits = 26, .latency = 0};

seL4_CPtr memory, slots;

static const Scenario scenarios[] = {
    {"revoke a capability with 4096 copies", revoke_copies},
    {"revoke memory with 4096 objects", revoke_objects},
    {"delete a CNode with 4096 capabilities", delete_full_cnode},
    {"delete 1024 CNodes, each within another, and revoke them", delete_chain},
    {"revoke 1024 CNodes, within each other in a ring", delete_ring},
    {"retype, with the memory to be cleared", retype_large},
    {"retype 256 TCBs", retype_tcbs},
    {"retype 256 PML4s", retype_pml4s},
    {"retype 256 CNodes", retype_cnodes},
    {"retype 256 frames", retype_frames},
    {"retype 256 page tables", retype_tables},
    {"delete a PML4 with 4096 pages", delete_pml4},
    {"revoke an address space of 4096 pages", revoke_space},
    {"revoke 512 page tables that map nothing", revoke_empty_tables},
    {"unmap full page tables, directories, PDPTs", unmap_tables},
    {"revoke seven ASID pools", revoke_asid_pools},
    {"delete an ASID pool with 512 address spaces", delete_asid_pool},
    {"delete an endpoint with 4096 senders", delete_endpoint_senders},
    {"delete an endpoint with 4096 receivers", delete_endpoint_receivers},
    {"delete a notification with 4096 waiters", delete_notification},
    {"CancelBadgedSends of 4096 senders", cancel_badged_all},
    {"CancelBadgedSends among 4096 other senders", cancel_badged_none},
    {"revoke 4096 waiting threads", revoke_waiting_threads},
    {"messages of 120 words, 3 capabilities, CSpace of 64 levels", message_deep},
    {"TCB invocations", thread_operations},
    {"I/O ports, all 65536 at once", port_operations},
    {"faults and replies", fault_and_reply},
    {"timer ticks", ticks},
};
enum { scenario_count = sizeof scenarios / sizeof *scenarios };

static unsigned current;

void measure_begin(void) {
    if (parameters.latency != 0) {
        latency_begin();
    }
    mark(current);
}

void measure_end(void) {
    mark(0);
    if (parameters.latency != 0) {
        latency_end();
    }
}

void make(seL4_Word type, seL4_Word bits, seL4_Word at, seL4_Word count) {
    while (count > 0) {
        seL4_Word now = count < CONFIG_RETYPE_FAN_OUT_LIMIT ? count : CONFIG_RETYPE_FAN_OUT_LIMIT;
        RT_CHECK(seL4_Untyped_Retype(memory, type, bits, OWN, 0, 0, slots + at, now));
        at += now;
        count -= now;
    }
}

void clean(void) {
    RT_CHECK(seL4_CNode_Revoke(OWN, memory, seL4_WordBits));
    for (seL4_Word i = 0; i < slot_count; i++) {
        RT_CHECK(seL4_CNode_Delete(OWN, slots + i, seL4_WordBits));
    }
}

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    RT_CHECK(rt_take_untyped(memory_bits, &memory));
    slots = rt_take_slots(slot_count);
    RT_ASSERT(slots != seL4_CapNull);
    if (parameters.latency != 0) {
        latency_prepare();
    }
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, main_priority));
    for (unsigned i = 0; i < scenario_count; i++) {
        current = i + 1;
        rt_printf("scenario %u: %s\n", current, scenarios[i].name);
        scenarios[i].run();
        clean();
    }
    rt_printf("all scenarios ran\n");
    return 0;
}
