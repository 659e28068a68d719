/* SPDX-License-Identifier: BSD-2-Clause */
/// The boot information in words (seL4 manual, "Initial Thread's Environment").
#include "boot_info.h"

#include <antimono/runtime.h>

static void print_slots(const char* what, seL4_SlotRegion region) {
    seL4_Word count = region.end - region.start;
    if (count == 0) {
        rt_printf("  %-28s none\n", what);
    } else {
        rt_printf("  %-28s %lu to %lu (%lu)\n", what, region.start, region.end - 1, count);
    }
}

/// `bytes` in the largest unit in which it has at most four digits.
static void print_size(seL4_Word bytes) {
    static const char* const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    unsigned unit = 0;
    seL4_Word value = bytes;
    while (unit < 4 && value >= 10240) {
        value >>= 10;
        unit++;
    }
    rt_printf("%lu %s", value, units[unit]);
}

static void print_untyped(const seL4_BootInfo* info) {
    seL4_Word count[2][seL4_MaxUntypedBits + 1] = {{0}};
    seL4_Word total[2] = {0}, entries[2] = {0};
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        const seL4_UntypedDesc* untyped = &info->untypedList[i];
        int device = untyped->isDevice != 0;
        RT_ASSERT(untyped->sizeBits <= seL4_MaxUntypedBits);
        count[device][untyped->sizeBits]++;
        entries[device]++;
        total[device] += (seL4_Word)1 << untyped->sizeBits;
    }
    rt_printf(
        "Untyped memory\n"
        "  size     RAM  device\n");
    for (int bits = 0; bits <= seL4_MaxUntypedBits; bits++) {
        if (count[0][bits] + count[1][bits] != 0) {
            rt_printf("  2^%-2d  %6lu  %6lu\n", bits, count[0][bits], count[1][bits]);
        }
    }
    const char* const kinds[] = {"RAM", "device"};
    for (int device = 0; device < 2; device++) {
        rt_printf("  %-6s   %lu capabilities, ", kinds[device], entries[device]);
        print_size(total[device]);
        rt_printf("\n");
    }
}

static const char* extra_name(seL4_Word id) {
    switch (id) {
    case SEL4_BOOTINFO_HEADER_PADDING:
        return "padding";
    case SEL4_BOOTINFO_HEADER_X86_VBE:
        return "VESA BIOS information";
    case SEL4_BOOTINFO_HEADER_X86_MBMMAP:
        return "memory map";
    case SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP:
        return "ACPI RSDP";
    case SEL4_BOOTINFO_HEADER_X86_FRAMEBUFFER:
        return "framebuffer";
    case SEL4_BOOTINFO_HEADER_X86_TSC_FREQ:
        return "TSC frequency";
    case SEL4_BOOTINFO_HEADER_FDT:
        return "device tree";
    default:
        return "unknown";
    }
}

/// The blocks behind the boot information's page, each with a header that gives its length.
static void print_extra(const seL4_BootInfo* info) {
    rt_printf("Further boot information, %lu bytes\n", info->extraLen);
    const char* start = (const char*)info + seL4_BootInfoFrameSize;
    for (seL4_Word at = 0; at + sizeof(seL4_BootInfoHeader) <= info->extraLen;) {
        const seL4_BootInfoHeader* header = (const void*)(start + at);
        RT_ASSERT(header->len >= sizeof *header && header->len <= info->extraLen - at);
        rt_printf("  %-28s %lu bytes\n", extra_name(header->id), header->len);
        at += header->len;
    }
}

void print_boot_info(const seL4_BootInfo* info) {
    rt_printf("Boot information\n");
    rt_printf("  %-28s %p\n", "address", (const void*)info);
    rt_printf("  %-28s %p\n", "IPC buffer", (void*)info->ipcBuffer);
    rt_printf("  %-28s %lu of %lu\n", "node", info->nodeID, info->numNodes);
    rt_printf("  %-28s %lu\n", "domain", (seL4_Word)info->initThreadDomain);
    if (info->numIOPTLevels == (seL4_Word)-1) {
        rt_printf("  %-28s none\n", "IOMMU");
    } else {
        rt_printf("  %-28s %lu page-table levels\n", "IOMMU", info->numIOPTLevels);
    }
    rt_printf("  %-28s 2^%lu slots\n", "root CNode", info->initThreadCNodeSizeBits);
    rt_printf("Slots of the root CNode\n");
    print_slots("image frames", info->userImageFrames);
    print_slots("image paging structures", info->userImagePaging);
    print_slots("further boot information", info->extraBIPages);
    print_slots("frames shared between nodes", info->sharedFrames);
    print_slots("I/O spaces", info->ioSpaceCaps);
    print_slots("untyped memory", info->untyped);
    print_slots("empty", info->empty);
    print_untyped(info);
    print_extra(info);
}
