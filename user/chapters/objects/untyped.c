/* SPDX-License-Identifier: BSD-2-Clause */
/// seL4_Untyped_Retype (seL4 manual, "Untyped Memory").
#include "support.h"

#include <sel4/invocation.h>

static seL4_CPtr untyped(RtPool* pool, seL4_Word bits) {
    seL4_CPtr object;
    RT_CHECK(rt_pool_retype(pool, seL4_UntypedObject, bits, &object));
    return object;
}

static seL4_Error retype(seL4_CPtr memory, seL4_Word type, seL4_Word bits, seL4_CPtr slot, seL4_Word count) {
    return (seL4_Error)seL4_Untyped_Retype(memory, type, bits, ROOT, 0, 0, slot, count);
}

static void every_type(RtPool* pool) {
    static const struct {
        seL4_Word type, bits;
    } types[] = {
        {seL4_UntypedObject, seL4_MinUntypedBits},
        {seL4_UntypedObject, 16},
        {seL4_TCBObject, 0},
        {seL4_EndpointObject, 0},
        {seL4_NotificationObject, 0},
        {seL4_CapTableObject, 1},
        {seL4_CapTableObject, 8},
        {seL4_X86_4K, 0},
        {seL4_X86_LargePageObject, 0},
        {seL4_X86_PageTableObject, 0},
        {seL4_X86_PageDirectoryObject, 0},
        {seL4_X86_PDPTObject, 0},
        {seL4_X64_PML4Object, 0},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        seL4_Word size = rt_object_size_bits(types[i].type, types[i].bits);
        // Exactly as much memory as the object takes is enough, and one bit less is not.
        seL4_CPtr memory = untyped(pool, size), slot = rt_pool_slot(pool), other = rt_pool_slot(pool);
        RT_REQUIRE(retype(memory, types[i].type, types[i].bits, slot, 1));
        RT_EXPECT(slot_is_full(slot));
        RT_EXPECT_ERROR(retype(memory, seL4_UntypedObject, seL4_MinUntypedBits, other, 1), seL4_NotEnoughMemory, 0);
        if (size > seL4_MinUntypedBits) {
            memory = untyped(pool, size - 1);
            RT_EXPECT_ERROR(retype(memory, types[i].type, types[i].bits, other, 1), seL4_NotEnoughMemory,
                            1ul << (size - 1));
        }
        RT_EXPECT(!slot_is_full(other));
        RT_REQUIRE(rt_pool_reset(pool));
    }
}

static void several_at_once(RtPool* pool) {
    enum { count = 5 };
    seL4_CPtr first;
    RT_REQUIRE(rt_pool_retype_many(pool, seL4_EndpointObject, 0, count, &first));
    for (int i = 0; i < count; i++) {
        RT_EXPECT(slot_is_full(first + (seL4_Word)i));
    }
    RT_EXPECT(!slot_is_full(first + count));
}

static void into_another_cnode(RtPool* pool) {
    seL4_CPtr memory = untyped(pool, 12), cnode = make_cnode(pool, 4), slot = rt_pool_slot(pool);
    // The CNode is found at index `cnode` of the root, all 64 bits of it.
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, cnode, DEPTH, 3, 2));
    // The last slot of the CNode can be used, and nothing behind it.
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, cnode, DEPTH, 15, 1));
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, cnode, DEPTH, 16, 1), seL4_RangeError, 0,
                    15);
    // With depth 0 the root given is the CNode itself.
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, cnode, 0, 0, 7, 1));
    RT_REQUIRE(seL4_CNode_Move(ROOT, slot, DEPTH, cnode, 3, 4));
    RT_EXPECT(slot_is_full(slot));
    RT_REQUIRE(seL4_CNode_Move(cnode, 3, 4, cnode, 7, 4));
}

static void new_objects_are_zero(RtPool* pool) {
    seL4_CPtr memory = untyped(pool, 14), frame = rt_pool_slot(pool);
    for (seL4_Word round = 0; round < 2; round++) {
        RT_REQUIRE(retype(memory, seL4_X86_4K, 0, frame, 1));
        void* page;
        RT_REQUIRE(rt_pool_map(pool, frame, seL4_ReadWrite, &page));
        volatile seL4_Word* words = page;
        for (size_t i = 0; i < 512; i++) {
            RT_EXPECT_EQUAL(words[i], 0);
            words[i] = ~i;
        }
        RT_REQUIRE(seL4_CNode_Revoke(ROOT, memory, DEPTH));
    }
}

