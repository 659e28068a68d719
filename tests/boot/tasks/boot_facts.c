// SPDX-License-Identifier: GPL-2.0-only
//
// Prints the boot information as the kernel left it, one fact a line, for tests/boot/checks.py.
#include <antimono/runtime.h>

static void print_region(const char* name, seL4_SlotRegion region) {
    rt_printf("region %s %lu %lu\n", name, region.start, region.end);
}

static void print_extra(const seL4_BootInfo* info) {
    const unsigned char* block = (const unsigned char*)info + seL4_BootInfoFrameSize;
    const unsigned char* end = block + info->extraLen;
    while (block + sizeof(seL4_BootInfoHeader) <= end) {
        const seL4_BootInfoHeader* header = (const void*)block;
        RT_ASSERT(header->len >= sizeof *header && header->len <= (seL4_Word)(end - block));
        rt_printf("extra %lu %lu ", header->id, header->len);
        for (seL4_Word at = sizeof *header; at < header->len; at++) {
            rt_printf("%02x", block[at]);
        }
        rt_printf("\n");
        block += header->len;
    }
}

#ifdef CONFIG_DEBUG_BUILD
/// Runs of slots with capabilities of the same type.
static void print_tags(const seL4_BootInfo* info) {
    seL4_Word slots = (seL4_Word)1 << info->initThreadCNodeSizeBits;
    seL4_Word start = 0;
    seL4_Word tag = seL4_DebugCapIdentify(0);
    for (seL4_Word slot = 1; slot <= slots; slot++) {
        seL4_Word next = slot < slots ? seL4_DebugCapIdentify(slot) : ~(seL4_Word)0;
        if (next != tag) {
            rt_printf("tag %lu %lu %lu\n", start, slot, tag);
            start = slot;
            tag = next;
        }
    }
}
#endif

int main(const seL4_BootInfo* info) {
    extern char rt_image_base[], rt_image_end[];
    rt_printf("value address %lu\n", (seL4_Word)info);
    rt_printf("value ipcBuffer %lu\n", (seL4_Word)info->ipcBuffer);
    rt_printf("value image_start %lu\n", (seL4_Word)rt_image_base);
    rt_printf("value image_end %lu\n", (seL4_Word)rt_image_end);
    rt_printf("value extraLen %lu\n", info->extraLen);
    rt_printf("value nodeID %lu\n", info->nodeID);
    rt_printf("value numNodes %lu\n", info->numNodes);
    rt_printf("value numIOPTLevels %lu\n", info->numIOPTLevels);
    rt_printf("value initThreadCNodeSizeBits %lu\n", info->initThreadCNodeSizeBits);
    rt_printf("value initThreadDomain %lu\n", (seL4_Word)info->initThreadDomain);
    print_region("empty", info->empty);
    print_region("sharedFrames", info->sharedFrames);
    print_region("userImageFrames", info->userImageFrames);
    print_region("userImagePaging", info->userImagePaging);
    print_region("ioSpaceCaps", info->ioSpaceCaps);
    print_region("extraBIPages", info->extraBIPages);
    print_region("untyped", info->untyped);
    for (seL4_Word i = 0; i < CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS; i++) {
        const seL4_UntypedDesc* untyped = &info->untypedList[i];
        if (i < info->untyped.end - info->untyped.start) {
            rt_printf("untyped %lu %u %u\n", untyped->paddr, untyped->sizeBits, untyped->isDevice);
        } else {
            RT_ASSERT(untyped->paddr == 0 && untyped->sizeBits == 0 && untyped->isDevice == 0);
        }
    }
    print_extra(info);
#ifdef CONFIG_DEBUG_BUILD
    print_tags(info);
#endif
    rt_printf("end of facts\n");
    return 0;
}
