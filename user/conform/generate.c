/* SPDX-License-Identifier: BSD-2-Clause */
/// The steps of random scripts. Everything here follows from the seed and from what earlier steps showed, so a kernel that
/// answers alike gets the same script.
///
/// What would hang the run or depend on the machine is left out (make_safe()): interrupts of real devices, ports that do
/// something, two runnable threads of one priority, registers that no user program may have.
#include "model.h"

enum { plan_length = 16, slots_every = 40 };

/// Steps that follow each other, front first.
static struct {
    Step steps[plan_length];
    unsigned first, count;
} plan;
static unsigned taken;

static unsigned actor;  // the thread that takes the step

// -- Building steps ----------------------------------------------------------------------------------------------------

static Step* append(void) {
    RT_ASSERT(plan.count < plan_length);
    Step* step = &plan.steps[(plan.first + plan.count++) % plan_length];
    *step = (Step){.thread = (uint8_t)actor, .call = seL4_SysCall};
    return step;
}

static void set_info(Step* step, seL4_Word label) {
    step->info = label << 12 | (seL4_Word)step->cap_count << 7 | step->word_count;
}

static Step* invoke(seL4_Word label, seL4_Word target, const char* caps, const seL4_Word* cap_values, unsigned words,
                    const seL4_Word* word_values) {
    Step* step = append();
    step->target = target;
    while (caps[step->cap_count] != 0) {
        step->caps[step->cap_count] = cap_values[step->cap_count];
        step->cap_count++;
    }
    step->word_count = (uint8_t)words;
    for (unsigned i = 0; i < words; i++) {
        step->words[i] = word_values[i];
    }
    set_info(step, label);
    return step;
}

#define WORDS(...) \
    sizeof((seL4_Word[]){__VA_ARGS__}) / sizeof(seL4_Word), (seL4_Word[]) { __VA_ARGS__ }
#define NO_WORDS 0, NULL
#define CAPS0 "", NULL
#define CAPS1(a) \
    "1", (seL4_Word[]) { a }
#define CAPS2(a, b) \
    "12", (seL4_Word[]) { a, b }
#define CAPS3(a, b, c) \
    "123", (seL4_Word[]) { a, b, c }

static seL4_Word odd_word(void) {
    static const seL4_Word values[] = {0,        1,          2,         3,         7,         8,    12,
                                       64,       65,         255,       256,       4095,      4096, 0x1000,
                                       1u << 31, 0xffffffff, 1ul << 40, 1ul << 47, ~0ul >> 1, ~0ul, 1ul << 63};
    return values[random_below(sizeof values / sizeof *values)];
}

static unsigned any_slot(void) { return 1 + (unsigned)random_below(model_slots - 1); }

/// A slot that is not empty; among those that scripts filled, mostly.
static unsigned taken_slot(void) {
    unsigned first = chance(75) ? slot_free : 1;
    for (unsigned i = 0; i < 24; i++) {
        unsigned slot = first + (unsigned)random_below(model_slots - first);
        if (model.slots[slot].kind != kind_empty) {
            return slot;
        }
    }
    return slot_notification;
}

static unsigned find(enum Kind kind, unsigned otherwise) {
    unsigned slot = model_find(kind);
    return slot != 0 ? slot : otherwise;
}

static unsigned free_slot(unsigned count) {
    unsigned slot = model_free(count);
    return slot != 0 ? slot : slot_free + 8;
}

// -- Memory ------------------------------------------------------------------------------------------------------------

static seL4_Word random_type(unsigned size) {
    static const seL4_Word types[] = {
        seL4_UntypedObject,
        seL4_UntypedObject,
        seL4_TCBObject,
        seL4_TCBObject,
        seL4_EndpointObject,
        seL4_EndpointObject,
        seL4_NotificationObject,
        seL4_NotificationObject,
        seL4_CapTableObject,
        seL4_X86_4K,
        seL4_X86_4K,
        seL4_X86_4K,
        seL4_X86_PageTableObject,
        seL4_X86_PageTableObject,
        seL4_X86_PageDirectoryObject,
        seL4_X86_PDPTObject,
        seL4_X64_PML4Object,
    };
    if (size >= 21 && chance(60)) {
        return seL4_X86_LargePageObject;
    }
    return chance(1) ? odd_word() : types[random_below(sizeof types / sizeof *types)];
}

