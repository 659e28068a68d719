/* SPDX-License-Identifier: BSD-2-Clause */
/// The first thread, its capabilities and its memory (seL4 manual, 9.1 "Initial Thread's Environment").
#include "boot.h"

#include <sel4/sel4_arch/invocation.h>

static void priority(RtPool* pool) {
    RT_EXPECT(!started_at_once);
    RT_EXPECT(ran_after_yield);
    seL4_CPtr tcb = make(pool, seL4_TCBObject);
    RT_REQUIRE(seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, seL4_MaxPrio));
    RT_REQUIRE(seL4_TCB_SetMCPriority(tcb, seL4_CapInitThreadTCB, seL4_MaxPrio));
    RT_EXPECT_ERROR(seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, seL4_MaxPrio + 1), seL4_RangeError, seL4_MinPrio,
                    seL4_MaxPrio);
}

static void first_capabilities(RtPool* pool) {
    (void)pool;
    const seL4_CPtr there[] = {seL4_CapInitThreadTCB, seL4_CapInitThreadCNode, seL4_CapInitThreadVSpace,
                               seL4_CapIRQControl,    seL4_CapASIDControl,     seL4_CapInitThreadASIDPool,
                               seL4_CapIOPortControl, seL4_CapBootInfoFrame,   seL4_CapInitThreadIPCBuffer,
                               seL4_CapDomain};
    const seL4_CPtr not_there[] = {seL4_CapNull, seL4_CapSMMUSIDControl, seL4_CapSMMUCBControl, seL4_CapInitThreadSC,
                                   seL4_CapSMC};
    for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
        if (!was_full(there[i])) {
            rt_fail(__FILE_NAME__, __LINE__, "slot %lu was empty", there[i]);
        }
    }
    for (size_t i = 0; i < sizeof not_there / sizeof *not_there; i++) {
        if (was_full(not_there[i])) {
            rt_fail(__FILE_NAME__, __LINE__, "slot %lu was full", not_there[i]);
        }
    }
    RT_EXPECT_EQUAL(seL4_NumInitialCaps, 16);
}

/// The guard is such that slot N has address N, in all 64 bits.
static void root_cnode(RtPool* pool) {
    const seL4_BootInfo* info = rt_boot_info();
    const seL4_Word slots = 1ul << info->initThreadCNodeSizeBits;
    RT_EXPECT_EQUAL(info->initThreadCNodeSizeBits, CONFIG_ROOT_CNODE_SIZE_BITS);
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    RT_REQUIRE(seL4_CNode_Copy(ROOT, slots - 1, DEPTH, ROOT, endpoint, DEPTH, seL4_AllRights));
    seL4_NBSend(slots - 1, seL4_MessageInfo_new(0, 0, 0, 0));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, slots - 1, DEPTH));
    RT_EXPECT_ERROR(seL4_CNode_Delete(ROOT, slots, DEPTH), seL4_FailedLookup, 0, seL4_GuardMismatch, DEPTH, 0,
                    DEPTH - info->initThreadCNodeSizeBits);
    // The capability to the CNode is in the CNode.
    RT_EXPECT(slot_is_full(seL4_CapInitThreadCNode));
}

static void empty_slots(RtPool* pool) {
    (void)pool;
    const seL4_BootInfo* info = rt_boot_info();
    const seL4_Word slots = 1ul << info->initThreadCNodeSizeBits;
    RT_EXPECT(info->empty.start >= seL4_NumInitialCaps);
    RT_EXPECT_EQUAL(info->empty.end, slots);
    // The runtime has a place of its own in it for the console's ports.
    seL4_Word full = 0;
    for (seL4_CPtr slot = info->empty.start; slot < info->empty.end; slot++) {
        full += was_full(slot);
    }
    RT_EXPECT(full <= 1);
    const seL4_SlotRegion regions[] = {info->userImageFrames, info->userImagePaging, info->extraBIPages, info->untyped};
    seL4_Word told = 0;
    for (size_t r = 0; r < sizeof regions / sizeof *regions; r++) {
        RT_EXPECT(regions[r].start <= regions[r].end);
        RT_EXPECT(regions[r].start >= seL4_NumInitialCaps && regions[r].end <= info->empty.start);
        for (seL4_CPtr slot = regions[r].start; slot < regions[r].end; slot++) {
            RT_EXPECT(was_full(slot));
            told++;
        }
    }
    // Nothing is there that nobody was told of.
    seL4_Word found = 0;
    for (seL4_CPtr slot = seL4_NumInitialCaps; slot < info->empty.start; slot++) {
        found += was_full(slot);
    }
    RT_EXPECT_EQUAL(found, told);
}

