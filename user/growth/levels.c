/* SPDX-License-Identifier: BSD-2-Clause */
#include "growth.h"

/// A capability space of CNodes of two slots, the next level in slot 1, each with a guard that fills its share of the
/// address; the last has 64 slots, so that the longest guard that there is fills the rest.
enum { leaf_bits = 6, calls = 16 };
/// What is in the slots of the last level.
enum { silent, served, notification, tcb, space, root, contents };

static const seL4_Word sizes[] = {1, 2, 4, 8, 16, 32, 59};
static const char kind[] = "levels";

/// The space's root with its guard; the address of slot 0 of the last level, whose other slots follow.
static seL4_CPtr top;
static seL4_Word address;

static seL4_Word guard_value(seL4_Word bits) { return 0x5555555555555555ul & (((seL4_Word)1 << bits) - 1); }

static void build(seL4_Word levels) {
    seL4_CPtr next = slots + contents, below = seL4_CapNull;
    seL4_Word placed = 0;
    address = 0;
    for (seL4_Word level = levels; level-- > 0;) {
        const bool leaf = level == levels - 1;
        const seL4_Word shared = seL4_WordBits - leaf_bits;  // by the levels before the last
        const seL4_Word radix = leaf ? leaf_bits : 1;
        const seL4_Word guard_bits = levels == 1 ? shared
                                     : leaf      ? 0
                                                 : shared / (levels - 1) + (level < shared % (levels - 1)) - radix;
        const seL4_Word guard = guard_value(guard_bits);
        const seL4_CPtr made = next++, guarded = next++;
        RT_CHECK(seL4_Untyped_Retype(memory, seL4_CapTableObject, radix, OWN, 0, 0, made, 1));
        RT_CHECK(seL4_CNode_Mint(OWN, guarded, seL4_WordBits, OWN, made, seL4_WordBits, seL4_AllRights,
                                 seL4_CNode_CapData_new(guard, guard_bits).words[0]));
        RT_CHECK(seL4_CNode_Delete(OWN, made, seL4_WordBits));
        for (seL4_Word slot = 0; leaf && slot < contents; slot++) {
            RT_CHECK(seL4_CNode_Copy(guarded, guard << radix | slot, guard_bits + radix, OWN, slots + slot,
                                     seL4_WordBits, seL4_AllRights));
        }
        if (!leaf) {
            RT_CHECK(seL4_CNode_Move(guarded, guard << radix | 1, guard_bits + radix, OWN, below, seL4_WordBits));
        }
        address |= (guard << radix | !leaf) << placed;
        placed += guard_bits + radix;
        below = guarded;
    }
    RT_ASSERT(placed == seL4_WordBits);
    top = below;
}

enum { figures = 7 };

/// Nothing can be printed while the program's own capabilities have other addresses.
static uint64_t best[figures];

#define FIGURE(number, body)                                            \
    do {                                                                \
        best[number] = UINT64_MAX;                                      \
        for (int round = 0; round < repeats; round++) {                 \
            uint64_t start = ticks();                                   \
            LOOP(calls, body);                                          \
            uint64_t taken = ticks() - start;                           \
            best[number] = taken < best[number] ? taken : best[number]; \
        }                                                               \
    } while (0)

/// With the program in the deep space. A server in the same space waits at `served`.
static void measure_inside(void) {
    RT_CHECK(seL4_TCB_SetSpace(seL4_CapInitThreadTCB, seL4_CapNull, top, 0, seL4_CapInitThreadVSpace, 0));
    const seL4_CPtr at = address;
    FIGURE(0, bare(seL4_SysNBSend, at + silent, 0));
    FIGURE(1, bare(seL4_SysSend, at + notification, 0));
    FIGURE(2, bare(seL4_SysNBRecv, at + notification, 0));
    FIGURE(3, bare(seL4_SysCall, at + served, 0));
    FIGURE(4, seL4_TCB_SetPriority(at + tcb, at + tcb, main_priority));
    // The program's own slots are two lookups away: of the CNode, and of the slot in it.
    FIGURE(5, seL4_CNode_Delete(at + root, slots + contents, seL4_WordBits));
    seL4_TCB_SetSpace(at + tcb, seL4_CapNull, at + root, 0, at + space, 0);
}

static void measure_space(seL4_Word levels) {
    static const char* const names[figures] = {
        "NBSend, nobody receives",  "Signal, no waiter",           "Poll", "Call + ReplyRecv", "SetPriority of oneself",
        "CNode Delete, empty slot", "delete the space, each level"};
    make_objects(seL4_EndpointObject, 0, silent, 2);
    make_objects(seL4_NotificationObject, 0, notification, 1);
    static const seL4_CPtr own[] = {seL4_CapInitThreadTCB, seL4_CapInitThreadVSpace, seL4_CapInitThreadCNode};
    for (seL4_Word i = 0; i < sizeof own / sizeof own[0]; i++) {
        RT_CHECK(seL4_CNode_Copy(OWN, slots + tcb + i, seL4_WordBits, OWN, own[i], seL4_WordBits, seL4_AllRights));
    }
    build(levels);
    make_objects(seL4_TCBObject, 0, most_threads, 1);
    prepare_thread(spare_thread(), higher, seL4_CapNull);
    RT_CHECK(seL4_TCB_SetSpace(spare_thread(), seL4_CapNull, top, 0, seL4_CapInitThreadVSpace, 0));
    run_loop(
        spare_thread(), loop_calls,
        &(LoopArguments){
            .capability = address + served, .first = (seL4_Word)seL4_SysRecv, .then = (seL4_Word)seL4_SysReplyRecv});
    measure_inside();
    RT_CHECK(seL4_CNode_Delete(OWN, spare_thread(), seL4_WordBits));
    uint64_t start = ticks();
    seL4_CNode_Delete(OWN, top, seL4_WordBits);
    best[figures - 1] = ticks() - start;
    for (int i = 0; i < figures; i++) {
        point(kind, names[i], levels, best[i], i == figures - 1 ? levels : calls);
    }
    growth_clean();
}

void measure_levels(void) {
    for (unsigned index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        measure_space(sizes[index]);
    }
}