static void retype(void) {
    bool from_device = chance(8);
    unsigned from = from_device ? find(kind_device, slot_device) : find(kind_untyped, slot_untyped);
    if (!from_device && chance(50)) {
        from = slot_untyped;
    }
    unsigned size = model.slots[from].size;
    seL4_Word type = random_type(size), bits = 0;
    if (from_device) {
        static const seL4_Word types[] = {seL4_X86_LargePageObject, seL4_X64_HugePageObject, seL4_X86_4K,
                                          seL4_UntypedObject};
        type = types[random_below(4)];
    }
    if (type == seL4_UntypedObject) {
        bits = from_device ? 24 : size > 12 && chance(40) ? 12 : 4 + random_below(9);
    } else if (type == seL4_CapTableObject) {
        bits = 1 + random_below(5);
    }
    unsigned count = chance(70) ? 1 : 1 + (unsigned)random_below(4);
    seL4_Word node = slot_root, index = 0, depth = 0, offset = free_slot(count);
    if (chance(5)) {
        node = find(kind_cnode, slot_node);
        offset = random_below(16);
    } else if (chance(5)) {
        index = slot_root;
        depth = slot_bits;
    }
    invoke(UntypedRetype, from, CAPS1(node), WORDS(type, bits, index, depth, offset, count));
}

// -- Capability spaces -------------------------------------------------------------------------------------------------

static seL4_Word random_rights(void) { return chance(60) ? 15 : random_below(16); }

static seL4_Word badge_for(unsigned slot) {
    if (model.slots[slot].kind == kind_cnode) {
        return seL4_CNode_CapData_new(0, chance(70) ? 56 : random_below(64)).words[0];
    }
    return chance(20) ? 0 : 1 + random_below(250);
}

static unsigned copyable_slot(void) {
    static const uint8_t usual[] = {kind_endpoint,   kind_notification, kind_frame,    kind_tcb,
                                    kind_cnode,      kind_irq_handler,  kind_untyped,  kind_large_frame,
                                    kind_huge_frame, kind_io_port,      kind_asid_pool};
    return chance(80) ? find(usual[random_below(sizeof usual)], slot_endpoint) : taken_slot();
}

static void copy(void) {
    invoke(CNodeCopy, slot_root, CAPS1(slot_root),
           WORDS(free_slot(1), slot_bits, copyable_slot(), slot_bits, random_rights()));
}

static void mint(void) {
    static const uint8_t usual[] = {kind_endpoint, kind_endpoint, kind_notification, kind_cnode};
    unsigned from = chance(80) ? find(usual[random_below(4)], slot_endpoint) : copyable_slot();
    for (unsigned i = 0; i < 8 && model.slots[from].badged; i++) {
        from = find(usual[random_below(4)], slot_endpoint);
    }
    invoke(CNodeMint, slot_root, CAPS1(slot_root),
           WORDS(free_slot(1), slot_bits, from, slot_bits, random_rights(), badge_for(from)));
}

static void move(void) {
    invoke(CNodeMove, slot_root, CAPS1(slot_root), WORDS(free_slot(1), slot_bits, taken_slot(), slot_bits));
}

static void move_away(void) {
    if (chance(50)) {
        invoke(CNodeMove, slot_node, CAPS1(slot_root), WORDS(random_below(16), node_bits, taken_slot(), slot_bits));
    } else {
        invoke(CNodeMove, slot_root, CAPS1(slot_node), WORDS(free_slot(1), slot_bits, random_below(16), node_bits));
    }
}

static void mutate(void) {
    unsigned from = chance(60) ? find(kind_cnode, slot_node) : taken_slot();
    seL4_Word badge = model.slots[from].kind == kind_cnode ? badge_for(from) : 0;
    if (from <= slot_node) {
        from = taken_slot();
    }
    invoke(CNodeMutate, slot_root, CAPS1(slot_root), WORDS(free_slot(1), slot_bits, from, slot_bits, badge));
}

static void rotate(void) {
    unsigned source = taken_slot(), pivot = taken_slot(), to = chance(70) ? free_slot(1) : source;
    invoke(CNodeRotate, slot_root, CAPS2(slot_root, slot_root),
           WORDS(to, slot_bits, 0, pivot, slot_bits, 0, source, slot_bits));
}

static void delete(void) {
    unsigned slot =
        chance(90) ? slot_free + (unsigned)random_below(model_slots - slot_free) : 4 + (unsigned)random_below(28);
    if (model.slots[slot].kind == kind_empty) {
        slot = taken_slot();
    }
    invoke(CNodeDelete, slot_root, CAPS0, WORDS(slot, slot_bits));
}

