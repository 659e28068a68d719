/* SPDX-License-Identifier: BSD-2-Clause */
/// Nothing is lost: what can be had of everything that is finite is the same at the end as at the start.
#include "hostile.h"

#include <antimono/thread.h>

typedef struct Inventory {
    seL4_Word ports, interrupts, asid_pools, asids;
} Inventory;
static Inventory at_start;

enum { scratch_slots = 1200, pool_bits = 22, table_bits = 16, window = 0x7000000000 };
static const seL4_CPtr own = seL4_CapInitThreadCNode;
static RtPool pool;

static seL4_CPtr slot(void) {
    seL4_CPtr result = rt_pool_slot(&pool);
    RT_ASSERT(result != seL4_CapNull);
    return result;
}

/// Runs of ports that nobody has, each at least one long, counted port by port.
static seL4_Word count_ports(void) {
    seL4_CPtr port = slot();
    seL4_Word free = 0;
    for (seL4_Word number = 0; number < 65536; number++) {
        if (seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, number, number, own, port, seL4_WordBits) ==
            seL4_NoError) {
            free++;
            RT_CHECK(seL4_CNode_Delete(own, port, seL4_WordBits));
        }
    }
    return free;
}

static seL4_Word count_interrupts(void) {
    seL4_CPtr handler = slot();
    seL4_Word free = 0;
    for (seL4_Word vector = 0; vector < 256; vector++) {
        if (seL4_IRQControl_GetMSI(seL4_CapIRQControl, own, handler, seL4_WordBits, 0, 0, 0, 0, vector) ==
            seL4_NoError) {
            free++;
            RT_CHECK(seL4_CNode_Delete(own, handler, seL4_WordBits));
        }
    }
    return free;
}

static seL4_Word count_asid_pools(void) {
    for (seL4_Word made = 0;; made++) {
        seL4_CPtr memory, destination = slot();
        RT_CHECK(rt_pool_retype(&pool, seL4_UntypedObject, seL4_ASIDPoolBits, &memory));
        if (seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, memory, own, destination, seL4_WordBits) !=
            seL4_NoError) {
            return made;
        }
    }
}

static seL4_Word count_asids(void) {
    for (seL4_Word assigned = 0;; assigned++) {
        seL4_CPtr root;
        RT_CHECK(rt_pool_retype(&pool, seL4_X64_PML4Object, 0, &root));
        if (seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, root) != seL4_NoError) {
            return assigned;
        }
    }
}

static Inventory count_all(void) {
    Inventory result = {count_ports(), count_interrupts(), count_asid_pools(), count_asids()};
    RT_CHECK(rt_pool_reset(&pool));
    return result;
}

void inventory_take(void) {
    RT_CHECK(rt_pool_create(&pool, pool_bits, scratch_slots));
    at_start = count_all();
    rt_printf("hostile: %lu ports, %lu interrupts, %lu ASID pools, %lu ASIDs are free\n", at_start.ports,
              at_start.interrupts, at_start.asid_pools, at_start.asids);
}

// -- Memory ----------------------------------------------------------------------------------------------------------

/// Whether all of a page is zero.
static bool is_zero(const seL4_Word* words, seL4_Word bytes) {
    seL4_Word found = 0;
    for (seL4_Word i = 0; i < bytes / sizeof *words; i++) {
        found |= words[i];
    }
    return found == 0;
}

/// Makes large pages of an untyped capability, as many as it has room for, and reads every byte of them.
static void check_pages(seL4_CPtr untyped, seL4_Word size_bits, seL4_CPtr slots, seL4_Word slot_count) {
    seL4_Word pages = (seL4_Word)1 << (size_bits - seL4_LargePageBits);
    for (seL4_Word done = 0; done < pages;) {
        seL4_Word count = pages - done < slot_count ? pages - done : slot_count;
        RT_CHECK(seL4_Untyped_Retype(untyped, seL4_X86_LargePageObject, 0, own, 0, 0, slots, count));
        for (seL4_Word i = 0; i < count; i++) {
            RT_CHECK(seL4_X86_Page_Map(slots + i, seL4_CapInitThreadVSpace, window, seL4_ReadWrite,
                                       seL4_X86_Default_VMAttributes));
            RT_ASSERT(is_zero((const seL4_Word*)window, (seL4_Word)1 << seL4_LargePageBits));
            // Written, so that the kernel has to clear it again.
            *(seL4_Word*)window = i + 1;
            RT_CHECK(seL4_X86_Page_Unmap(slots + i));
        }
        // The slots are needed again, but one page stays: without any, the kernel would start from the beginning.
        if (done == 0) {
            RT_CHECK(seL4_CNode_Move(own, slots + slot_count, seL4_WordBits, own, slots, seL4_WordBits));
        }
        for (seL4_Word i = 0; i < count; i++) {
            RT_CHECK(seL4_CNode_Delete(own, slots + i, seL4_WordBits));
        }
        done += count;
    }
    RT_CHECK(seL4_CNode_Revoke(own, untyped, seL4_WordBits));
}

