/* SPDX-License-Identifier: BSD-2-Clause */
/// How capability addresses are looked up, and what is told if that fails (seL4 manual, 3.3 and 3.4).
#include "cnode.h"

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

static const RtTest tests[] = {
    {"failed lookups say where and why", lookups_fail_exactly},
};

const RtTestGroup lookup_tests = TEST_GROUP(tests);
