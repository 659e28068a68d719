/* SPDX-License-Identifier: BSD-2-Clause */
/// Messages that fit an invocation: operands, words and capabilities that are mostly what it expects.
#include "message.h"

static seL4_Word slot_of(Kind kind) {
    if (kind == kind_any || chance(8)) {
        return random_below((seL4_Word)1 << arena_bits);
    }
    return arena[kind].first + random_below(arena[kind].count);
}

seL4_CPtr address_of(Kind kind) {
    switch (kind) {
    case kind_irq_control:
        return ARENA_CPTR(root_irq_control, 0);
    case kind_io_port_control:
        return ARENA_CPTR(root_io_port_control, 0);
    case kind_domain:
        return ARENA_CPTR(root_domain, 0);
    case kind_supervisor:
        return ARENA_CPTR(root_faults + random_below(worker_count), 0);
    default:
        return ARENA_CPTR(chance(95) ? root_arena : root_annex, slot_of(kind));
    }
}

seL4_CPtr any_address(void) {
    if (chance(10)) {
        return address_of((Kind)(kind_irq_control + random_below(4)));
    }
    return chance(95) ? address_of((Kind)random_below(arena_kinds)) : odd_word();
}

/// The slots of the arena that hold CNodes, with the depth at which each one's slots are found (sandbox.c).
static const struct {
    uint8_t slot, depth, bits;
} cnodes[] = {{1, 8, 8}, {1, 8, 8}, {1, 8, 8}, {2, 8, 8}, {3, 64, 8}, {4, 4, 4}, {5, 10, 10}, {6, 64, 8}};

Operand operand(Kind kind) {
    // What exists is mostly in the arena itself; what is new may go anywhere.
    unsigned which = kind != kind_free && chance(85) ? 4 * (unsigned)random_below(2)
                                                     : (unsigned)random_below(sizeof cnodes / sizeof *cnodes);
    Operand result = {ARENA_CPTR(root_arena, cnodes[which].slot), 0, cnodes[which].depth};
    result.index = cnodes[which].bits == arena_bits && cnodes[which].slot != annex_slot
                       ? slot_of(kind)
                       : random_below((seL4_Word)1 << cnodes[which].bits);
    if (chance(3)) {
        result.depth = odd_word();
    }
    if (chance(2)) {
        result.index = odd_word();
    }
    return result;
}

// -- Messages --------------------------------------------------------------------------------------------------------

static void put(Message* message, seL4_Word word) {
    if (message->length < sizeof message->words / sizeof *message->words) {
        message->words[message->length++] = chance(3) ? odd_word() : word;
    }
}

static void put_operand(Message* message, seL4_CPtr* root, Kind kind) {
    Operand chosen = operand(kind);
    *root = chosen.root;
    put(message, chosen.index);
    put(message, chosen.depth);
}

/// Retype's node: the slots of a CNode, either the invoked root itself or a CNode found below it.
static void put_node(Message* message) {
    bool below = chance(30);
    message->caps[0] = ARENA_CPTR(root_arena, below || chance(60) ? 1 : annex_slot);
    put(message, below ? annex_slot : 0);
    put(message, below ? arena_bits : 0);
    put(message, below ? random_below(256) : slot_of(kind_free));
}

static seL4_Word object_type(void) {
    static const seL4_Word types[] = {seL4_UntypedObject,       seL4_TCBObject,           seL4_EndpointObject,
                                      seL4_NotificationObject,  seL4_CapTableObject,      seL4_X86_4K,
                                      seL4_X86_LargePageObject, seL4_X86_PageTableObject, seL4_X86_PageDirectoryObject,
                                      seL4_X86_PDPTObject,      seL4_X64_PML4Object,      seL4_X64_HugePageObject};
    return types[random_below(sizeof types / sizeof *types)];
}

/// An address in the part of an address space where the sandbox maps things: near, so that tables are shared.
static seL4_Word mapping_address(void) {
    static const struct {
        uint8_t shift, choices;
    } levels[] = {{12, 16}, {21, 2}, {30, 1}, {39, 2}};
    seL4_Word address = (seL4_Word)1 << 39;
    for (int level = 0; level < 4; level++) {
        address += random_below(levels[level].choices) << levels[level].shift;
    }
    return address;
}

/// One letter of a shape's words (shapes.c).
static void put_letter(Message* message, char letter) {
    switch (letter) {
    case 'D':
        put_operand(message, &message->invoked, kind_free);
        return;
    case 'V':
        put_operand(message, &message->invoked, chance(60) ? kind_free : kind_any);
        return;
    case 'E':
        put_operand(message, &message->invoked, kind_endpoint);
        return;
    case 'S':
    case 'P':
        put_operand(message, &message->caps[0], chance(20) ? kind_free : kind_any);
        return;
    case 'Q':
        put_operand(message, &message->caps[1], kind_any);
        return;
    case 'X':
        put_operand(message, &message->caps[0], kind_free);
        return;
    case 'Y':
        put_operand(message, &message->caps[1], kind_free);
        return;
    case 'N':
        put_node(message);
        return;
    case 't':
        put(message, object_type());
        return;
    case 'b':
        put(message, chance(50) ? random_below(10) : random_below(24));
        return;
    case 'n':
        put(message, chance(95) ? 1 + random_below(4) : random_below(300));
        return;
    case 'g':
        put(message, random_below(16));
        return;
    case 'd':
        put(message, chance(40) ? 0 : chance(50) ? 1 + random_below(8) : odd_word());
        return;
    case 'p':
        put(message, random_below(hostile_priority + 2));
        return;
    case 'c':
        put(message, any_address());
        return;
    case 'a':
        put(message, mapping_address());
        return;
    case 'B':
        put(message, chance(50) ? WORKER_BUFFER : chance(50) ? 512 * random_below(1 << 16) : odd_word());
        return;
    case 'm':
        put(message, random_below(8));
        return;
    case 'f':
        put(message, random_below(16));
        return;
    case 'k':
        put(message, random_below(24));
        return;
    case 'x':
        put(message, random_below(4));
        return;
    case 'z':
        put(message, 0);
        return;
    case 's':
        put(message, random_below(2));
        return;
    case 'i':
    case 'v':
        put(message, random_below(112));
        return;
    case 'o':
        put(message, chance(90) ? 0 : random_below(3));
        return;
    case 'e':
        put(message, random_below(25));
        return;
    case 'h':
        put(message, harmless_port_first +
                         random_below(chance(70) ? harmless_port_count : harmless_port_last - harmless_port_first + 1));
        return;
    default:
        put(message, odd_word());
        return;
    }
}

static Kind kind_of_cap(char letter) {
    switch (letter) {
    case 't':
        return kind_tcb;
    case 'n':
        return kind_notification;
    case 'f':
        return kind_frame;
    case 'v':
        return kind_pml4;
    case 'u':
        return kind_untyped;
    default:
        return kind_cnode;
    }
}

void fill_message(Message* message, const Shape* shape) {
    message->invoked = address_of((Kind)shape->kind);
    for (const char* letter = shape->caps; *letter != '\0'; letter++) {
        message->caps[message->cap_count++] = address_of(kind_of_cap(*letter));
    }
    for (const char* letter = shape->words; *letter != '\0'; letter++) {
        put_letter(message, *letter);
    }
}
