/* SPDX-License-Identifier: BSD-2-Clause */
/// seL4_CNode_Mutate and Rotate (seL4 manual, 3.1.2 "CNode Methods").
#include "cnode.h"

#include <sel4/invocation.h>

static seL4_Error mutate(seL4_CPtr to, seL4_CPtr from, seL4_Word data) {
    return (seL4_Error)seL4_CNode_Mutate(ROOT, to, DEPTH, ROOT, from, DEPTH, data);
}

static seL4_Error rotate(seL4_CPtr to, seL4_CPtr pivot, seL4_CPtr from) {
    return (seL4_Error)seL4_CNode_Rotate(ROOT, to, DEPTH, 0, ROOT, pivot, DEPTH, 0, ROOT, from, DEPTH);
}

static seL4_Word guard(seL4_Word value, seL4_Word bits) { return seL4_CNode_CapData_new(value, bits).words[0]; }

static void mutate_moves(RtPool* pool) {
    seL4_CPtr tcb = make(pool, seL4_TCBObject), child = mint(pool, tcb, seL4_AllRights, 0), slot = rt_pool_slot(pool);
    RT_REQUIRE(mutate(slot, tcb, 0));
    RT_EXPECT(!slot_is_full(tcb));
    RT_EXPECT(slot_is_full(slot));
    RT_REQUIRE(revoke(slot));  // it remains the original
    RT_EXPECT(!slot_is_full(child));
    RT_REQUIRE(mutate(tcb, slot, 0x1234));  // to a thread's capability the word means nothing
    RT_EXPECT(!slot_is_full(slot));
}

static void mutate_sets_guards(RtPool* pool) {
    seL4_CPtr cnode = make_cnode(pool, 4), slot = rt_pool_slot(pool), endpoint = make(pool, seL4_EndpointObject);
    RT_REQUIRE(mutate(slot, cnode, guard(0x3, 4)));
    RT_REQUIRE(seL4_CNode_Copy(slot, 0x35, 8, ROOT, endpoint, DEPTH, seL4_AllRights));
    RT_REQUIRE(mutate(cnode, slot, guard(0x17, 8)));
    RT_EXPECT_ERROR(seL4_CNode_Delete(cnode, 0x35, 8), seL4_FailedLookup, 0, seL4_GuardMismatch, 8, 0x17, 8);
    RT_REQUIRE(seL4_CNode_Delete(cnode, 0x175, 12));
    // A word of zero is a guard of no bits, too.
    RT_REQUIRE(mutate(slot, cnode, 0));
    RT_REQUIRE(seL4_CNode_Copy(slot, 5, 4, ROOT, endpoint, DEPTH, seL4_AllRights));
    RT_EXPECT_ERROR(mutate(cnode, slot, guard(0, 61)), seL4_IllegalOperation);
    RT_EXPECT(slot_is_full(slot) && !slot_is_full(cnode));
}

static void mutate_sets_no_badge(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), notification = make(pool, seL4_NotificationObject);
    seL4_CPtr slot = rt_pool_slot(pool);
    RT_EXPECT_ERROR(mutate(slot, endpoint, 1), seL4_IllegalOperation);
    RT_EXPECT_ERROR(mutate(slot, endpoint, 0), seL4_IllegalOperation);
    RT_EXPECT_ERROR(mutate(slot, notification, 1), seL4_IllegalOperation);
    RT_EXPECT_ERROR(mutate(slot, mint(pool, endpoint, seL4_AllRights, 3), 3), seL4_IllegalOperation);
    RT_EXPECT(!slot_is_full(slot) && slot_is_full(endpoint) && slot_is_full(notification));
}

static void mutate_errors(RtPool* pool) {
    seL4_CPtr tcb = make(pool, seL4_TCBObject), empty = rt_pool_slot(pool);
    RT_EXPECT_ERROR(mutate(tcb, tcb, 0), seL4_DeleteFirst);
    RT_EXPECT_ERROR(mutate(empty, rt_pool_slot(pool), 0), seL4_FailedLookup, 1, seL4_MissingCapability, DEPTH);
    RT_EXPECT_ERROR(seL4_CNode_Mutate(ROOT, empty, DEPTH, tcb, tcb, DEPTH, 0), seL4_FailedLookup, 1, seL4_InvalidRoot);
    RT_EXPECT_ERROR(invoke(ROOT, CNodeMutate, CAPS(ROOT), WORDS(empty, DEPTH, tcb, DEPTH)), seL4_TruncatedMessage);
}

static void rotate_keeps_parents(RtPool* pool) {
    seL4_CPtr first = make(pool, seL4_TCBObject), second = make(pool, seL4_TCBObject), slot = rt_pool_slot(pool);
    seL4_CPtr first_copy = mint(pool, first, seL4_AllRights, 0), second_copy = mint(pool, second, seL4_AllRights, 0);
    RT_REQUIRE(rotate(slot, second, first));  // second to slot, first to second
    RT_EXPECT(!slot_is_full(first) && slot_is_full(second) && slot_is_full(slot));
    RT_REQUIRE(revoke(slot));
    RT_EXPECT(!slot_is_full(second_copy) && slot_is_full(first_copy));
    RT_REQUIRE(revoke(second));
    RT_EXPECT(!slot_is_full(first_copy));
}