static void large_pages_are_zero(RtPool* pool) {
    seL4_CPtr frame;
    RT_REQUIRE(rt_pool_retype(pool, seL4_X86_LargePageObject, 0, &frame));
    seL4_Word address = pool->base + (2ul << seL4_HugePageBits);
    RT_REQUIRE(rt_pool_prepare_address(pool, address));
    // A large page takes the place of a page table, so one slot further there is none yet.
    address += 1ul << seL4_LargePageBits;
    RT_REQUIRE(
        seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, address, seL4_ReadWrite, seL4_X86_Default_VMAttributes));
    volatile seL4_Word* words = (volatile seL4_Word*)address;
    for (size_t i = 0; i < (1ul << seL4_LargePageBits) / sizeof(seL4_Word); i += 61) {
        RT_EXPECT_EQUAL(words[i], 0);
    }
    words[(1ul << seL4_LargePageBits) / sizeof(seL4_Word) - 1] = 1;
}

static void memory_comes_back(RtPool* pool) {
    seL4_CPtr memory = untyped(pool, 13), a = rt_pool_slot(pool), b = rt_pool_slot(pool), c = rt_pool_slot(pool);
    RT_REQUIRE(retype(memory, seL4_X86_PageTableObject, 0, a, 1));
    RT_REQUIRE(retype(memory, seL4_TCBObject, 0, b, 1));
    RT_EXPECT_ERROR(retype(memory, seL4_X86_4K, 0, c, 1), seL4_NotEnoughMemory, 4096 - (1ul << seL4_TCBBits));
    // While one child is left, what the other had does not come back.
    RT_REQUIRE(seL4_CNode_Delete(ROOT, a, DEPTH));
    RT_EXPECT_ERROR(retype(memory, seL4_X86_4K, 0, c, 1), seL4_NotEnoughMemory, 4096 - (1ul << seL4_TCBBits));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, b, DEPTH));
    RT_REQUIRE(retype(memory, seL4_UntypedObject, 13, c, 1));
}

static void copies_keep_memory(RtPool* pool) {
    seL4_CPtr memory = untyped(pool, 12), a = rt_pool_slot(pool), b = rt_pool_slot(pool), c = rt_pool_slot(pool);
    RT_REQUIRE(retype(memory, seL4_X86_4K, 0, a, 1));
    RT_REQUIRE(seL4_CNode_Copy(ROOT, b, DEPTH, ROOT, a, DEPTH, seL4_AllRights));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, a, DEPTH));
    RT_EXPECT_ERROR(retype(memory, seL4_X86_4K, 0, c, 1), seL4_NotEnoughMemory, 0);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, b, DEPTH));
    RT_REQUIRE(retype(memory, seL4_X86_4K, 0, c, 1));
}

static void alignment_leaves_gaps(RtPool* pool) {
    seL4_CPtr memory = untyped(pool, 13), a = rt_pool_slot(pool), b = rt_pool_slot(pool), c = rt_pool_slot(pool);
    RT_REQUIRE(retype(memory, seL4_EndpointObject, 0, a, 1));
    RT_REQUIRE(retype(memory, seL4_X86_4K, 0, b, 1));  // at 4096, so that nothing is left
    RT_EXPECT_ERROR(retype(memory, seL4_EndpointObject, 0, c, 1), seL4_NotEnoughMemory, 0);
}

static void fan_out(RtPool* pool) {
    seL4_CPtr memory = untyped(pool, 14), cnode = make_cnode(pool, 10);
    RT_EXPECT_ERROR(
        seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, cnode, 0, 0, 0, CONFIG_RETYPE_FAN_OUT_LIMIT + 1),
        seL4_RangeError, 1, CONFIG_RETYPE_FAN_OUT_LIMIT);
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, cnode, 0, 0, 0, 0), seL4_RangeError, 1,
                    CONFIG_RETYPE_FAN_OUT_LIMIT);
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, cnode, 0, 0, 0, CONFIG_RETYPE_FAN_OUT_LIMIT));
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, cnode, 0, 0, 1020, 5), seL4_RangeError, 1, 4);
}

static void bad_types(RtPool* pool) {
    seL4_CPtr memory = untyped(pool, 12), slot = rt_pool_slot(pool);
    RT_EXPECT_ERROR(retype(memory, seL4_ObjectTypeCount, 0, slot, 1), seL4_InvalidArgument, 0);
    RT_EXPECT_ERROR(retype(memory, ~0ul, 0, slot, 1), seL4_InvalidArgument, 0);
}