static void revoke(void) {
    unsigned slot = chance(40) ? find(kind_untyped, slot_untyped) : taken_slot();
    if (slot == slot_root && chance(80)) {
        slot = slot_untyped;
    }
    invoke(CNodeRevoke, slot_root, CAPS0, WORDS(slot, slot_bits));
}

static void cancel_badged_sends(void) {
    invoke(CNodeCancelBadgedSends, slot_root, CAPS0, WORDS(find(kind_endpoint, slot_badged_endpoint), slot_bits));
}

static void save_caller(void) { invoke(CNodeSaveCaller, slot_root, CAPS0, WORDS(free_slot(1), slot_bits)); }

// -- Threads -----------------------------------------------------------------------------------------------------------

static unsigned a_thread(void) { return chance(60) ? slot_tcb + (unsigned)random_below(4) : find(kind_tcb, slot_tcb); }

/// The slot of a thread that is not the one that takes the step.
static unsigned another_thread(void) {
    for (unsigned i = 0; i < 8; i++) {
        unsigned slot = a_thread();
        if (model.slots[slot].object != actor + 1) {
            return slot;
        }
    }
    return slot_tcb + (actor + 1) % thread_count;
}

/// A priority that nobody else has.
static seL4_Word priority_for(unsigned slot) {
    unsigned object = model.slots[slot].kind == kind_tcb ? model.slots[slot].object : 0;
    if (object >= 1 && object <= thread_count) {
        return first_priority - 52 + 4 * random_below(20) + object - 1;
    }
    return model.priorities < 46 ? 2u + model.priorities++ : 0;
}

static void registers(void) {
    unsigned slot = another_thread();
    switch (random_below(4)) {
    case 0:
    case 1:
        invoke(TCBReadRegisters, slot, CAPS0, WORDS(random_below(2), chance(90) ? 1 + random_below(20) : odd_word()));
        break;
    case 2: {
        seL4_Word window = WINDOW_BASE + (random_below(window_count) << WINDOW_SHIFT);
        invoke(TCBWriteRegisters, slot, CAPS0,
               WORDS(chance(40), 1 + random_below(8), window + (chance(50) ? ENTRY_UD2 : ENTRY_LOAD), 0, ENTRY_FLAGS,
                     random_below(100), random_below(100), 0, 0, 0));
        break;
    }
    default:
        invoke(TCBCopyRegisters, slot, CAPS1(chance(90) ? a_thread() : taken_slot()), WORDS(random_below(16)));
    }
}

static void space(void) {
    unsigned slot = chance(60) ? find(kind_tcb, slot_tcb) : another_thread();
    seL4_Word root = chance(85) ? slot_guarded_root : taken_slot(), data = 0;
    seL4_Word vspace = chance(70) ? slot_vspace : find(kind_pml4, slot_vspace);
    seL4_Word fault = chance(70) ? slot_fault + random_below(4) : taken_slot();
    if (chance(50)) {
        invoke(TCBSetSpace, slot, CAPS2(root, vspace), WORDS(fault, data, 0));
    } else {
        seL4_Word buffer = chance(50) ? 0 : WINDOW_BASE + (random_below(8) << WINDOW_SHIFT) + WINDOW_SCRATCH;
        invoke(TCBConfigure, slot, CAPS3(root, vspace, buffer == 0 ? 0 : find(kind_frame, slot_frame)),
               WORDS(fault, data, 0, buffer));
    }
}

static void priorities(void) {
    unsigned slot = a_thread();
    seL4_Word authority = chance(90) ? slot_tcb + random_below(4) : taken_slot();
    switch (random_below(3)) {
    case 0:
        invoke(TCBSetPriority, slot, CAPS1(authority), WORDS(priority_for(slot)));
        break;
    case 1:
        invoke(TCBSetMCPriority, slot, CAPS1(authority), WORDS(chance(80) ? 200 + random_below(56) : odd_word()));
        break;
    default:
        invoke(TCBSetSchedParams, slot, CAPS1(authority), WORDS(200 + random_below(56), priority_for(slot)));
    }
}

