/* SPDX-License-Identifier: BSD-2-Clause */
/// The capabilities that workers may abuse.
///
///     root (the workers' CSpace; no capability in it names it, so what is in it stays)
///      |- 1  arena: every kind of capability, by slot ranges, itself and the annex among them
///      |- 2  annex: a second CNode, empty at first
///      |- 8  IRQControl, IOPortControl, Domain: they can be invoked, but neither moved nor deleted
///      |- 16 the supervisor's endpoint, badged, for each worker
///
/// All of arena and annex comes from one untyped capability that the supervisor alone holds: revoking it destroys whatever
/// calls have made of it. Half of the slots hold copies of what the supervisor keeps, the other half the only
/// capability, so that deleting it destroys the object.
#include "hostile.h"

enum {
    memory_bits = 24,
    spare_objects = 64,  // slots for what the supervisor keeps
    irq_handlers = 8,
    first_vector = 80,  // of the handlers that the arena starts with
    port_covers = 3,
};

const KindRange arena[arena_kinds] = {
    [kind_cnode] = {1, 7},          [kind_untyped] = {8, 16},      [kind_endpoint] = {24, 16},
    [kind_notification] = {40, 16}, [kind_tcb] = {56, 16},         [kind_frame] = {72, 24},
    [kind_large_frame] = {96, 2},   [kind_page_table] = {98, 12},  [kind_directory] = {110, 8},
    [kind_pdpt] = {118, 8},         [kind_pml4] = {126, 8},        [kind_asid_control] = {134, 2},
    [kind_asid_pool] = {136, 4},    [kind_irq_handler] = {140, 8}, [kind_io_port] = {148, 6},
    [kind_free] = {160, 96},
};

seL4_CPtr sandbox_root, sandbox_memory;
static seL4_CPtr originals;  // a CNode like the arena, out of reach: what copies are made of
static seL4_CPtr arena_node, annex_node, small_node, large_node, new_root;
static seL4_CPtr irq_handler[irq_handlers], harmless_ports, covers[port_covers];
static RtPool pool;

static const seL4_CPtr own = seL4_CapInitThreadCNode;

static seL4_CPtr new_slot(void) {
    seL4_CPtr slot = rt_take_slots(1);
    RT_ASSERT(slot != seL4_CapNull);
    return slot;
}

/// Ports that do something are taken, so that IOPortControl can give out harmless ones only.
static void take_ports(void) {
    static const uint16_t taken[port_covers][2] = {
        {0, harmless_port_first - 1}, {harmless_port_last + 1, 0x3f7}, {0x400, 0xffff}};
    rt_printf("hostile: ports %#x to %#x are free, all others taken\n", harmless_port_first, harmless_port_last);
    for (unsigned i = 0; i < port_covers; i++) {
        covers[i] = new_slot();
        RT_CHECK(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, taken[i][0], taken[i][1], own, covers[i],
                                              seL4_WordBits));
    }
    harmless_ports = new_slot();
    RT_CHECK(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, harmless_port_first,
                                          harmless_port_first + harmless_port_count - 1, own, harmless_ports,
                                          seL4_WordBits));
}

void sandbox_prepare(void) {
    take_ports();
    for (unsigned i = 0; i < irq_handlers; i++) {
        irq_handler[i] = new_slot();
        RT_CHECK(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, own, irq_handler[i], seL4_WordBits, 0, 2 + i, 0, 0,
                                           first_vector + i));
    }
    RT_CHECK(rt_take_untyped(memory_bits, &sandbox_memory));
    RT_CHECK(rt_pool_create(&pool, 16, spare_objects));
    RT_CHECK(rt_pool_retype(&pool, seL4_CapTableObject, root_bits, &sandbox_root));
    originals = new_slot();
    arena_node = new_slot();
    annex_node = new_slot();
    small_node = new_slot();
    large_node = new_slot();
    new_root = new_slot();
    RT_CHECK(seL4_CNode_Move(sandbox_root, root_irq_control, root_bits, own, seL4_CapIRQControl, seL4_WordBits));
    RT_CHECK(seL4_CNode_Move(sandbox_root, root_io_port_control, root_bits, own, seL4_CapIOPortControl, seL4_WordBits));
