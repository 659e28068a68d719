/* SPDX-License-Identifier: BSD-2-Clause */
/// Kernel objects out of untyped memory, and pages in the program's address space.
///
/// Nothing in an seL4 system is allocated behind the program's back: every object comes from an untyped capability by
/// seL4_Untyped_Retype and every capability needs a slot (seL4 manual, "Untyped Memory" and "Capability Spaces").
/// A pool holds the three things that this takes: one untyped capability, a run of empty slots in the root CNode, and
/// a range of addresses of its own. It hands out from each in order and takes everything back at once, by revoking
/// the untyped capability.
#pragma once

#include <sel4/sel4.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// -- What the kernel left to the root task ---------------------------------------------------------------------------

/// Takes `count` neighbouring empty slots of the root CNode for good. Returns the first, or seL4_CapNull if there are
/// not so many left.
seL4_CPtr rt_take_slots(seL4_Word count);

/// Takes RAM for good: places in `*untyped` a capability to 2^`size_bits` bytes of it, from the smallest boot untyped
/// capability that still has room. Returns seL4_NotEnoughMemory if none has, or no slot is left for it.
seL4_Error rt_take_untyped(seL4_Word size_bits, seL4_CPtr* untyped);

// -- Pools -----------------------------------------------------------------------------------------------------------

/// Read the fields as you like; only the functions below change them.
typedef struct RtPool {
    seL4_CPtr untyped;                          ///< the memory
    seL4_Word size_bits;                        ///< its size, log2 of bytes
    seL4_Word used;                             ///< bytes handed out; equals the kernel's watermark in the capability
    seL4_CPtr first_slot, next_slot, end_slot;  ///< slots [first, next) are in use, [next, end) empty
    seL4_Word base;                             ///< the pool's own 512 GiB of addresses, one entry of the PML4
    seL4_Word next_page;                        ///< first address not handed out
    seL4_Word table_levels[3];                  ///< end of what PDPT, page directory and page table cover so far
} RtPool;

/// Makes a pool of 2^`size_bits` bytes of RAM and `slots` empty slots.
seL4_Error rt_pool_create(RtPool* pool, seL4_Word size_bits, seL4_Word slots);

/// Destroys everything that came from the pool, by revoking its untyped capability. Slots into which the program moved
/// other capabilities are deleted too. Afterwards the pool is as new.
seL4_Error rt_pool_reset(RtPool* pool);

/// The next empty slot for the program's own use, for example to mint into; seL4_CapNull if there is none.
seL4_CPtr rt_pool_slot(RtPool* pool);

/// Makes an object and places its capability in `*object`. `size_bits` means what it means for seL4_Untyped_Retype:
/// log2 of the slots of a CNode or of the bytes of an untyped, ignored for every other type.
seL4_Error rt_pool_retype(RtPool* pool, seL4_Word type, seL4_Word size_bits, seL4_CPtr* object);

/// Makes `count` objects (1 to CONFIG_RETYPE_FAN_OUT_LIMIT) in one invocation, with their capabilities in neighbouring
/// slots from `*first`.
seL4_Error rt_pool_retype_many(RtPool* pool, seL4_Word type, seL4_Word size_bits, seL4_Word count, seL4_CPtr* first);

/// The size of an object in memory, log2 of bytes, for what rt_pool_retype() takes.
seL4_Word rt_object_size_bits(seL4_Word type, seL4_Word size_bits);

// -- Pages -----------------------------------------------------------------------------------------------------------

/// Maps `frame`, of 4 KiB, at the pool's next address and places that in `*address`. Paging structures that are missing
/// come from the pool.
seL4_Error rt_pool_map(RtPool* pool, seL4_CPtr frame, seL4_CapRights_t rights, void** address);

/// Maps `count` new zeroed pages, readable and writable, one behind the other, with an unmapped page before and after
/// them. `*first_frame`, unless null, becomes the capability of the first; the others' are in the slots behind.
seL4_Error rt_pool_map_pages(RtPool* pool, seL4_Word count, void** address, seL4_CPtr* first_frame);

/// Sees to it that every paging structure for the page at `address` of the initial address space exists. Takes 12 KiB
/// and three slots of the pool, whether or not they were missing.
seL4_Error rt_pool_prepare_address(RtPool* pool, seL4_Word address);

#ifdef __cplusplus
}
#endif