static void lifecycle(void) {
    unsigned slot = chance(50) ? find(kind_tcb, slot_tcb) : another_thread();
    switch (random_below(8)) {
    case 0:
    case 1:
        invoke(TCBSuspend, slot, CAPS0, NO_WORDS);
        break;
    case 2:
        invoke(TCBResume, slot, CAPS0, NO_WORDS);
        break;
    case 3:
    case 4:
        invoke(TCBBindNotification, slot, CAPS1(find(kind_notification, slot_notification)), NO_WORDS);
        break;
    case 5:
        invoke(TCBUnbindNotification, slot, CAPS0, NO_WORDS);
        break;
    case 6:
        invoke(TCBSetTLSBase, slot, CAPS0, WORDS(random_below(1 << 20)));
        break;
    default:
        invoke(TCBSetFlags, slot, CAPS0, WORDS(random_below(4), random_below(4)));
    }
}

static void buffer(void) {
    unsigned slot = find(kind_tcb, slot_tcb);
    if (model.slots[slot].object <= thread_count && chance(70)) {
        slot = another_thread();
    }
    seL4_Word address = WINDOW_BASE + (random_below(8) << WINDOW_SHIFT) + WINDOW_SCRATCH + 0x400 * random_below(4);
    invoke(TCBSetIPCBuffer, slot, CAPS1(find(kind_frame, slot_frame)), WORDS(chance(90) ? address : odd_word()));
}

/// Makes a thread of the script's run a system call of its own in one of the upper windows.
static void spawn(void) {
    unsigned slot = model_find(kind_tcb);
    if (slot == 0 || (model.slots[slot].object >= 1 && model.slots[slot].object <= thread_count)) {
        slot = free_slot(1);
        invoke(UntypedRetype, slot_untyped, CAPS1(slot_root), WORDS(seL4_TCBObject, 0, 0, 0, slot, 1));
    }
    seL4_Word window = WINDOW_BASE + ((thread_count + random_below(window_count - thread_count)) << WINDOW_SHIFT);
    invoke(TCBConfigure, slot, CAPS3(slot_guarded_root, slot_vspace, 0), WORDS(slot_fault_endpoint, 0, 0, 0));
    invoke(TCBSetSchedParams, slot, CAPS1(slot_tcb + actor),
           WORDS(chance(50) ? 255 : 100, model.priorities < 46 ? 2u + model.priorities++ : 0));
    static const seL4_Word calls[] = {(seL4_Word)seL4_SysSend, (seL4_Word)seL4_SysCall, (seL4_Word)seL4_SysRecv,
                                      (seL4_Word)seL4_SysSend, (seL4_Word)seL4_SysNBSend};
    seL4_Word call = calls[random_below(5)];
    seL4_Word target = call == (seL4_Word)seL4_SysRecv ? find(kind_endpoint, slot_endpoint)
                       : chance(50)                    ? find(kind_notification, slot_notification)
                                                       : find(kind_endpoint, slot_endpoint);
    invoke(TCBWriteRegisters, slot, CAPS0,
           WORDS(1, 18, window + ENTRY_SYSCALL, 0, ENTRY_FLAGS, 0, 0, window + ENTRY_NEXT, call, 3, target, 0, 11, 12,
                 13, ENTRY_FLAGS, 0, 0, 0, 0));
}

// -- Messages ----------------------------------------------------------------------------------------------------------

static void fill_message(Step* step) {
    step->word_count = (uint8_t)(chance(80) ? random_below(6) : random_below(12));
    for (unsigned i = 0; i < step->word_count; i++) {
        step->words[i] = random_below(256);
    }
    if (chance(25)) {
        step->cap_count = (uint8_t)(1 + random_below(2));
        for (unsigned i = 0; i < step->cap_count; i++) {
            step->caps[i] = copyable_slot();
        }
    }
    set_info(step, chance(80) ? 0 : random_below(1000));
}

static void message(int32_t call, seL4_Word target) {
    if (call == seL4_SysRecv && chance(40)) {
        Step* where = append();
        where->operation = operation_receive;
        where->word_count = 3;
        where->words[0] = chance(90) ? slot_root : taken_slot();
        where->words[1] = chance(90) ? free_slot(1) : taken_slot();
        where->words[2] = slot_bits;
    }
    Step* step = append();
    step->call = call;
    step->target = target;
    if (call != seL4_SysRecv && call != seL4_SysNBRecv && call != seL4_SysYield) {
        fill_message(step);
    }
}

static unsigned idle_threads(void) {
    unsigned count = 0;
    for (unsigned i = 0; i < thread_count; i++) {
        count += is_idle(i);
    }
    return count;
}

