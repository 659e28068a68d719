/* SPDX-License-Identifier: BSD-2-Clause */
/// Untyped memory and the additional blocks of the boot information (seL4 manual, 9.2 "BootInfo Frame").
#include "boot.h"

static seL4_Word count(void) { return rt_boot_info()->untyped.end - rt_boot_info()->untyped.start; }

static void descriptions(RtPool* pool) {
    (void)pool;
    RT_EXPECT(count() > 0 && count() <= CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS);
    for (seL4_Word i = 0; i < count(); i++) {
        const seL4_UntypedDesc* memory = &rt_boot_info()->untypedList[i];
        RT_EXPECT(memory->sizeBits >= seL4_MinUntypedBits && memory->sizeBits <= seL4_MaxUntypedBits);
        // Aligned to its size; beyond the kernel's own window the seL4 kernel does without that.
        if (!memory->isDevice || memory->paddr < 1ul << 39) {
            RT_EXPECT_EQUAL(memory->paddr & ((1ul << memory->sizeBits) - 1), 0);
        }
        RT_EXPECT(memory->isDevice <= 1);
        for (int p = 0; p < 6; p++) {
            RT_EXPECT_EQUAL(memory->padding[p], 0);
        }
    }
}

static bool overlap(seL4_Word a, seL4_Word a_size, seL4_Word b, seL4_Word b_size) {
    return a < b + b_size && b < a + a_size;
}

static void no_memory_twice(RtPool* pool) {
    (void)pool;
    // Registers through which a program could get at the kernel: the first I/O APIC's and the local APIC's.
    const seL4_Word reserved[] = {0xfec00000, 0xfee00000};
    for (seL4_Word i = 0; i < count(); i++) {
        const seL4_UntypedDesc* a = &rt_boot_info()->untypedList[i];
        for (seL4_Word j = i + 1; j < count(); j++) {
            const seL4_UntypedDesc* b = &rt_boot_info()->untypedList[j];
            if (overlap(a->paddr, 1ul << a->sizeBits, b->paddr, 1ul << b->sizeBits)) {
                rt_fail(__FILE_NAME__, __LINE__, "untyped %lu at %#lx and untyped %lu at %#lx overlap", i, a->paddr, j,
                        b->paddr);
            }
        }
        for (int r = 0; r < 2; r++) {
            RT_EXPECT(!overlap(a->paddr, 1ul << a->sizeBits, reserved[r], 4096));
        }
    }
}

/// The addresses are true: frames from the memory tell them.
static void addresses(RtPool* pool) {
    seL4_CPtr slot = rt_pool_slot(pool);
    for (seL4_Word i = 0; i < count(); i++) {
        const seL4_UntypedDesc* memory = &rt_boot_info()->untypedList[i];
        seL4_CPtr untyped = rt_boot_info()->untyped.start + i;
        if (!memory->isDevice && memory->sizeBits > 28) {
            continue;  // the first Retype clears it all, which takes an emulator seconds
        }
        seL4_Error error = (seL4_Error)seL4_Untyped_Retype(untyped, seL4_X86_4K, 0, ROOT, 0, 0, slot, 1);
        if (memory->sizeBits < seL4_PageBits) {
            RT_EXPECT_EQUAL(error, seL4_NotEnoughMemory);
            continue;
        }
        if (error == seL4_NotEnoughMemory) {
            continue;  // the test's own pool took it all
        }
        RT_REQUIRE(error);
        seL4_X86_Page_GetAddress_t got = seL4_X86_Page_GetAddress(slot);
        RT_EXPECT_EQUAL(got.error, seL4_NoError);
        if (memory->isDevice) {
            RT_EXPECT_EQUAL(got.paddr, memory->paddr);
        } else {
            RT_EXPECT(got.paddr >= memory->paddr && got.paddr < memory->paddr + (1ul << memory->sizeBits));
        }
        RT_REQUIRE(seL4_CNode_Delete(ROOT, slot, DEPTH));
        // Endpoints come from memory, not from devices.
        error = (seL4_Error)seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, ROOT, 0, 0, slot, 1);
        RT_EXPECT_EQUAL(error, memory->isDevice ? seL4_InvalidArgument : seL4_NoError);
        RT_REQUIRE(seL4_CNode_Delete(ROOT, slot, DEPTH));
    }
}

/// Blocks behind the boot information's frame, each with its length; together as long as the boot information says.
static void additional_blocks(RtPool* pool) {
    (void)pool;
    const seL4_BootInfo* info = rt_boot_info();
    const seL4_Word pages = info->extraBIPages.end - info->extraBIPages.start;
    RT_EXPECT_EQUAL(pages, (info->extraLen + 4095) / 4096);
    seL4_Word at = (seL4_Word)info + seL4_BootInfoFrameSize, end = at + info->extraLen;
    bool has_frequency = false;
    while (at < end) {
        const seL4_BootInfoHeader* header = (const seL4_BootInfoHeader*)at;
        RT_EXPECT(header->id < SEL4_BOOTINFO_HEADER_NUM);
        RT_EXPECT(header->len >= sizeof *header && header->len <= end - at);
        if (rt_failed()) {
            return;
        }
        if (header->id == SEL4_BOOTINFO_HEADER_X86_TSC_FREQ) {
            has_frequency = true;
            RT_EXPECT(*(const unsigned*)(at + sizeof *header) > 0);
        }
        at += header->len;
    }
    RT_EXPECT_EQUAL(at, end);
    RT_EXPECT(has_frequency);
}

/// Their frames' capabilities are in the order of addresses.
static void frames_of_additional_blocks(RtPool* pool) {
    const seL4_BootInfo* info = rt_boot_info();
    for (seL4_CPtr frame = info->extraBIPages.start; frame < info->extraBIPages.end; frame++) {
        void* elsewhere;
        RT_REQUIRE(rt_pool_map(pool, mint(pool, frame, seL4_CanRead, 0), seL4_CanRead, &elsewhere));
        const seL4_Word* here =
            (const seL4_Word*)((seL4_Word)info + seL4_BootInfoFrameSize + (frame - info->extraBIPages.start) * 4096);
        for (size_t w = 0; w < 512; w++) {
            RT_EXPECT_EQUAL(((const seL4_Word*)elsewhere)[w], here[w]);
        }
    }
}

static const RtTest tests[] = {
    {"descriptions of untyped memory", descriptions},
    {"no memory is handed out twice, nor the interrupt controllers' registers", no_memory_twice},
    {"the physical addresses of untyped memory", addresses},
    {"additional blocks of the boot information", additional_blocks},
    {"the frames of the additional blocks", frames_of_additional_blocks},
};

const RtTestGroup memory_tests = TEST_GROUP(tests);
