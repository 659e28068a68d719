/* SPDX-License-Identifier: BSD-2-Clause */
#include <antimono/pool.h>

#include <stdbool.h>

enum { page_size = 1 << seL4_PageBits, pml4_entry_bits = 39, last_pool = 250 };

static seL4_Word round_up(seL4_Word value, seL4_Word alignment) { return (value + alignment - 1) & ~(alignment - 1); }

seL4_Error rt_pool_create(RtPool* pool, seL4_Word size_bits, seL4_Word slots) {
    // Each pool gets an entry of the PML4 for itself. Paging structures die with the pool that they came from, so pools
    // must not share any; the image has the first entry.
    static seL4_Word pools;
    if (pools == last_pool) {
        return seL4_NotEnoughMemory;
    }
    seL4_CPtr untyped;
    seL4_Error error = rt_take_untyped(size_bits, &untyped);
    if (error != seL4_NoError) {
        return error;
    }
    seL4_CPtr first_slot = rt_take_slots(slots);
    if (first_slot == seL4_CapNull) {
        return seL4_NotEnoughMemory;
    }
    seL4_Word base = ++pools << pml4_entry_bits;
    *pool = (RtPool){
        .untyped = untyped,
        .size_bits = size_bits,
        .first_slot = first_slot,
        .next_slot = first_slot,
        .end_slot = first_slot + slots,
        .base = base,
        .next_page = base,
        .table_levels = {base, base, base},
    };
    return seL4_NoError;
}

seL4_Error rt_pool_reset(RtPool* pool) {
    seL4_Error error = (seL4_Error)seL4_CNode_Revoke(seL4_CapInitThreadCNode, pool->untyped, seL4_WordBits);
    // Revoking emptied the slots of what came from the memory; copies of other capabilities may remain.
    for (seL4_CPtr slot = pool->first_slot; error == seL4_NoError && slot < pool->next_slot; slot++) {
        error = (seL4_Error)seL4_CNode_Delete(seL4_CapInitThreadCNode, slot, seL4_WordBits);
    }
    if (error == seL4_NoError) {
        pool->used = 0;
        pool->next_slot = pool->first_slot;
        pool->next_page = pool->base;
        for (int level = 0; level < 3; level++) {
            pool->table_levels[level] = pool->base;
        }
    }
    return error;
}

seL4_CPtr rt_pool_slot(RtPool* pool) { return pool->next_slot == pool->end_slot ? seL4_CapNull : pool->next_slot++; }

seL4_Word rt_object_size_bits(seL4_Word type, seL4_Word size_bits) {
    switch (type) {
    case seL4_UntypedObject:
        return size_bits;
    case seL4_TCBObject:
        return seL4_TCBBits;
    case seL4_EndpointObject:
        return seL4_EndpointBits;
    case seL4_NotificationObject:
        return seL4_NotificationBits;
    case seL4_CapTableObject:
        return size_bits + seL4_SlotBits;
#ifdef CONFIG_KERNEL_MCS
    case seL4_SchedContextObject:
        return size_bits;
    case seL4_ReplyObject:
        return seL4_ReplyBits;
#endif
    case seL4_X86_LargePageObject:
        return seL4_LargePageBits;
    case seL4_X64_HugePageObject:
        return seL4_HugePageBits;
    default:
        return seL4_PageBits;  // 4 KiB frames and every paging structure
    }
}

seL4_Error rt_pool_retype_many(RtPool* pool, seL4_Word type, seL4_Word size_bits, seL4_Word count, seL4_CPtr* first) {
    // Checked here too, so that a pool that is full is an error value and not a line from a debug kernel.
    seL4_Word size = (seL4_Word)1 << rt_object_size_bits(type, size_bits);
    seL4_Word start = round_up(pool->used, size);
    seL4_Word capacity = (seL4_Word)1 << pool->size_bits;
    if (start > capacity || (capacity - start) / size < count || pool->end_slot - pool->next_slot < count) {
        return seL4_NotEnoughMemory;
    }
    seL4_Error error = (seL4_Error)seL4_Untyped_Retype(pool->untyped, type, size_bits, seL4_CapInitThreadCNode, 0, 0,
                                                       pool->next_slot, count);
    if (error == seL4_NoError) {
        *first = pool->next_slot;
        pool->next_slot += count;
        pool->used = start + count * size;
    }
    return error;
}

