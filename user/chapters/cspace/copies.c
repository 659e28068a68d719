/* SPDX-License-Identifier: BSD-2-Clause */
/// seL4_CNode_Copy, Mint, Move: rights, badges, guards (seL4 manual, 3.1 "Capability and CSpace Management").
#include "cnode.h"

#include <sel4/invocation.h>

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

static const RtTest tests[] = {
    {"Copy reduces rights", copy_reduces_rights},
    {"Mint sets a badge once", mint_sets_badges_once},
    {"Mint sets the guard of a CNode", mint_sets_guards},
    {"sources that are not there", bad_sources},
    {"a destination must be empty", destination_must_be_empty},
    {"Move keeps rights, badge and parent", move_keeps_everything},
    {"Move keeps children", moved_parents_keep_children},
    {"what cannot be copied", what_cannot_be_copied},
    {"truncated messages and unknown labels", truncated_messages},
};

const RtTestGroup copy_tests = TEST_GROUP(tests);