#if CONFIG_NUM_DOMAINS == 1
    RT_CHECK(seL4_CNode_Copy(sandbox_root, root_domain, root_bits, own, seL4_CapDomain, seL4_WordBits, seL4_AllRights));
#endif
}

void sandbox_close(void) {
    RT_CHECK(seL4_CNode_Move(own, seL4_CapIRQControl, seL4_WordBits, sandbox_root, root_irq_control, root_bits));
    RT_CHECK(seL4_CNode_Move(own, seL4_CapIOPortControl, seL4_WordBits, sandbox_root, root_io_port_control, root_bits));
    for (unsigned i = 0; i < port_covers; i++) {
        RT_CHECK(seL4_CNode_Delete(own, covers[i], seL4_WordBits));
    }
    RT_CHECK(seL4_CNode_Delete(own, harmless_ports, seL4_WordBits));
    for (unsigned i = 0; i < irq_handlers; i++) {
        RT_CHECK(seL4_CNode_Delete(own, irq_handler[i], seL4_WordBits));
    }
}

// -- One sandbox -----------------------------------------------------------------------------------------------------

static seL4_Error retype(seL4_Word type, seL4_Word bits, seL4_CPtr node, seL4_Word slot) {
    return (seL4_Error)seL4_Untyped_Retype(sandbox_memory, type, bits, own, node, seL4_WordBits, slot, 1);
}

static seL4_CPtr make_node(seL4_CPtr slot, seL4_Word bits) {
    RT_CHECK(seL4_Untyped_Retype(sandbox_memory, seL4_CapTableObject, bits, own, 0, 0, slot, 1));
    return slot;
}

static seL4_Error copy(seL4_CPtr to, seL4_Word slot, seL4_CPtr from) {
    return (seL4_Error)seL4_CNode_Copy(to, slot, arena_bits, own, from, seL4_WordBits, seL4_AllRights);
}

static seL4_Error mint(seL4_CPtr to, seL4_Word slot, seL4_CPtr from, seL4_Word guard_bits) {
    return (seL4_Error)seL4_CNode_Mint(to, slot, arena_bits, own, from, seL4_WordBits, seL4_AllRights,
                                       seL4_CNode_CapData_new(0, guard_bits).words[0]);
}

static seL4_Word object_type(Kind kind) {
    switch (kind) {
    case kind_untyped:
        return seL4_UntypedObject;
    case kind_endpoint:
        return seL4_EndpointObject;
    case kind_notification:
        return seL4_NotificationObject;
    case kind_tcb:
        return seL4_TCBObject;
    case kind_frame:
        return seL4_X86_4K;
    case kind_large_frame:
        return seL4_X86_LargePageObject;
    case kind_page_table:
        return seL4_X86_PageTableObject;
    case kind_directory:
        return seL4_X86_PageDirectoryObject;
    case kind_pdpt:
        return seL4_X86_PDPTObject;
    case kind_pml4:
        return seL4_X64_PML4Object;
    default:
        RT_PANIC("no object of kind %d", kind);
    }
}

/// Sizes of the untyped capabilities of the arena, log2: ASID pools need 12, large frames 21.
static seL4_Word untyped_bits(seL4_Word index) {
    static const uint8_t bits[16] = {12, 12, 12, 12, 12, 12, 14, 14, 14, 14, 16, 16, 16, 18, 18, 21};
    return bits[index % 16];
}

/// Whether the arena's slot holds a copy of an original.
static bool is_copied(Kind kind, seL4_Word index) {
    switch (kind) {
    case kind_endpoint:
    case kind_notification:
    case kind_frame:
        return index % 2 == 1;
    case kind_tcb:
        return index >= worker_count && index % 2 == 1;
    case kind_pml4:
        return index >= worker_count;
    default:
        return false;
    }
}