/// Gives a thread that waits what it waits for, if it is in the actor's power.
static bool wake_somebody(void) {
    unsigned start = (unsigned)random_below(thread_count);
    for (unsigned i = 0; i < thread_count; i++) {
        unsigned other = (start + i) % thread_count;
        const ThreadModel* thread = &model.threads[other];
        if (is_idle(other)) {
            continue;
        }
        if (model.threads[actor].has_caller && chance(70)) {
            message(seL4_SysReply, 0);
            return true;
        }
        if (thread->waits_to == wait_receive) {
            message(chance(60) && idle_threads() > 1 ? seL4_SysCall
                    : chance(50)                     ? seL4_SysSend
                                                     : seL4_SysNBSend,
                    thread->waits_at);
            return true;
        }
        if (thread->waits_to == wait_send || (thread->waits_to == wait_reply && chance(50))) {
            message(chance(80) ? seL4_SysRecv : seL4_SysNBRecv, thread->waits_at);
            return true;
        }
        if (thread->waits_to == wait_fault && chance(60)) {
            message(seL4_SysNBRecv, slot_fault_endpoint);
            return true;
        }
    }
    return false;
}

static void ipc(void) {
    if (chance(65) && wake_somebody()) {
        return;
    }
    unsigned endpoint = find(kind_endpoint, slot_endpoint), notification = find(kind_notification, slot_notification);
    if (chance(60)) {
        endpoint = slot_endpoint + (unsigned)random_below(3);
    }
    switch (random_below(idle_threads() > 2 ? 12 : 8)) {
    case 0:
    case 1:
        message(seL4_SysSend, notification);
        break;
    case 2:
        message(seL4_SysNBSend, notification);
        break;
    case 3:
        message(seL4_SysNBRecv, chance(50) ? notification : endpoint);
        break;
    case 4:
        message(seL4_SysNBSend, endpoint);
        break;
    case 5:
        message(seL4_SysYield, 0);
        break;
    case 6:
        message(model.threads[actor].has_caller ? seL4_SysReply : seL4_SysNBRecv, notification);
        break;
    case 7: {
        unsigned reply = model_find(kind_reply);
        message(seL4_SysSend, reply != 0 ? reply : notification);
        break;
    }
    case 8:
    case 9:
        message(seL4_SysRecv, endpoint);
        break;
    case 10:
        message(chance(50) ? seL4_SysSend : seL4_SysCall, endpoint);
        break;
    default:
        message(chance(50) ? seL4_SysReplyRecv : seL4_SysRecv, chance(70) ? endpoint : notification);
    }
}

static void fault(void) {
    static const uint16_t entries[] = {ENTRY_UD2, ENTRY_DIVIDE, ENTRY_HLT, ENTRY_INT3};
    Step* step = append();
    switch (random_below(6)) {
    case 0:
        step->operation = operation_load;
        step->target = chance(80) ? place_address((unsigned)random_below(places)) : odd_word();
        break;
    case 1:
        step->operation = operation_store;
        step->target = place_address((unsigned)random_below(places)) + 8 * random_below(8);
        step->word_count = 1;
        step->words[0] = random_below(1000);
        break;
    case 2:
        step->operation = operation_execute;
        step->target = WINDOW_BASE + (chance(50) ? WINDOW_CODE + ENTRY_RETURN : WINDOW_SCRATCH);
        break;
    case 3:
        step->operation = operation_enter;
        step->target = entries[random_below(4)];
        break;
    case 4:
        step->call = (int32_t)(100 + random_below(1000));  // a number of no system call
        step->target = random_below(100);
        step->word_count = 4;
        for (unsigned i = 0; i < 4; i++) {
            step->words[i] = random_below(100);
        }
        break;
    default:
        step->call = chance(50) ? seL4_SysCall : seL4_SysSend;
        step->target = chance(50) ? free_slot(1) : 0x400 + random_below(1000);
        break;
    }
}

// -- Address spaces ----------------------------------------------------------------------------------------------------

static const seL4_Word default_attributes = 0;