static void rotate_swaps(RtPool* pool) {
    seL4_CPtr first = make(pool, seL4_TCBObject), second = make(pool, seL4_TCBObject);
    seL4_CPtr first_copy = mint(pool, first, seL4_AllRights, 0), second_copy = mint(pool, second, seL4_AllRights, 0);
    RT_REQUIRE(rotate(first, second, first));
    RT_REQUIRE(revoke(first));
    RT_EXPECT(!slot_is_full(second_copy) && slot_is_full(first_copy));
    RT_REQUIRE(revoke(second));
    RT_EXPECT(!slot_is_full(first_copy));
    // Parent and child change places, and their roles stay theirs.
    seL4_CPtr child = mint(pool, first, seL4_AllRights, 0);
    RT_REQUIRE(rotate(first, child, first));
    RT_REQUIRE(revoke(first));
    RT_EXPECT(slot_is_full(child));
    RT_REQUIRE(revoke(child));
    RT_EXPECT(!slot_is_full(first));
}

static void rotate_sets_guards(RtPool* pool) {
    seL4_CPtr one = make_cnode(pool, 4), two = make_cnode(pool, 4), slot = rt_pool_slot(pool);
    RT_REQUIRE(seL4_CNode_Rotate(ROOT, slot, DEPTH, guard(1, 4), ROOT, two, DEPTH, guard(2, 4), ROOT, one, DEPTH));
    // `two` went to `slot` with guard 1, `one` to `two` with guard 2.
    RT_EXPECT_ERROR(seL4_CNode_Delete(slot, 0, 8), seL4_FailedLookup, 0, seL4_GuardMismatch, 8, 1, 4);
    RT_EXPECT_ERROR(seL4_CNode_Delete(two, 0, 8), seL4_FailedLookup, 0, seL4_GuardMismatch, 8, 2, 4);
    RT_EXPECT(!slot_is_full(one));
    RT_REQUIRE(seL4_CNode_Delete(slot, 0x10, 8));
    RT_REQUIRE(seL4_CNode_Delete(two, 0x20, 8));
}

/// Either both capabilities move or none.
static void rotate_errors(RtPool* pool) {
    seL4_CPtr a = make(pool, seL4_TCBObject), b = make(pool, seL4_TCBObject), full = make(pool, seL4_TCBObject);
    seL4_CPtr empty = rt_pool_slot(pool), other = rt_pool_slot(pool), endpoint = make(pool, seL4_EndpointObject);
    RT_EXPECT_ERROR(rotate(empty, a, a), seL4_IllegalOperation);
    RT_EXPECT_ERROR(rotate(a, a, b), seL4_IllegalOperation);
    RT_EXPECT_ERROR(rotate(full, b, a), seL4_DeleteFirst);
    RT_EXPECT_ERROR(rotate(empty, other, a), seL4_FailedLookup, 0, seL4_MissingCapability, DEPTH);
    RT_EXPECT_ERROR(rotate(empty, a, other), seL4_FailedLookup, 1, seL4_MissingCapability, DEPTH);
    RT_EXPECT_ERROR(seL4_CNode_Rotate(ROOT, empty, DEPTH, 0, a, b, DEPTH, 0, ROOT, a, DEPTH), seL4_FailedLookup, 1,
                    seL4_InvalidRoot);
    RT_EXPECT_ERROR(seL4_CNode_Rotate(ROOT, empty, DEPTH, 0, ROOT, b, DEPTH, 0, b, a, DEPTH), seL4_FailedLookup, 1,
                    seL4_InvalidRoot);
    RT_EXPECT_ERROR(seL4_CNode_Rotate(ROOT, empty, DEPTH, 1, ROOT, endpoint, DEPTH, 0, ROOT, a, DEPTH),
                    seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_CNode_Rotate(ROOT, empty, DEPTH, 0, ROOT, a, DEPTH, 1, ROOT, endpoint, DEPTH),
                    seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(ROOT, CNodeRotate, CAPS(ROOT, ROOT), WORDS(empty, DEPTH, 0, b, DEPTH, 0, a)),
                    seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(ROOT, CNodeRotate, CAPS(ROOT), WORDS(empty, DEPTH, 0, b, DEPTH, 0, a, DEPTH)),
                    seL4_TruncatedMessage);
    RT_EXPECT(slot_is_full(a) && slot_is_full(b) && !slot_is_full(empty) && !slot_is_full(other));
}

static const RtTest tests[] = {
    {"Mutate moves a capability", mutate_moves},
    {"Mutate changes the guard of a CNode", mutate_sets_guards},
    {"Mutate cannot badge", mutate_sets_no_badge},
    {"Mutate refuses bad arguments", mutate_errors},
    {"Rotate moves two capabilities, with their children", rotate_keeps_parents},
    {"Rotate swaps two capabilities, even a parent and its child", rotate_swaps},
    {"Rotate changes the guards of CNodes", rotate_sets_guards},
    {"Rotate moves both or none", rotate_errors},
};

const RtTestGroup mutate_tests = TEST_GROUP(tests);
