/* SPDX-License-Identifier: BSD-2-Clause */
/// seL4_CNode_Copy, Mint, Move, Delete and Revoke (seL4 manual, "Capability Spaces").
#include "support.h"

#include <sel4/invocation.h>

static seL4_Error copy(seL4_CPtr to, seL4_CPtr from, seL4_CapRights_t rights) {
    return (seL4_Error)seL4_CNode_Copy(ROOT, to, DEPTH, ROOT, from, DEPTH, rights);
}

static seL4_Error move(seL4_CPtr to, seL4_CPtr from) {
    return (seL4_Error)seL4_CNode_Move(ROOT, to, DEPTH, ROOT, from, DEPTH);
}

static seL4_Error delete(seL4_CPtr slot) { return (seL4_Error)seL4_CNode_Delete(ROOT, slot, DEPTH); }

static seL4_Error revoke(seL4_CPtr slot) { return (seL4_Error)seL4_CNode_Revoke(ROOT, slot, DEPTH); }

static void copy_reduces_rights(RtPool* pool) {
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    seL4_CPtr write_only = rt_pool_slot(pool), nothing = rt_pool_slot(pool);
    RT_REQUIRE(copy(write_only, notification, seL4_CanWrite));
    seL4_Signal(write_only);
    seL4_Word badge = 1;
    seL4_NBRecv(notification, &badge);
    RT_EXPECT_EQUAL(badge, 0);  // the capability has no badge
    // Rights cannot come back.
    RT_REQUIRE(copy(nothing, write_only, seL4_CanRead));
    RT_EXPECT_ERROR(invoke(nothing, 0, NO_CAPS, NO_WORDS), seL4_InvalidCapability, 0);
}

static void mint_sets_badges_once(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), notification = make(pool, seL4_NotificationObject);
    seL4_CPtr badged = mint(pool, endpoint, seL4_AllRights, 5), slot = rt_pool_slot(pool);
    RT_EXPECT_ERROR(seL4_CNode_Mint(ROOT, slot, DEPTH, ROOT, badged, DEPTH, seL4_AllRights, 6), seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_CNode_Mint(ROOT, slot, DEPTH, ROOT, badged, DEPTH, seL4_AllRights, 5), seL4_IllegalOperation);
    badged = mint(pool, notification, seL4_AllRights, 8);
    RT_EXPECT_ERROR(seL4_CNode_Mint(ROOT, slot, DEPTH, ROOT, badged, DEPTH, seL4_AllRights, 1), seL4_IllegalOperation);
    RT_EXPECT(!slot_is_full(slot));
    RT_REQUIRE(copy(slot, badged, seL4_AllRights));  // a copy keeps the badge
    seL4_Signal(slot);
    seL4_Word badge;
    seL4_Recv(notification, &badge);
    RT_EXPECT_EQUAL(badge, 8);
}

static void mint_sets_guards(RtPool* pool) {
    seL4_CPtr cnode = make_cnode(pool, 4), endpoint = make(pool, seL4_EndpointObject);
    // A guard of 8 bits, value 0xa5: 12 bits of an address are resolved.
    seL4_CPtr guarded = mint(pool, cnode, seL4_AllRights, seL4_CNode_CapData_new(0xa5, 8).words[0]);
    RT_REQUIRE(seL4_CNode_Copy(guarded, 0xa53, 12, ROOT, endpoint, DEPTH, seL4_AllRights));
    seL4_CPtr slot = rt_pool_slot(pool), other = rt_pool_slot(pool);
    RT_REQUIRE(seL4_CNode_Move(ROOT, slot, DEPTH, cnode, 3, 4));  // the same slot without the guard
    RT_EXPECT_ERROR(seL4_CNode_Move(ROOT, other, DEPTH, guarded, 0xa43, 12), seL4_FailedLookup, 1, seL4_GuardMismatch,
                    12, 0xa5, 8);
    RT_EXPECT_ERROR(seL4_CNode_Delete(guarded, 3, 4), seL4_FailedLookup, 0, seL4_GuardMismatch, 4, 0xa5, 8);
    // Guard and radix together have 64 bits at most.
    RT_EXPECT_ERROR(
        seL4_CNode_Mint(ROOT, other, DEPTH, ROOT, cnode, DEPTH, seL4_AllRights, seL4_CNode_CapData_new(0, 61).words[0]),
        seL4_IllegalOperation);
}