static void bad_sizes(RtPool* pool) {
    seL4_CPtr memory = untyped(pool, 12), slot = rt_pool_slot(pool);
    RT_EXPECT_ERROR(retype(memory, seL4_CapTableObject, 0, slot, 1), seL4_InvalidArgument, 1);
    RT_EXPECT_ERROR(retype(memory, seL4_UntypedObject, seL4_MinUntypedBits - 1, slot, 1), seL4_InvalidArgument, 1);
    RT_EXPECT_ERROR(retype(memory, seL4_UntypedObject, seL4_MaxUntypedBits + 1, slot, 1), seL4_RangeError, 0,
                    seL4_MaxUntypedBits);
    RT_EXPECT_ERROR(retype(memory, seL4_CapTableObject, seL4_MaxUntypedBits - seL4_SlotBits + 1, slot, 1),
                    seL4_RangeError, 0, seL4_MaxUntypedBits);
    // A size is checked even where the type ignores it.
    RT_EXPECT_ERROR(retype(memory, seL4_EndpointObject, seL4_WordBits, slot, 1), seL4_RangeError, 0,
                    seL4_MaxUntypedBits);
    RT_EXPECT_ERROR(retype(memory, seL4_CapTableObject, ~0ul, slot, 1), seL4_RangeError, 0, seL4_MaxUntypedBits);
    RT_REQUIRE(retype(memory, seL4_EndpointObject, seL4_WordBits - 1, slot, 1));
}

static void bad_destinations(RtPool* pool) {
    seL4_CPtr memory = untyped(pool, 12), slot = rt_pool_slot(pool), cnode = make_cnode(pool, 4);
    // Not a CNode, given directly; the failed lookup tells the depth.
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, memory, 0, 0, slot, 1), seL4_FailedLookup, 0,
                    seL4_MissingCapability, 0);
    // Not a CNode, found by index.
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, memory, DEPTH, slot, 1),
                    seL4_FailedLookup, 0, seL4_MissingCapability, DEPTH);
    // Not a CNode where the lookup starts.
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, memory, cnode, DEPTH, slot, 1),
                    seL4_FailedLookup, 0, seL4_InvalidRoot);
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, cnode, seL4_WordBits + 1, 0, 1),
                    seL4_RangeError, 1, seL4_WordBits);
    // The root CNode's guard does not match an index that is too high.
    seL4_Word guard_bits = seL4_WordBits - rt_boot_info()->initThreadCNodeSizeBits;
    RT_EXPECT_ERROR(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, ~0ul, DEPTH, 0, 1), seL4_FailedLookup, 0,
                    seL4_GuardMismatch, DEPTH, 0, guard_bits);
    // An offset outside the root CNode.
    seL4_Word slots = 1ul << rt_boot_info()->initThreadCNodeSizeBits;
    RT_EXPECT_ERROR(retype(memory, seL4_EndpointObject, 0, slots, 1), seL4_RangeError, 0, slots - 1);
    RT_EXPECT_ERROR(retype(memory, seL4_EndpointObject, 0, seL4_CapInitThreadTCB, 1), seL4_DeleteFirst);
    RT_EXPECT_ERROR(retype(memory, seL4_EndpointObject, 0, slot - 1, 2), seL4_DeleteFirst);
    RT_EXPECT(!slot_is_full(slot));
}

static void truncated_messages(RtPool* pool) {
    seL4_CPtr memory = untyped(pool, 12), slot = rt_pool_slot(pool);
    RT_EXPECT_ERROR(invoke(memory, UntypedRetype, CAPS(ROOT), WORDS(seL4_EndpointObject, 0, 0, 0, slot)),
                    seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(memory, UntypedRetype, NO_CAPS, WORDS(seL4_EndpointObject, 0, 0, 0, slot, 1)),
                    seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(memory, UntypedRetype + 1, CAPS(ROOT), WORDS(seL4_EndpointObject, 0, 0, 0, slot, 1)),
                    seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(memory, 0, NO_CAPS, NO_WORDS), seL4_IllegalOperation);
    RT_REQUIRE(invoke(memory, UntypedRetype, CAPS(ROOT), WORDS(seL4_EndpointObject, 0, 0, 0, slot, 1)));
}

static void device_memory(RtPool* pool) {
    seL4_CPtr device = boot_untyped(true, 20), slot = rt_pool_slot(pool), other = rt_pool_slot(pool);
    if (device == seL4_CapNull) {
        rt_skip("no device untyped of 1 MiB");
        return;
    }
    RT_EXPECT_ERROR(retype(device, seL4_EndpointObject, 0, slot, 1), seL4_InvalidArgument, 1);
    RT_EXPECT_ERROR(retype(device, seL4_TCBObject, 0, slot, 1), seL4_InvalidArgument, 1);
    RT_EXPECT_ERROR(retype(device, seL4_X86_PageTableObject, 0, slot, 1), seL4_InvalidArgument, 1);
    RT_REQUIRE(retype(device, seL4_UntypedObject, 16, slot, 1));
    RT_EXPECT_ERROR(retype(slot, seL4_CapTableObject, 4, other, 1), seL4_InvalidArgument,
                    1);  // a child is a device too
    RT_REQUIRE(retype(slot, seL4_X86_4K, 0, other, 1));
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, device, DEPTH));
    RT_EXPECT(!slot_is_full(slot));
    RT_EXPECT(!slot_is_full(other));
}