/// Revokes every untyped capability that the kernel gave at boot, and takes all of each: to the last byte as one object,
/// then as pages, which must be clear.
static void check_memory(const seL4_BootInfo* info) {
    enum { page_slots = 64 };
    seL4_CPtr slots = rt_take_slots(page_slots + 4);
    RT_ASSERT(slots != seL4_CapNull);
    seL4_Word count = info->untyped.end - info->untyped.start, total = 0, read = 0, tables = count;
    for (seL4_Word i = 0; i < count; i++) {
        const seL4_UntypedDesc* untyped = &info->untypedList[i];
        if (untyped->isDevice) {
            continue;
        }
        seL4_CPtr cap = info->untyped.start + i;
        RT_CHECK(seL4_CNode_Revoke(own, cap, seL4_WordBits));
        RT_CHECK(seL4_Untyped_Retype(cap, seL4_UntypedObject, untyped->sizeBits, own, 0, 0, slots, 1));
        RT_CHECK(seL4_CNode_Revoke(own, cap, seL4_WordBits));
        total += (seL4_Word)1 << untyped->sizeBits;
        if (untyped->sizeBits >= table_bits && untyped->sizeBits < seL4_LargePageBits) {
            tables = i;
        }
    }
    rt_printf("hostile: all %lu bytes of RAM can be retyped\n", total);
    RT_ASSERT(tables != count);
    const seL4_CPtr root = seL4_CapInitThreadVSpace, table_memory = info->untyped.start + tables,
                    spare = slots + page_slots + 1;
    RT_CHECK(seL4_Untyped_Retype(table_memory, seL4_X86_PDPTObject, 0, own, 0, 0, spare, 1));
    RT_CHECK(seL4_Untyped_Retype(table_memory, seL4_X86_PageDirectoryObject, 0, own, 0, 0, spare + 1, 1));
    int error = seL4_X86_PDPT_Map(spare, root, window, seL4_X86_Default_VMAttributes);
    RT_ASSERT(error == seL4_NoError || error == seL4_DeleteFirst);
    RT_CHECK(seL4_X86_PageDirectory_Map(spare + 1, root, window, seL4_X86_Default_VMAttributes));
    for (seL4_Word i = 0; i < count; i++) {
        const seL4_UntypedDesc* untyped = &info->untypedList[i];
        if (!untyped->isDevice && untyped->sizeBits >= seL4_LargePageBits) {
            check_pages(info->untyped.start + i, untyped->sizeBits, slots, page_slots);
            read += (seL4_Word)1 << untyped->sizeBits;
        }
    }
    RT_CHECK(seL4_CNode_Revoke(own, table_memory, seL4_WordBits));
    rt_printf("hostile: %lu bytes of them were read as pages and are clear\n", read);
}

// -- The kernel still works ------------------------------------------------------------------------------------------

static seL4_CPtr calls;

static void answer(seL4_Word rounds) {
    seL4_MessageInfo_t info = seL4_Recv(calls, NULL);
    for (seL4_Word i = 1; i < rounds; i++) {
        seL4_SetMR(0, seL4_GetMR(0) + 1);
        info = seL4_ReplyRecv(calls, info, NULL);
    }
}

/// A thread that answers calls, out of memory that has been through it all.
static void check_ipc(void) {
    enum { rounds = 1000 };
    static RtPool fresh;
    static RtThread server;
    RT_CHECK(rt_pool_create(&fresh, 18, 64));
    RT_CHECK(rt_pool_retype(&fresh, seL4_EndpointObject, 0, &calls));
    RT_CHECK(rt_thread_create(&server, &fresh, seL4_CapNull, seL4_MaxPrio));
    RT_CHECK(rt_thread_start(&server, answer, rounds));
    for (seL4_Word i = 1; i < rounds; i++) {
        seL4_SetMR(0, i);
        seL4_Call(calls, seL4_MessageInfo_new(0, 0, 0, 1));
        RT_ASSERT(seL4_GetMR(0) == i + 1);
    }
    RT_CHECK(rt_pool_reset(&fresh));
    rt_printf("hostile: threads, messages and address spaces work\n");
}

void inventory_check(void) {
    Inventory now = count_all();
    RT_ASSERT(now.ports == at_start.ports);
    RT_ASSERT(now.interrupts == at_start.interrupts);
    RT_ASSERT(now.asid_pools == at_start.asid_pools);
    RT_ASSERT(now.asids == at_start.asids);
    rt_printf("hostile: ports, interrupts, ASID pools and ASIDs are all free again\n");
    check_memory(rt_boot_info());
    check_ipc();
    rt_printf("hostile: nothing is lost\n");
}
