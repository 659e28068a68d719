/* SPDX-License-Identifier: BSD-2-Clause */
#include "growth.h"

enum { calls = 16, own_slots = 2 * calls };

static const seL4_Word sizes[] = {10, 100, 1000, 10000, most_capabilities};
#define EACH_SIZE(index) (unsigned index = 0; index < sizeof sizes / sizeof sizes[0]; index++)

static const char kind[] = "capabilities";

/// How the capabilities in `big` come about, from the first on.
typedef struct Family {
    const char* name;
    void (*grow)(seL4_Word from, seL4_Word to);
    seL4_Word size;
} Family;
static Family family;

/// The object whose capabilities are counted; then slots for what is measured.
static seL4_CPtr object(void) { return slots; }
static seL4_CPtr own(seL4_Word number) { return slots + 1 + number; }
/// Operations of a round that take a capability away; the first of those, in the middle of them all.
static seL4_Word few(void) { return family.size > 2 * calls ? calls : 1; }
static seL4_Word middle(seL4_Word number) { return (family.size - few()) / 2 + number; }

static void delete_own(void) {
    for (seL4_Word i = 0; i < own_slots; i++) {
        RT_CHECK(seL4_CNode_Delete(OWN, own(i), seL4_WordBits));
    }
}

static void copies(seL4_Word from, seL4_Word to) {
    for (seL4_Word at = from; at < to; at++) {
        RT_CHECK(seL4_CNode_Copy(big, at, largest_cnode_bits, OWN, object(), seL4_WordBits, seL4_AllRights));
    }
}

static void badged(seL4_Word from, seL4_Word to) {
    for (seL4_Word at = from; at < to; at++) {
        RT_CHECK(seL4_CNode_Mint(big, at, largest_cnode_bits, OWN, object(), seL4_WordBits, seL4_AllRights, at + 1));
    }
}

static void objects(seL4_Word from, seL4_Word to) {
    for (seL4_Word at = from; at < to; at += batch) {
        RT_CHECK(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, OWN, big, seL4_WordBits, at,
                                     to - at < batch ? to - at : batch));
    }
}

/// What goes out of `middle` comes back.
static void put_back(void) {
    for (seL4_Word i = 0; i < few(); i++) {
        family.grow(middle(i), middle(i) + 1);
    }
}

#define NAMED(operation) (rt_snprintf(name, sizeof name, "%s, %s", operation, family.name), name)

static void measure_one(void) {
    char name[96];
    const seL4_Word size = family.size;
    POINT(kind, NAMED("Copy"), size, calls, NOTHING,
          seL4_CNode_Copy(OWN, own(i), seL4_WordBits, big, middle(0), largest_cnode_bits, seL4_AllRights),
          delete_own());
    POINT(kind, NAMED("Copy of the object's first capability"), size, calls, NOTHING,
          seL4_CNode_Copy(OWN, own(i), seL4_WordBits, OWN, object(), seL4_WordBits, seL4_AllRights), delete_own());
    POINT(kind, NAMED("Mint of the object's first capability"), size, calls, NOTHING,
          seL4_CNode_Mint(OWN, own(i), seL4_WordBits, OWN, object(), seL4_WordBits, seL4_AllRights, 5), delete_own());
    POINT(kind, NAMED("Move"), size, 1, NOTHING,
          seL4_CNode_Move(OWN, own(i), seL4_WordBits, big, middle(0), largest_cnode_bits),
          seL4_CNode_Move(big, middle(0), largest_cnode_bits, OWN, own(0), seL4_WordBits));
    POINT(kind, NAMED("Revoke without children"), size, calls, NOTHING,
          seL4_CNode_Revoke(big, middle(0), largest_cnode_bits), NOTHING);
    POINT(kind, NAMED("Delete"), size, few(), NOTHING, seL4_CNode_Delete(big, middle(i), largest_cnode_bits),
          put_back());
    POINT(kind, NAMED("Retype of the same untyped"), size, calls, NOTHING,
          seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, OWN, 0, 0, own(i), 1), delete_own());
    POINT(kind, NAMED("Delete a new object of the same untyped"), size, calls,
          make_objects(seL4_EndpointObject, 0, own(0) - slots, calls), seL4_CNode_Delete(OWN, own(i), seL4_WordBits),
          NOTHING);
    POINT(kind, NAMED("NBSend to the object"), size, calls, NOTHING, bare(seL4_SysNBSend, object(), 0), NOTHING);
}

/// Revoking the ancestor takes all of them along. Those of the largest size are there.
static void measure_revoke(seL4_CPtr ancestor) {
    char name[96];
    for (unsigned index = sizeof sizes / sizeof sizes[0]; index-- > 0;) {
        if (sizes[index] != family.size) {
            if (ancestor == memory) {
                make_objects(seL4_EndpointObject, 0, 0, 1);
            }
            family.grow(0, sizes[index]);
        }
        uint64_t start = ticks();
        seL4_CNode_Revoke(OWN, ancestor, seL4_WordBits);
        point(kind, NAMED("Revoke, each"), sizes[index], ticks() - start, sizes[index]);
    }
}

static void measure_family(Family which, seL4_CPtr ancestor) {
    family = which;
    make_objects(seL4_EndpointObject, 0, 0, 1);
    for
        EACH_SIZE(index) {
            family.grow(family.size, sizes[index]);
            family.size = sizes[index];
            measure_one();
        }
    measure_revoke(ancestor);
    growth_clean();
}

void measure_capabilities(void) {
    measure_family((Family){.name = "copies", .grow = copies}, object());
    measure_family((Family){.name = "badges", .grow = badged}, object());
    measure_family((Family){.name = "objects", .grow = objects}, memory);
}
