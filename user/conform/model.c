/* SPDX-License-Identifier: BSD-2-Clause */
#include "model.h"

Model model;

// -- Random numbers (SplitMix64) ---------------------------------------------------------------------------------------

static uint64_t state;

void random_seed(uint64_t seed) { state = seed * 0xd1342543de82ef95 + 0x63652362; }

uint64_t random_word(void) {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

uint64_t random_below(uint64_t limit) { return random_word() % limit; }
bool chance(unsigned percent) { return random_below(100) < percent; }

// -- Slots -------------------------------------------------------------------------------------------------------------

/// Four pages that share a table, four that need one, two that need a directory, too, and two that need all.
seL4_Word place_address(unsigned index) {
    static const seL4_Word addresses[places] = {
        0x10200000, 0x10201000, 0x10202000, 0x103ff000, 0x10400000,   0x10401000,
        0x10600000, 0x10800000, 0x40000000, 0x40200000, 0x8000000000, 0x8040000000,
    };
    return addresses[index % places];
}

static void set(unsigned slot, enum Kind kind, unsigned object) {
    model.slots[slot] = (SlotModel){.kind = (uint8_t)kind, .object = (uint8_t)object};
}

void model_begin(bool large) {
    model = (Model){.objects = 32};
    set(slot_root, kind_cnode, 5);
    set(slot_guarded_root, kind_cnode, 5);
    set(slot_node, kind_cnode, 6);
    for (unsigned i = 0; i < thread_count; i++) {
        set(slot_tcb + i, kind_tcb, 1 + i);
        set(slot_fault + i, kind_endpoint, 7);
        model.slots[slot_fault + i].badged = true;
    }
    set(slot_vspace, kind_pml4, 8);
    model.slots[slot_vspace].mapped = true;
    set(slot_asid_pool, kind_asid_pool, 9);
    set(slot_untyped, kind_untyped, 10);
    model.slots[slot_untyped].size = 17;
    set(slot_small_untyped, kind_untyped, 11);
    model.slots[slot_small_untyped].size = 15;
    set(slot_device, kind_device, 12);
    model.slots[slot_device].size = 31;
    if (large) {
        set(slot_large_untyped, kind_untyped, 13);
        model.slots[slot_large_untyped].size = 22;
    }
    set(slot_io_port, kind_io_port, 14);
    model.slots[slot_io_port].ports = 0x320;
    set(slot_irq_handler, kind_irq_handler, 15);
    set(slot_endpoint, kind_endpoint, 16);
    set(slot_badged_endpoint, kind_endpoint, 16);
    set(slot_send_endpoint, kind_endpoint, 16);
    set(slot_fault_endpoint, kind_endpoint, 7);
    set(slot_notification, kind_notification, 17);
    set(slot_badged_notification, kind_notification, 17);
    set(slot_other_notification, kind_notification, 18);
    model.slots[slot_badged_endpoint].badged = model.slots[slot_send_endpoint].badged = true;
    model.slots[slot_badged_notification].badged = true;
    for (unsigned i = 0; i < 3; i++) {
        set(slot_frame + i, kind_frame, 19 + i);
    }
    set(slot_page_table, kind_page_table, 23);
}

unsigned model_find(enum Kind kind) {
    unsigned start = (unsigned)random_below(model_slots);
    for (unsigned i = 0; i < model_slots; i++) {
        unsigned slot = (start + i) % model_slots;
        if (slot != 0 && model.slots[slot].kind == kind) {
            return slot;
        }
    }
    return 0;
}

unsigned model_free(unsigned count) {
    unsigned start = slot_free + (unsigned)random_below(model_slots - slot_free);
    for (unsigned i = 0; i < model_slots; i++) {
        unsigned slot = start + i;
        if (slot >= model_slots) {
            slot = slot - model_slots + slot_free;
        }
        unsigned length = 0;
        while (length < count && slot + length < model_slots && model.slots[slot + length].kind == kind_empty) {
            length++;
        }
        if (length == count) {
            return slot;
        }
    }
    return 0;
}

void model_refresh(void) {
    for (unsigned slot = 1; slot < model_slots; slot++) {
        bool there = slot_content(slot) != 0;
        if (!there) {
            model.slots[slot] = (SlotModel){0};
        } else if (model.slots[slot].kind == kind_empty) {
            model.slots[slot].kind = kind_unknown;
        }
    }
}

// -- Learning ----------------------------------------------------------------------------------------------------------

static enum Kind kind_of_type(seL4_Word type, bool is_device) {
    switch (type) {
    case seL4_UntypedObject:
        return is_device ? kind_device : kind_untyped;
    case seL4_TCBObject:
        return kind_tcb;
    case seL4_EndpointObject:
        return kind_endpoint;
    case seL4_NotificationObject:
        return kind_notification;
    case seL4_CapTableObject:
        return kind_cnode;
    case seL4_X86_4K:
        return kind_frame;
    case seL4_X86_LargePageObject:
        return kind_large_frame;
    case seL4_X64_HugePageObject:
        return kind_huge_frame;
    case seL4_X86_PageTableObject:
        return kind_page_table;
    case seL4_X86_PageDirectoryObject:
        return kind_directory;
    case seL4_X86_PDPTObject:
        return kind_pdpt;
    default:
        return kind_pml4;
    }
}

/// The slot that index and depth of a step name, if it is one of those that count here.
static unsigned slot_at(seL4_Word root, seL4_Word index, seL4_Word depth) {
    bool named =
        (root == slot_root && (depth & 0xff) == slot_bits) || (root == slot_guarded_root && (depth & 0xff) == 64);
    return named && index < model_slots ? (unsigned)index : 0;
}

static void learn_retype(const Step* step) {
    const seL4_Word* w = step->words;
    unsigned from = step->target < model_slots ? (unsigned)step->target : 0;
    if (step->caps[0] != slot_root || (w[3] & 0xff) != 0) {
        model_refresh();
        return;
    }
    for (seL4_Word i = 0; i < w[5]; i++) {
        seL4_Word slot = w[4] + i;
        if (slot < model_slots) {
            set((unsigned)slot, kind_of_type(w[0], model.slots[from].kind == kind_device), model.objects++);
            model.slots[slot].size = (uint8_t)w[1];
        }
    }
}

static void learn_cnode(const Step* step, seL4_Word label) {
    const seL4_Word* w = step->words;
    unsigned first = slot_at(step->target, w[0], w[1]);
    if (label == CNodeRevoke) {
        model_refresh();
    } else if (label == CNodeDelete) {
        if (model.slots[first].kind == kind_cnode || model.slots[first].kind == kind_tcb || first == 0) {
            model_refresh();
        }
        model.slots[first] = (SlotModel){0};
    } else if (label == CNodeCopy || label == CNodeMint) {
        unsigned source = slot_at(step->caps[0], w[2], w[3]);
        model.slots[first] = model.slots[source];
        model.slots[first].mapped = model.slots[first].kind == kind_pml4;
        model.slots[first].badged |= label == CNodeMint && w[5] != 0;
    } else if (label == CNodeMove || label == CNodeMutate) {
        unsigned source = slot_at(step->caps[0], w[2], w[3]);
        model.slots[first] = model.slots[source];
        model.slots[source] = (SlotModel){0};
    } else if (label == CNodeRotate) {
        unsigned pivot = slot_at(step->caps[0], w[3], w[4]), source = slot_at(step->caps[1], w[6], w[7]);
        SlotModel moved = model.slots[source];
        model.slots[source] = (SlotModel){0};
        model.slots[first] = model.slots[pivot];
        model.slots[pivot] = moved;
    } else if (label == CNodeSaveCaller) {
        set(first, kind_reply, 0);
        model.threads[step->thread].has_caller = false;
    }
}

static void learn_mapping(const Step* step, seL4_Word label) {
    unsigned slot = step->target < model_slots ? (unsigned)step->target : 0;
    bool maps = label == X86PageMap || label == X86PageTableMap || label == X86PageDirectoryMap || label == X86PDPTMap;
    bool unmaps =
        label == X86PageUnmap || label == X86PageTableUnmap || label == X86PageDirectoryUnmap || label == X86PDPTUnmap;
    if (maps || unmaps) {
        model.slots[slot].mapped = maps;
        for (unsigned i = 0; maps && i < places; i++) {
            if (place_address(i) == step->words[0]) {
                model.slots[slot].where = (uint8_t)i;
            }
        }
    } else if (label == X86ASIDPoolAssign && step->caps[0] < model_slots) {
        model.slots[step->caps[0]].mapped = true;
    } else if (label == X86ASIDControlMakePool) {
        set(slot_at(step->caps[1], step->words[0], step->words[1]), kind_asid_pool, model.objects++);
    } else if (label == X86IOPortControlIssue) {
        unsigned to = slot_at(step->caps[0], step->words[2], step->words[3]);
        set(to, kind_io_port, model.objects++);
        model.slots[to].ports = step->words[0];
    } else if (label == X86IRQIssueIRQHandlerIOAPIC || label == X86IRQIssueIRQHandlerMSI) {
        set(slot_at(step->caps[0], step->words[0], step->words[1]), kind_irq_handler, model.objects++);
    }
}

/// What a thread that is still in its system call waits for.
static void learn_waiting(const Step* step) {
    ThreadModel* thread = &model.threads[step->thread];
    thread->waits_at = step->target < model_slots ? (uint8_t)step->target : 0;
    if (step->operation != operation_syscall) {
        thread->waits_to = wait_fault;
        return;
    }
    switch (step->call) {
    case seL4_SysRecv:
    case seL4_SysReplyRecv:
        thread->waits_to = wait_receive;
        break;
    case seL4_SysSend:
        thread->waits_to = wait_send;
        break;
    case seL4_SysCall:
        thread->waits_to = wait_reply;
        break;
    default:
        thread->waits_to = wait_fault;
    }
}

void model_learn(const Step* step, enum Outcome outcome) {
    for (unsigned i = 0; i < thread_count; i++) {
        if (is_idle(i) && model.threads[i].waits_to != wait_nothing) {
            // It received something, perhaps from somebody who waits for a reply.
            model.threads[i].has_caller |= model.threads[i].waits_to == wait_receive;
            model.threads[i].waits_to = wait_nothing;
        }
    }
    if (outcome == outcome_waits) {
        learn_waiting(step);
        return;
    }
    if (step->operation != operation_syscall) {
        return;
    }
    ThreadModel* thread = &model.threads[step->thread];
    if (outcome == outcome_message) {
        thread->has_caller = true;
    } else if (step->call == seL4_SysReply) {
        thread->has_caller = false;
    }
    if (step->call == seL4_SysCall && outcome == outcome_success) {
        seL4_Word label = step->info >> 12;
        if (label == UntypedRetype) {
            learn_retype(step);
        } else if (label >= CNodeRevoke && label <= CNodeSaveCaller) {
            learn_cnode(step, label);
        } else {
            learn_mapping(step, label);
        }
    }
    model.slots[0] = (SlotModel){0};
}