/// The paging structures that a place needs below its PML4, once; what is there already answers DeleteFirst.
static void map_table(void) {
    static const struct {
        uint8_t kind, label;
        uint16_t type;
    } tables[3] = {{kind_page_table, X86PageTableMap, seL4_X86_PageTableObject},
                   {kind_directory, X86PageDirectoryMap, seL4_X86_PageDirectoryObject},
                   {kind_pdpt, X86PDPTMap, seL4_X86_PDPTObject}};
    unsigned level = chance(60) ? 0 : 1 + (unsigned)random_below(2);
    unsigned slot = model_find(tables[level].kind);
    if (slot == 0 || model.slots[slot].mapped) {
        slot = free_slot(1);
        invoke(UntypedRetype, slot_untyped, CAPS1(slot_root), WORDS(tables[level].type, 0, 0, 0, slot, 1));
    }
    unsigned place = (unsigned)random_below(places);
    if (level == 1) {
        place = 8 + (unsigned)random_below(4);
    } else if (level == 2) {
        place = 10 + (unsigned)random_below(2);
    }
    seL4_Word vspace = chance(80) ? slot_vspace : find(kind_pml4, slot_vspace);
    invoke(tables[level].label, slot, CAPS1(vspace), WORDS(place_address(place) & ~0x1ffffful, default_attributes));
}

static void map_page(void) {
    unsigned slot = chance(80)   ? find(kind_frame, slot_frame)
                    : chance(70) ? find(kind_large_frame, slot_frame)
                                 : find(kind_huge_frame, slot_frame);
    seL4_Word address = place_address((unsigned)(chance(60) ? random_below(4) : random_below(places)));
    if (model.slots[slot].kind == kind_large_frame) {
        address = 0x10a00000 + (random_below(3) << 21);
    } else if (model.slots[slot].kind == kind_huge_frame) {
        address = 0x80000000 + (random_below(3) << 30);
    } else if (model.slots[slot].mapped && chance(70)) {
        address = place_address(model.slots[slot].where);
    }
    seL4_Word vspace = chance(90) ? slot_vspace : find(kind_pml4, slot_vspace);
    invoke(X86PageMap, slot, CAPS1(vspace), WORDS(address, random_rights(), chance(70) ? 0 : random_below(8)));
}

static void unmap(void) {
    static const struct {
        uint8_t kind, label;
    } ways[] = {{kind_frame, X86PageUnmap},
                {kind_frame, X86PageUnmap},
                {kind_large_frame, X86PageUnmap},
                {kind_page_table, X86PageTableUnmap},
                {kind_directory, X86PageDirectoryUnmap},
                {kind_pdpt, X86PDPTUnmap},
                {kind_huge_frame, X86PageUnmap},
                {kind_frame, X86PageGetAddress},
                {kind_large_frame, X86PageGetAddress}};
    unsigned i = (unsigned)random_below(sizeof ways / sizeof *ways);
    unsigned slot = model_find(ways[i].kind);
    if (slot == 0) {
        invoke(X86PageGetAddress, slot_frame + random_below(3), CAPS0, NO_WORDS);
    } else {
        invoke(ways[i].label, slot, CAPS0, NO_WORDS);
    }
}

/// Uses memory that is mapped, as far as known.
static void touch(void) {
    unsigned slot = model_find(kind_frame);
    for (unsigned i = 0; i < 6 && !model.slots[slot].mapped; i++) {
        slot = model_find(kind_frame);
    }
    seL4_Word address = model.slots[slot].mapped ? place_address(model.slots[slot].where)
                                                 : WINDOW_BASE + (random_below(8) << WINDOW_SHIFT) + WINDOW_SCRATCH;
    Step* step = append();
    step->operation = chance(50) ? operation_store : operation_load;
    step->target = address + 8 * random_below(8);
    step->word_count = 1;
    step->words[0] = random_below(100000);
}

static void asid(void) {
    if (chance(60)) {
        unsigned slot = model_find(kind_pml4);
        if (slot == 0 || model.slots[slot].mapped) {
            slot = free_slot(1);
            invoke(UntypedRetype, slot_untyped, CAPS1(slot_root), WORDS(seL4_X64_PML4Object, 0, 0, 0, slot, 1));
        }
        invoke(X86ASIDPoolAssign, find(kind_asid_pool, slot_asid_pool), CAPS1(slot), NO_WORDS);
        return;
    }
    unsigned slot = free_slot(2);
    invoke(UntypedRetype, slot_untyped, CAPS1(slot_root),
           WORDS(seL4_UntypedObject, chance(90) ? 12 : 13, 0, 0, slot, 1));
    invoke(X86ASIDControlMakePool, control_asid, CAPS2(slot, slot_root), WORDS(slot + 1, slot_bits));
}

// -- Devices -----------------------------------------------------------------------------------------------------------

