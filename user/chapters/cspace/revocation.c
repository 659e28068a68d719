/* SPDX-License-Identifier: BSD-2-Clause */
/// seL4_CNode_Revoke and Delete, and the derivation tree (seL4 manual, 3.1.5 and 3.2 "Deletion and Revocation").
#include "cnode.h"

static void revoke_takes_descendants(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    seL4_CPtr plain_copy = mint(pool, endpoint, seL4_AllRights, 0);
    seL4_CPtr badged = mint(pool, endpoint, seL4_AllRights, 1);
    seL4_CPtr grandchild = rt_pool_slot(pool);
    RT_REQUIRE(copy(grandchild, badged, seL4_CanWrite));

    RT_REQUIRE(revoke(plain_copy));  // a plain copy is no parent
    RT_EXPECT(slot_is_full(badged) && slot_is_full(grandchild) && slot_is_full(endpoint));
    RT_REQUIRE(revoke(badged));
    RT_EXPECT(!slot_is_full(grandchild));
    RT_EXPECT(slot_is_full(badged) && slot_is_full(plain_copy));
    RT_REQUIRE(copy(grandchild, badged, seL4_CanWrite));
    RT_REQUIRE(revoke(endpoint));
    RT_EXPECT(!slot_is_full(badged) && !slot_is_full(grandchild) && !slot_is_full(plain_copy));
    RT_EXPECT(slot_is_full(endpoint));
    RT_REQUIRE(revoke(endpoint));  // nothing left to do
}

static void copies_of_copies(RtPool* pool) {
    // Copies of an endpoint capability without a badge are children of the original, all at one level.
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    seL4_CPtr first = mint(pool, endpoint, seL4_AllRights, 0), second = rt_pool_slot(pool);
    RT_REQUIRE(copy(second, first, seL4_AllRights));
    RT_REQUIRE(revoke(first));
    RT_EXPECT(slot_is_full(second));
    RT_REQUIRE(delete(endpoint));
    RT_EXPECT(slot_is_full(first) && slot_is_full(second));
    RT_REQUIRE(revoke(first));
    RT_EXPECT(slot_is_full(second));
}

static void delete_takes_one(RtPool* pool) {
    seL4_CPtr notification = make(pool, seL4_NotificationObject), other = rt_pool_slot(pool);
    RT_REQUIRE(copy(other, notification, seL4_AllRights));
    RT_REQUIRE(delete(notification));
    RT_EXPECT(!slot_is_full(notification));
    seL4_Signal(other);  // the object lives with its copy
    RT_REQUIRE(delete(other));
    RT_REQUIRE(delete(other));  // deleting an empty slot is no error
}

static void untyped_with_children(RtPool* pool) {
    seL4_CPtr memory, slot = rt_pool_slot(pool), object = rt_pool_slot(pool), other = rt_pool_slot(pool);
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 12, &memory));
    RT_REQUIRE(copy(slot, memory, seL4_AllRights));
    // A copy is a child: the memory may not be used through the original, only through the copy.
    RT_EXPECT_ERROR(copy(object, memory, seL4_AllRights), seL4_RevokeFirst);
    RT_REQUIRE(seL4_Untyped_Retype(slot, seL4_EndpointObject, 0, ROOT, 0, 0, object, 1));
    RT_EXPECT_ERROR(copy(other, slot, seL4_AllRights), seL4_RevokeFirst);
    RT_REQUIRE(revoke(memory));
    RT_EXPECT(!slot_is_full(slot) && !slot_is_full(object));
}

static void original_of_a_copied_untyped(RtPool* pool) {
    seL4_CPtr memory, slot = rt_pool_slot(pool), object = rt_pool_slot(pool);
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 12, &memory));
    RT_REQUIRE(copy(slot, memory, seL4_AllRights));
    // Making the copy marked the original as used up.
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, 0, 0, object, 1), seL4_NotEnoughMemory,
                    0);
    RT_REQUIRE(delete(slot));
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, 0, 0, object, 1));
}

static void delete_a_full_cnode(RtPool* pool) {
    seL4_CPtr cnode = make_cnode(pool, 6), endpoint = make(pool, seL4_EndpointObject), inner = make_cnode(pool, 4);
    for (seL4_Word i = 0; i < 64; i++) {
        RT_REQUIRE(seL4_CNode_Mint(cnode, i, 6, ROOT, endpoint, DEPTH, seL4_AllRights, i + 1));
    }
    RT_REQUIRE(seL4_CNode_Delete(cnode, 10, 6));
    RT_REQUIRE(seL4_CNode_Move(cnode, 10, 6, ROOT, inner, DEPTH));
    RT_REQUIRE(seL4_CNode_Copy(cnode, 0xa3, 10, ROOT, endpoint, DEPTH, seL4_AllRights));  // slot 10, and there slot 3
    RT_REQUIRE(delete(cnode));
    RT_EXPECT(!slot_is_full(cnode));
    // All capabilities but this one are gone, so it can get children again, and does not have any.
    RT_EXPECT(slot_is_full(endpoint));
    RT_REQUIRE(revoke(endpoint));
}

static void delete_a_cnode_that_holds_itself(RtPool* pool) {
    seL4_CPtr cnode = make_cnode(pool, 4), other = make_cnode(pool, 4);
    RT_REQUIRE(seL4_CNode_Move(cnode, 7, 4, ROOT, other, DEPTH));
    // `other`, now only in `cnode`, holds the one to `cnode` that is left.
    RT_REQUIRE(seL4_CNode_Copy(cnode, 0x75, 8, ROOT, cnode, DEPTH, seL4_AllRights));
    RT_REQUIRE(delete(cnode));  // deletes one capability of two: the cycle holds itself
    RT_EXPECT(!slot_is_full(cnode));

    cnode = make_cnode(pool, 4);
    RT_REQUIRE(seL4_CNode_Copy(cnode, 1, 4, ROOT, cnode, DEPTH, seL4_AllRights));
    RT_REQUIRE(seL4_CNode_Delete(cnode, 1, 4));                    // through itself
    RT_REQUIRE(seL4_CNode_Move(cnode, 1, 4, ROOT, cnode, DEPTH));  // it is in itself only
    RT_EXPECT(!slot_is_full(cnode));
}

static const RtTest tests[] = {
    {"Revoke takes all descendants", revoke_takes_descendants},
    {"copies without a badge are siblings", copies_of_copies},
    {"Delete takes one capability", delete_takes_one},
    {"untyped memory with children is not copied", untyped_with_children},
    {"copying untyped memory uses up the original", original_of_a_copied_untyped},
    {"Delete a CNode full of capabilities", delete_a_full_cnode},
    {"Delete a CNode that holds itself", delete_a_cnode_that_holds_itself},
};

const RtTestGroup revocation_tests = TEST_GROUP(tests);