static void lookups_fail_exactly(RtPool* pool) {
    seL4_CPtr cnode = make_cnode(pool, 4), slot = rt_pool_slot(pool);
    seL4_Word root_bits = rt_boot_info()->initThreadCNodeSizeBits;
    RT_EXPECT_ERROR(seL4_CNode_Delete(ROOT, slot, 0), seL4_RangeError, 1, seL4_WordBits);
    RT_EXPECT_ERROR(seL4_CNode_Delete(ROOT, slot, seL4_WordBits + 1), seL4_RangeError, 1, seL4_WordBits);
    // Depth too small for the root CNode's guard.
    RT_EXPECT_ERROR(seL4_CNode_Delete(ROOT, 0, 8), seL4_FailedLookup, 0, seL4_GuardMismatch, 8, 0,
                    seL4_WordBits - root_bits);
    // Enough for the guard, not for the slots.
    RT_EXPECT_ERROR(seL4_CNode_Delete(ROOT, 0, seL4_WordBits - 1), seL4_FailedLookup, 0, seL4_DepthMismatch,
                    seL4_WordBits - 1, seL4_WordBits);
    RT_EXPECT_ERROR(seL4_CNode_Delete(cnode, 0, 3), seL4_FailedLookup, 0, seL4_DepthMismatch, 3, 4);
    // More depth than CNodes: the slot is empty, so three bits cannot be resolved.
    RT_EXPECT_ERROR(seL4_CNode_Delete(cnode, 0, 7), seL4_FailedLookup, 0, seL4_DepthMismatch, 3, 0);
    // Through a CNode inside the CNode.
    RT_REQUIRE(seL4_CNode_Copy(cnode, 2, 4, ROOT, cnode, DEPTH, seL4_AllRights));
    RT_REQUIRE(seL4_CNode_Copy(cnode, 0x25, 8, ROOT, make(pool, seL4_EndpointObject), DEPTH, seL4_AllRights));
    RT_REQUIRE(seL4_CNode_Delete(cnode, 0x225, 12));
    RT_EXPECT_ERROR(seL4_CNode_Move(ROOT, slot, DEPTH, cnode, 5, 4), seL4_FailedLookup, 1, seL4_MissingCapability, 4);
}

static void bad_sources(RtPool* pool) {
    seL4_CPtr empty = rt_pool_slot(pool), slot = rt_pool_slot(pool), tcb = seL4_CapInitThreadTCB;
    RT_EXPECT_ERROR(copy(slot, empty, seL4_AllRights), seL4_FailedLookup, 1, seL4_MissingCapability, DEPTH);
    RT_EXPECT_ERROR(move(slot, empty), seL4_FailedLookup, 1, seL4_MissingCapability, DEPTH);
    RT_EXPECT_ERROR(seL4_CNode_Mint(ROOT, slot, DEPTH, ROOT, empty, DEPTH, seL4_AllRights, 1), seL4_FailedLookup, 1,
                    seL4_MissingCapability, DEPTH);
    // The source's root is not a CNode.
    RT_EXPECT_ERROR(seL4_CNode_Copy(ROOT, slot, DEPTH, tcb, empty, DEPTH, seL4_AllRights), seL4_FailedLookup, 1,
                    seL4_InvalidRoot);
    // Checked in this order: destination there, destination empty, source there.
    RT_EXPECT_ERROR(seL4_CNode_Copy(ROOT, tcb, DEPTH, tcb, empty, DEPTH, seL4_AllRights), seL4_DeleteFirst);
    RT_EXPECT_ERROR(seL4_CNode_Copy(ROOT, ~0ul, DEPTH, tcb, empty, DEPTH, seL4_AllRights), seL4_FailedLookup, 0,
                    seL4_GuardMismatch);
}

static void destination_must_be_empty(RtPool* pool) {
    seL4_CPtr a = make(pool, seL4_EndpointObject), b = make(pool, seL4_EndpointObject);
    RT_EXPECT_ERROR(copy(b, a, seL4_AllRights), seL4_DeleteFirst);
    RT_EXPECT_ERROR(move(b, a), seL4_DeleteFirst);
    RT_EXPECT_ERROR(move(a, a), seL4_DeleteFirst);
    RT_EXPECT_ERROR(seL4_CNode_Mint(ROOT, b, DEPTH, ROOT, a, DEPTH, seL4_AllRights, 1), seL4_DeleteFirst);
}