static void numbers(RtPool* pool) {
    (void)pool;
    const seL4_BootInfo* info = rt_boot_info();
    RT_EXPECT_EQUAL(info->nodeID, 0);
    RT_EXPECT_EQUAL(info->numNodes, 1);
    RT_EXPECT_EQUAL(info->initThreadDomain, 0);
    RT_EXPECT_EQUAL(info->sharedFrames.end - info->sharedFrames.start, 0);
    RT_EXPECT_EQUAL(info->ioSpaceCaps.end - info->ioSpaceCaps.start, 0);
    RT_EXPECT_EQUAL((seL4_Word)info % seL4_BootInfoFrameSize, 0);
    RT_EXPECT_EQUAL((seL4_Word)info->ipcBuffer % (1ul << seL4_PageBits), 0);
    RT_EXPECT_EQUAL(info->ipcBuffer, seL4_GetIPCBuffer());
}

/// The boot information can be unmapped, and mapped again where it was.
static void information(RtPool* pool) {
    (void)pool;
    const seL4_Word address = (seL4_Word)rt_boot_info() + 256, before = *(volatile const seL4_Word*)address;
    RT_REQUIRE(seL4_X86_Page_Unmap(seL4_CapBootInfoFrame));
    RtAccess access = rt_try_read(address);
    RT_REQUIRE(seL4_X86_Page_Map(seL4_CapBootInfoFrame, seL4_CapInitThreadVSpace, address - 256, seL4_ReadWrite,
                                 seL4_X86_Default_VMAttributes));
    RT_EXPECT(access.faulted);
    RT_EXPECT_EQUAL(access.fault.words[seL4_VMFault_Addr], address);
    RT_EXPECT_EQUAL(*(volatile const seL4_Word*)address, before);
}

static void ipc_buffer(RtPool* pool) {
    void* elsewhere;
    RT_REQUIRE(
        rt_pool_map(pool, mint(pool, seL4_CapInitThreadIPCBuffer, seL4_AllRights, 0), seL4_ReadWrite, &elsewhere));
    for (int i = 4; i < seL4_MsgMaxLength; i++) {
        seL4_SetMR(i, 0x1000u + (unsigned)i);
        RT_EXPECT_EQUAL(((seL4_IPCBuffer*)elsewhere)->msg[i], 0x1000u + (unsigned)i);
    }
}

static void asid_pool(RtPool* pool) {
    RT_REQUIRE(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, make(pool, seL4_X64_PML4Object)));
    // The first thread's address space has its identifier already.
    RT_EXPECT_ERROR(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, seL4_CapInitThreadVSpace),
                    seL4_InvalidCapability, 1);
}

static const RtTest tests[] = {
    {"the first thread has the highest priority and may give it", priority},
    {"the capabilities at fixed places", first_capabilities},
    {"slot N of the root CNode has address N", root_cnode},
    {"the slots that the boot information calls empty are, the others are not", empty_slots},
    {"numbers in the boot information", numbers},
    {"the frame of the boot information", information},
    {"the frame of the IPC buffer", ipc_buffer},
    {"the first thread's ASID pool", asid_pool},
};

const RtTestGroup environment_tests = TEST_GROUP(tests);