static void ports(void) {
    unsigned slot = find(kind_io_port, slot_io_port);
    seL4_Word port = model.slots[slot].ports + random_below(chance(90) ? 4 : 40);
    switch (random_below(8)) {
    case 0:
        invoke(X86IOPortIn8, slot, CAPS0, WORDS(port));
        break;
    case 1:
        invoke(X86IOPortIn16, slot, CAPS0, WORDS(port));
        break;
    case 2:
        invoke(X86IOPortIn32, slot, CAPS0, WORDS(port));
        break;
    case 3:
        invoke(X86IOPortOut8, slot, CAPS0, WORDS(port, random_below(256)));
        break;
    case 4:
        invoke(X86IOPortOut16, slot, CAPS0, WORDS(port, random_below(256)));
        break;
    case 5:
        invoke(X86IOPortOut32, slot, CAPS0, WORDS(port, random_below(256)));
        break;
    default:
        port = 0x330 + random_below(0x30);
        invoke(X86IOPortControlIssue, control_io_port, CAPS1(slot_root),
               WORDS(port, port + random_below(8), free_slot(1), slot_bits));
    }
}

static void interrupts(void) {
    unsigned slot = find(kind_irq_handler, slot_irq_handler);
    switch (random_below(6)) {
    case 0:
        invoke(IRQAckIRQ, slot, CAPS0, NO_WORDS);
        break;
    case 1:
        invoke(IRQSetIRQHandler, slot, CAPS1(chance(85) ? find(kind_notification, slot_notification) : taken_slot()),
               NO_WORDS);
        break;
    case 2:
        invoke(IRQClearIRQHandler, slot, CAPS0, NO_WORDS);
        break;
    case 3:
        invoke(X86IRQIssueIRQHandlerIOAPIC, control_irq, CAPS1(slot_root),
               WORDS(free_slot(1), slot_bits, 0, 16 + random_below(8), random_below(2), random_below(2),
                     random_below(100)));
        break;
    default:
        invoke(X86IRQIssueIRQHandlerMSI, control_irq, CAPS1(slot_root),
               WORDS(free_slot(1), slot_bits, random_below(256), random_below(32), random_below(8), random_below(9),
                     random_below(100)));
    }
}

static void domain(void) { invoke(DomainSetSet, control_domain, CAPS1(a_thread()), WORDS(0)); }

// -- Nonsense ----------------------------------------------------------------------------------------------------------

/// Any label at any capability, with numbers that are mostly slots or small.
static void nonsense(void) {
    Step* step = append();
    unsigned words = (unsigned)random_below(9), caps = (unsigned)random_below(4);
    step->target = chance(15) ? control_irq + random_below(5) : taken_slot();
    step->word_count = (uint8_t)words;
    step->cap_count = (uint8_t)caps;
    for (unsigned i = 0; i < words; i++) {
        step->words[i] = chance(40) ? any_slot() : chance(60) ? random_below(16) : odd_word();
    }
    for (unsigned i = 0; i < caps; i++) {
        step->caps[i] = any_slot();
    }
    set_info(step, random_below(nArchInvocationLabels + 2));
}

/// One thing about a step becomes another.
static void spoil(Step* step) {
    switch (random_below(5)) {
    case 0:
        if (step->word_count > 0) {
            step->words[random_below(step->word_count)] = odd_word();
        }
        break;
    case 1:
        if (step->cap_count > 0) {
            step->caps[random_below(step->cap_count)] = any_slot();
        }
        break;
    case 2:
        if (step->word_count > 0) {
            step->word_count--;
            set_info(step, step->info >> 12);
        }
        break;
    case 3:
        if (step->cap_count > 0) {
            step->cap_count--;
            set_info(step, step->info >> 12);
        }
        break;
    default:
        step->target = any_slot();
    }
}