static void move_keeps_everything(RtPool* pool) {
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    seL4_CPtr badged = mint(pool, notification, seL4_CanWrite, 3), slot = rt_pool_slot(pool);
    RT_REQUIRE(move(slot, badged));
    RT_EXPECT(!slot_is_full(badged));
    seL4_Signal(slot);
    seL4_Word badge;
    seL4_NBRecv(notification, &badge);
    RT_EXPECT_EQUAL(badge, 3);
    RT_REQUIRE(revoke(notification));  // it is still a child
    RT_EXPECT(!slot_is_full(slot));
}

static void moved_parents_keep_children(RtPool* pool) {
    seL4_CPtr notification = make(pool, seL4_NotificationObject), slot = rt_pool_slot(pool);
    seL4_CPtr child = mint(pool, notification, seL4_CanWrite, 3);
    RT_REQUIRE(move(slot, notification));
    RT_REQUIRE(revoke(slot));
    RT_EXPECT(!slot_is_full(child));
    RT_EXPECT(slot_is_full(slot));
}

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

static void what_cannot_be_copied(RtPool* pool) {
    seL4_CPtr slot = rt_pool_slot(pool);
    RT_EXPECT_ERROR(copy(slot, seL4_CapIRQControl, seL4_AllRights), seL4_IllegalOperation);
    RT_EXPECT_ERROR(copy(slot, seL4_CapIOPortControl, seL4_AllRights), seL4_IllegalOperation);
    RT_EXPECT_ERROR(copy(slot, make(pool, seL4_X86_PageTableObject), seL4_AllRights), seL4_IllegalOperation);
    RT_EXPECT_ERROR(copy(slot, make(pool, seL4_X86_PageDirectoryObject), seL4_AllRights), seL4_IllegalOperation);
    RT_EXPECT_ERROR(copy(slot, make(pool, seL4_X86_PDPTObject), seL4_AllRights), seL4_IllegalOperation);
    RT_EXPECT_ERROR(copy(slot, make(pool, seL4_X64_PML4Object), seL4_AllRights), seL4_IllegalOperation);
    RT_EXPECT(!slot_is_full(slot));
}

static void truncated_messages(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), slot = rt_pool_slot(pool);
    seL4_Word rights = seL4_AllRights.words[0];
    RT_EXPECT_ERROR(invoke(ROOT, CNodeDelete, NO_CAPS, WORDS(slot)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(ROOT, CNodeRevoke, NO_CAPS, NO_WORDS), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(ROOT, CNodeMove, CAPS(ROOT), WORDS(slot, DEPTH, endpoint)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(ROOT, CNodeMove, NO_CAPS, WORDS(slot, DEPTH, endpoint, DEPTH)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(ROOT, CNodeCopy, CAPS(ROOT), WORDS(slot, DEPTH, endpoint, DEPTH)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(ROOT, CNodeMint, CAPS(ROOT), WORDS(slot, DEPTH, endpoint, DEPTH, rights)),
                    seL4_TruncatedMessage);
    // The destination is looked at before the message is found to be too short for the operation.
    RT_EXPECT_ERROR(invoke(ROOT, CNodeCopy, CAPS(ROOT), WORDS(endpoint, DEPTH, endpoint, DEPTH)), seL4_DeleteFirst);
    RT_EXPECT_ERROR(invoke(ROOT, CNodeSaveCaller + 1, CAPS(ROOT), WORDS(slot, DEPTH, endpoint, DEPTH, rights)),
                    seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(ROOT, 0, CAPS(ROOT), WORDS(slot, DEPTH, endpoint, DEPTH, rights)), seL4_IllegalOperation);
    RT_EXPECT(!slot_is_full(slot));
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
    {"Copy reduces rights", copy_reduces_rights},
    {"Mint sets a badge once", mint_sets_badges_once},
    {"Mint sets the guard of a CNode", mint_sets_guards},
    {"failed lookups say where and why", lookups_fail_exactly},
    {"sources that are not there", bad_sources},
    {"a destination must be empty", destination_must_be_empty},
    {"Move keeps rights, badge and parent", move_keeps_everything},
    {"Move keeps children", moved_parents_keep_children},
    {"Revoke takes all descendants", revoke_takes_descendants},
    {"copies without a badge are siblings", copies_of_copies},
    {"Delete takes one capability", delete_takes_one},
    {"untyped memory with children is not copied", untyped_with_children},
    {"copying untyped memory uses up the original", original_of_a_copied_untyped},
    {"what cannot be copied", what_cannot_be_copied},
    {"truncated messages and unknown labels", truncated_messages},
    {"Delete a CNode full of capabilities", delete_a_full_cnode},
    {"Delete a CNode that holds itself", delete_a_cnode_that_holds_itself},
};

const RtTestGroup cnode_tests = TEST_GROUP(tests);