static void nested_untyped(RtPool* pool) {
    // Each is the only child of the one before; revoking the first takes them all.
    seL4_CPtr outer = untyped(pool, 16), memory = outer, slot = 0;
    for (seL4_Word bits = 15; bits >= seL4_MinUntypedBits; bits--) {
        slot = rt_pool_slot(pool);
        RT_REQUIRE(retype(memory, seL4_UntypedObject, bits, slot, 1));
        memory = slot;
    }
    seL4_CPtr endpoint = rt_pool_slot(pool);
    RT_REQUIRE(retype(memory, seL4_EndpointObject, 0, endpoint, 1));
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, outer, DEPTH));
    RT_EXPECT(!slot_is_full(endpoint));
    RT_EXPECT(!slot_is_full(slot));
    RT_REQUIRE(retype(outer, seL4_UntypedObject, 16, slot, 1));
}

/// Variable sizes are for each of several objects, and count in the memory taken.
static void several_of_a_size(RtPool* pool) {
    seL4_CPtr memory = untyped(pool, 12), first = rt_pool_slot(pool), other = rt_pool_slot(pool);
    rt_pool_slot(pool);
    RT_EXPECT_ERROR(retype(memory, seL4_CapTableObject, 5, first, 5), seL4_NotEnoughMemory, 4096);
    RT_REQUIRE(retype(memory, seL4_CapTableObject, 5, first, 3));  // of 1024 bytes each
    RT_EXPECT_ERROR(retype(memory, seL4_UntypedObject, 11, rt_pool_slot(pool), 1), seL4_NotEnoughMemory, 1024);
    RT_REQUIRE(seL4_CNode_Copy(other, 31, 5, ROOT, first, DEPTH, seL4_AllRights));
    RT_EXPECT_ERROR(seL4_CNode_Delete(other, 32, 6), seL4_FailedLookup, 0, seL4_DepthMismatch, 1, 0);
    RT_REQUIRE(retype(memory, seL4_UntypedObject, 9, rt_pool_slot(pool), 1));
    RT_EXPECT_ERROR(retype(memory, seL4_UntypedObject, 8, rt_pool_slot(pool), 3), seL4_NotEnoughMemory, 512);
}

/// A device's pages read and write the device, or nothing; they are not cleared, and not the test's to write.
static void device_pages(RtPool* pool) {
    seL4_CPtr device = boot_untyped(true, seL4_LargePageBits), slot = rt_pool_slot(pool);
    if (device == seL4_CapNull) {
        rt_skip("no device untyped of 2 MiB");
        return;
    }
    RT_REQUIRE(retype(device, seL4_X86_LargePageObject, 0, slot, 1));
    RT_EXPECT_ERROR(retype(device, seL4_X64_PML4Object, 0, rt_pool_slot(pool), 1), seL4_InvalidArgument, 1);
    RT_EXPECT_ERROR(retype(device, seL4_NotificationObject, 0, rt_pool_slot(pool), 1), seL4_InvalidArgument, 1);
    RT_EXPECT_ERROR(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, device, ROOT, rt_pool_slot(pool), DEPTH),
                    seL4_InvalidCapability, 1);
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, device, DEPTH));
}

static const RtTest tests[] = {
    {"Retype makes several objects of a size", several_of_a_size},
    {"what a device's memory cannot become", device_pages},
    {"Retype makes every type of object", every_type},
    {"Retype makes several objects at once", several_at_once},
    {"Retype reaches another CNode by index and depth", into_another_cnode},
    {"new pages are zero, in used memory too", new_objects_are_zero},
    {"new large pages are zero", large_pages_are_zero},
    {"memory comes back with the last child", memory_comes_back},
    {"a copy keeps the memory in use", copies_keep_memory},
    {"objects are aligned to their size", alignment_leaves_gaps},
    {"Retype makes 256 objects at most", fan_out},
    {"Retype refuses unknown types", bad_types},
    {"Retype refuses sizes out of range", bad_sizes},
    {"Retype refuses destinations that are not there or not empty", bad_destinations},
    {"Retype refuses truncated messages and unknown labels", truncated_messages},
    {"device memory yields frames and untyped memory only", device_memory},
    {"untyped memory within untyped memory", nested_untyped},
};

const RtTestGroup untyped_tests = TEST_GROUP(tests);