/// Puts what slot `first + index` of the arena should hold into it; fails if something is there.
static seL4_Error provide(Kind kind, seL4_Word index) {
    seL4_Word slot = arena[kind].first + index;
    if (is_copied(kind, index)) {
        bool has_badge = (kind == kind_endpoint || kind == kind_notification) && index % 4 == 3;
        seL4_CapRights_t rights =
            index % 8 < 6 ? seL4_AllRights : seL4_CapRights_new(index % 2, 1, index & 1, index >> 3 & 1);
        return (seL4_Error)seL4_CNode_Mint(arena_node, slot, arena_bits, originals, slot, arena_bits, rights,
                                           has_badge ? index : 0);
    }
    switch (kind) {
    case kind_cnode: {
        static const seL4_CPtr* const nodes[7] = {&arena_node, &annex_node, &arena_node, &small_node,
                                                  &large_node, &annex_node, &small_node};
        static const uint8_t guards[7] = {0, 0, 56, 0, 0, 56, 60};
        return mint(arena_node, slot, *nodes[index], guards[index]);
    }
    case kind_tcb:
        return index < worker_count ? copy(arena_node, slot, worker_tcb((unsigned)index))
                                    : retype(seL4_TCBObject, 0, arena_node, slot);
    case kind_pml4:
        return copy(arena_node, slot, worker_pml4((unsigned)index));
    case kind_untyped:
        return retype(seL4_UntypedObject, untyped_bits(index), arena_node, slot);
    case kind_asid_control:
        return copy(arena_node, slot, seL4_CapASIDControl);
    case kind_asid_pool:
        return copy(arena_node, slot, seL4_CapInitThreadASIDPool);
    case kind_irq_handler:
        return copy(arena_node, slot, irq_handler[index % irq_handlers]);
    case kind_io_port:
        return copy(arena_node, slot, harmless_ports);
    default:
        return retype(object_type(kind), 0, arena_node, slot);
    }
}

/// What copies are made of. A root table cannot be copied before it has an ASID.
static void make_original(Kind kind, seL4_Word slot) {
    if (kind != kind_pml4) {
        RT_CHECK(retype(object_type(kind), 0, originals, slot));
        return;
    }
    RT_CHECK(seL4_Untyped_Retype(sandbox_memory, seL4_X64_PML4Object, 0, own, 0, 0, new_root, 1));
    RT_CHECK(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, new_root));
    RT_CHECK(seL4_CNode_Move(originals, slot, arena_bits, own, new_root, seL4_WordBits));
}

void sandbox_build(void) {
    make_node(originals, arena_bits);
    make_node(arena_node, arena_bits);
    make_node(annex_node, arena_bits);
    make_node(small_node, 4);
    make_node(large_node, 10);
    RT_CHECK(seL4_CNode_Copy(sandbox_root, root_arena, root_bits, own, arena_node, seL4_WordBits, seL4_AllRights));
    RT_CHECK(seL4_CNode_Copy(sandbox_root, root_annex, root_bits, own, annex_node, seL4_WordBits, seL4_AllRights));
    for (Kind kind = 0; kind < kind_free; kind++) {
        for (seL4_Word i = 0; i < arena[kind].count; i++) {
            if (is_copied(kind, i)) {
                make_original(kind, arena[kind].first + i);
            }
            RT_CHECK(provide(kind, i));
        }
    }
}

void sandbox_replenish(void) {
    for (int i = 0; i < 12; i++) {
        Kind kind = (Kind)random_below(kind_free);
        // Mostly something is there, and now and then the memory is used up.
        provide(kind, random_below(arena[kind].count));
    }
}

void sandbox_destroy(void) {
    RT_CHECK(seL4_CNode_Revoke(own, sandbox_memory, seL4_WordBits));
    // One object takes it all: so nothing lives in it, and nobody else has a capability to it.
    RT_CHECK(seL4_Untyped_Retype(sandbox_memory, seL4_UntypedObject, memory_bits, own, 0, 0, originals, 1));
    RT_CHECK(seL4_CNode_Delete(own, originals, seL4_WordBits));
}