/// Takes what would make the run depend on more than the kernel's answers out of a step.
static void make_safe(Step* step) {
    if (step->operation != operation_syscall) {
        return;
    }
    seL4_Word label = step->info >> 12;
    seL4_Word* w = step->words;
    switch (label) {
    case TCBSetPriority:
        w[0] = w[0] > 255 ? w[0] : priority_for(step->target < model_slots ? (unsigned)step->target : 0);
        break;
    case TCBSetSchedParams:
        w[1] = w[1] > 255 ? w[1] : priority_for(step->target < model_slots ? (unsigned)step->target : 0);
        break;
    case TCBSetTLSBase:
        w[0] &= 0xffffffff;
        break;
    case TCBWriteRegisters:
        // Instruction and stack pointer, flags: what the generator makes, unless spoilt.
        w[2] = w[2] >= 1ul << 47 ? 0x1000 : w[2];
        w[3] = w[3] >= 1ul << 47 ? 0x1000 : w[3];
        w[4] = ENTRY_FLAGS;
        w[20] = w[21] = 0;
        break;
    case TCBCopyRegisters:
        // Two threads that each suspend themselves and resume the other would do so for ever.
        w[0] &= (w[0] & 3) == 3 ? ~2ul : ~0ul;
        break;
    case X86IOPortControlIssue:
        if (step->target == control_io_port) {
            w[0] = 0x330 + w[0] % 0x30;
            w[1] = w[1] > 0xffff ? w[1] : w[0] + w[1] % 8;
        }
        break;
    case IRQIssueIRQHandler:
        w[0] = w[0] > 255 ? w[0] : 3;
        break;
    case X86IRQIssueIRQHandlerIOAPIC:
        w[3] = w[3] > 255 ? w[3] : 16 + w[3] % 8;
        break;
    case DomainScheduleConfigure:
    case DomainScheduleSetStart:
        if (step->target >> slot_bits == control_irq >> slot_bits) {
            step->target = slot_notification;
            step->call = seL4_SysNBSend;
        }
        break;
    }
}

// -- The script --------------------------------------------------------------------------------------------------------

static const struct {
    uint8_t weight;
    void (*make)(void);
} makers[] = {
    {24, retype},     {7, copy},      {8, mint},     {4, move},       {3, move_away},
    {2, mutate},      {3, rotate},    {7, delete},   {4, revoke},     {2, cancel_badged_sends},
    {3, save_caller}, {6, registers}, {4, space},    {4, priorities}, {6, lifecycle},
    {3, buffer},      {4, spawn},     {40, ipc},     {9, fault},      {7, map_table},
    {9, map_page},    {6, unmap},     {8, touch},    {5, asid},       {6, ports},
    {5, interrupts},  {1, domain},    {5, nonsense},
};

/// Somebody has to be able to take a step.
static bool restart_somebody(void) {
    unsigned idle = idle_threads();
    if (idle > 1 || (idle == 1 && chance(80))) {
        return false;
    }
    unsigned thread;
    do {
        thread = (unsigned)random_below(thread_count);
    } while (is_idle(thread));
    actor = thread;
    append()->operation = operation_restart;
    return true;
}

static void choose_actor(void) {
    do {
        actor = (unsigned)random_below(thread_count);
    } while (!is_idle(actor));
}

static void make_plan(void) {
    if (restart_somebody()) {
        return;
    }
    choose_actor();
    unsigned total = 0;
    for (unsigned i = 0; i < sizeof makers / sizeof *makers; i++) {
        total += makers[i].weight;
    }
    unsigned left = (unsigned)random_below(total), i = 0;
    while (left >= makers[i].weight) {
        left -= makers[i++].weight;
    }
    makers[i].make();
    if (chance(6)) {
        spoil(&plan.steps[(plan.first + plan.count - 1) % plan_length]);
    }
    if (chance(3)) {
        plan.steps[(plan.first + plan.count - 1) % plan_length].call = chance(50) ? seL4_SysNBSend : seL4_SysSend;
    }
    for (unsigned k = 0; k < plan.count; k++) {
        make_safe(&plan.steps[(plan.first + k) % plan_length]);
    }
}

void generate_begin(uint64_t seed) {
    random_seed(seed);
    model_begin(seed % 8 == 0);
    plan.first = plan.count = 0;
    taken = 0;
}

void generate_step(Step* step) {
    if (++taken % slots_every == 0) {
        *step = (Step){.operation = operation_slots, .word_count = 1, .words = {model_slots}};
        return;
    }
    if (plan.count > 0 && !is_idle(plan.steps[plan.first].thread) &&
        plan.steps[plan.first].operation < operation_restart) {
        plan.count = 0;  // the thread waits: the rest cannot be
    }
    if (plan.count == 0) {
        make_plan();
    }
    *step = plan.steps[plan.first];
    plan.first = (plan.first + 1) % plan_length;
    plan.count--;
}

void generate_learn(const Step* step, enum Outcome outcome) {
    if (outcome != outcome_skipped) {
        model_learn(step, outcome);
    }
    if (step->operation == operation_restart) {
        model.threads[step->thread] = (ThreadModel){0};
    }
}
