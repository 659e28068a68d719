/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

enum { calls = 64 };

void measure_caps(void) {
    make_batch(seL4_EndpointObject, 0, 0, 1);
    seL4_CPtr source = slots;
    MEASURE_AROUND("CNode Copy", calls, NOTHING,
                   seL4_CNode_Copy(OWN, slots + 1 + i, seL4_WordBits, OWN, source, seL4_WordBits, seL4_AllRights),
                   delete_slots(1, calls), NOTHING);
    MEASURE_AROUND("CNode Mint", calls, NOTHING,
                   seL4_CNode_Mint(OWN, slots + 1 + i, seL4_WordBits, OWN, source, seL4_WordBits, seL4_AllRights, 5),
                   delete_slots(1, calls), NOTHING);
    RT_CHECK(seL4_CNode_Copy(OWN, slots + 1, seL4_WordBits, OWN, source, seL4_WordBits, seL4_AllRights));
    MEASURE_AROUND("CNode Move", calls, NOTHING,
                   seL4_CNode_Move(OWN, slots + 2 + i, seL4_WordBits, OWN, slots + 1 + i, seL4_WordBits),
                   RT_CHECK(seL4_CNode_Move(OWN, slots + 1, seL4_WordBits, OWN, slots + 1 + calls, seL4_WordBits)),
                   NOTHING);
    delete_slots(1, 1);
    MEASURE_AROUND(
        "CNode Delete", calls,
        for (seL4_Word copy = 0; copy < calls; copy++) {
            RT_CHECK(seL4_CNode_Copy(OWN, slots + 1 + copy, seL4_WordBits, OWN, source, seL4_WordBits, seL4_AllRights));
        },
        seL4_CNode_Delete(OWN, slots + 1 + i, seL4_WordBits), NOTHING, NOTHING);
    MEASURE("CNode Delete, empty slot", calls, seL4_CNode_Delete(OWN, slots + 1, seL4_WordBits), NOTHING);
    MEASURE("CNode Revoke, no children", calls, seL4_CNode_Revoke(OWN, source, seL4_WordBits), NOTHING);
    uint64_t alone = last_total / calls;
    // One invocation takes all children along; what an invocation costs without any is subtracted.
    row_begin("CNode Revoke, per child");
    uint64_t best = UINT64_MAX;
    for (int round = 0; round < rounds; round++) {
        for (seL4_Word copy = 0; copy < many; copy++) {
            RT_CHECK(
                seL4_CNode_Mint(OWN, slots + 1 + copy, seL4_WordBits, OWN, source, seL4_WordBits, seL4_AllRights, 5));
        }
        row_mark();
        uint64_t start = ticks();
        seL4_CNode_Revoke(OWN, source, seL4_WordBits);
        uint64_t taken = ticks() - start;
        row_unmark();
        best = taken < best ? taken : best;
    }
    row_end(best, alone, many);
    clean();
}

/// Memory that was used before is cleared when nothing in it is left and something new is made: not by what is measured.
/// Leaves an endpoint in the slot behind the batches.
static void clear_memory(void) {
    clean();
    make_batch(seL4_EndpointObject, 0, slot_count - 1, 1);
}

/// Objects made one by one and all at once, and the last capability to each deleted.
static void object(const char* type_name, seL4_Word type) {
    char name[64];
    rt_snprintf(name, sizeof name, "retype one %s", type_name);
    MEASURE_AROUND(name, calls, clear_memory(), seL4_Untyped_Retype(memory, type, 0, OWN, 0, 0, slots + i, 1), NOTHING,
                   NOTHING);
    rt_snprintf(name, sizeof name, "retype %ss, each of %u", type_name, many);
    row_begin(name);
    uint64_t best = UINT64_MAX;
    for (int round = 0; round < rounds; round++) {
        clear_memory();
        row_mark();
        uint64_t start = ticks();
        seL4_Untyped_Retype(memory, type, 0, OWN, 0, 0, slots, many);
        uint64_t taken = ticks() - start;
        row_unmark();
        best = taken < best ? taken : best;
    }
    row_end(best, 0, many);
    rt_snprintf(name, sizeof name, "delete last %s capability", type_name);
    MEASURE_AROUND(name, calls, clear_memory();
                   make_batch(type, 0, 0, calls), seL4_CNode_Delete(OWN, slots + i, seL4_WordBits), NOTHING, NOTHING);
    clean();
}

/// The whole of an untyped is cleared when it is used again.
static void reset(void) {
    row_begin("reuse 1 MiB, per 4 KiB");
    uint64_t best = UINT64_MAX;
    for (int round = 0; round < rounds; round++) {
        clear_memory();
        make_batch(seL4_X86_4K, 0, 0, many);
        clean();
        row_mark();
        uint64_t start = ticks();
        seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, OWN, 0, 0, slots, 1);
        uint64_t taken = ticks() - start;
        row_unmark();
        best = taken < best ? taken : best;
    }
    row_end(best, 0, many);
    clean();
}

void measure_objects(void) {
    object("endpoint", seL4_EndpointObject);
    object("notification", seL4_NotificationObject);
    object("TCB", seL4_TCBObject);
    object("frame", seL4_X86_4K);
    object("page table", seL4_X86_PageTableObject);
    reset();
}