seL4_Error rt_pool_retype(RtPool* pool, seL4_Word type, seL4_Word size_bits, seL4_CPtr* object) {
    return rt_pool_retype_many(pool, type, size_bits, 1, object);
}

// -- Pages -----------------------------------------------------------------------------------------------------------

typedef int (*MapTable)(seL4_CPtr table, seL4_CPtr root, seL4_Word address, seL4_X86_VMAttributes attributes);

static int map_pdpt(seL4_CPtr table, seL4_CPtr root, seL4_Word address, seL4_X86_VMAttributes attributes) {
    return seL4_X86_PDPT_Map(table, root, address, attributes);
}

static int map_directory(seL4_CPtr table, seL4_CPtr root, seL4_Word address, seL4_X86_VMAttributes attributes) {
    return seL4_X86_PageDirectory_Map(table, root, address, attributes);
}

static int map_page_table(seL4_CPtr table, seL4_CPtr root, seL4_Word address, seL4_X86_VMAttributes attributes) {
    return seL4_X86_PageTable_Map(table, root, address, attributes);
}

/// The paging structures below the PML4, from the top: what one is, and how much it covers.
static const struct {
    seL4_Word type;
    seL4_Word cover_bits;
    MapTable map;
} levels[3] = {
    {seL4_X86_PDPTObject, pml4_entry_bits, map_pdpt},
    {seL4_X86_PageDirectoryObject, seL4_HugePageBits, map_directory},
    {seL4_X86_PageTableObject, seL4_LargePageBits, map_page_table},
};

/// Maps a new table. One that is there already is as good; the new one then stays in the pool until it is reset.
static seL4_Error map_table(RtPool* pool, int level, seL4_Word address) {
    seL4_CPtr table;
    seL4_Error error = rt_pool_retype(pool, levels[level].type, 0, &table);
    if (error == seL4_NoError) {
        error = (seL4_Error)levels[level].map(table, seL4_CapInitThreadVSpace, address, seL4_X86_Default_VMAttributes);
    }
    return error == seL4_DeleteFirst ? seL4_NoError : error;
}

/// Paging structures up to and including the page at `address`, which lies at or above everything mapped so far.
static seL4_Error cover(RtPool* pool, seL4_Word address) {
    for (int level = 0; level < 3; level++) {
        if (address >= pool->table_levels[level]) {
            seL4_Error error = map_table(pool, level, address);
            if (error != seL4_NoError) {
                return error;
            }
            seL4_Word covers = (seL4_Word)1 << levels[level].cover_bits;
            pool->table_levels[level] = (address & ~(covers - 1)) + covers;
        }
    }
    return seL4_NoError;
}

seL4_Error rt_pool_map(RtPool* pool, seL4_CPtr frame, seL4_CapRights_t rights, void** address) {
    seL4_Error error = cover(pool, pool->next_page);
    if (error == seL4_NoError) {
        error = (seL4_Error)seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, pool->next_page, rights,
                                              seL4_X86_Default_VMAttributes);
    }
    if (error == seL4_NoError) {
        *address = (void*)pool->next_page;
        pool->next_page += page_size;
    }
    return error;
}

seL4_Error rt_pool_map_pages(RtPool* pool, seL4_Word count, void** address, seL4_CPtr* first_frame) {
    seL4_CPtr frames;
    seL4_Error error = rt_pool_retype_many(pool, seL4_X86_4K, 0, count, &frames);
    if (error != seL4_NoError) {
        return error;
    }
    pool->next_page += page_size;
    *address = (void*)pool->next_page;
    for (seL4_Word i = 0; error == seL4_NoError && i < count; i++) {
        void* page;
        error = rt_pool_map(pool, frames + i, seL4_ReadWrite, &page);
    }
    pool->next_page += page_size;
    if (error == seL4_NoError && first_frame != NULL) {
        *first_frame = frames;
    }
    return error;
}

seL4_Error rt_pool_prepare_address(RtPool* pool, seL4_Word address) {
    for (int level = 0; level < 3; level++) {
        seL4_Error error = map_table(pool, level, address & ~((seL4_Word)page_size - 1));
        if (error != seL4_NoError) {
            return error;
        }
    }
    return seL4_NoError;
}
