/* SPDX-License-Identifier: BSD-2-Clause */
/// Rights, and what can be derived from what (seL4 manual, 3.1.4 "Capability Rights" and 3.1.5 "Capability Derivation
/// Tree").
#include "cnode.h"
#include "exchange.h"

static seL4_CapRights_t rights_of(seL4_Word bits) {
    return seL4_CapRights_new(bits >> 3 & 1, bits >> 2 & 1, bits >> 1 & 1, bits & 1);
}
enum { may_write = 1, may_read = 2, may_grant = 4, may_grant_reply = 8 };

static volatile seL4_Word stage;

static void call_and_send(seL4_Word capability) {
    stage = 1;
    seL4_SetCap(0, ROOT);
    seL4_Send(capability, seL4_MessageInfo_new(0, 0, 1, 0));
    stage = 2;
    seL4_Call(capability, seL4_MessageInfo_new(0, 0, 0, 0));
    stage = 3;
    seL4_Word badge;
    seL4_NBRecv(capability, &badge);
    stage = 4;
}

/// Whether a thread with `capability` may send, grant, call and receive, seen from the other side.
static void each_right(RtPool* pool) {
    for (seL4_Word bits = 0; bits < 16; bits++) {
        RtThread thread;
        seL4_CPtr endpoint = make(pool, seL4_EndpointObject), faults = make(pool, seL4_EndpointObject);
        // Twice: what the first copy lost does not come back.
        seL4_CPtr slot = rt_pool_slot(pool);
        RT_REQUIRE(copy(slot, mint(pool, endpoint, rights_of(bits), 1), seL4_AllRights));
        seL4_CPtr received = rt_pool_slot(pool);
        bool writes = (bits & may_write) != 0, grants = (bits & may_grant) != 0;
        bool replied = grants || (bits & may_grant_reply) != 0;
        // The thread is above this one: it runs until it waits, whenever this one lets it.
        start_thread(&thread, pool, above, mint(pool, faults, seL4_AllRights, 1), call_and_send, slot);
        seL4_SetCapReceivePath(ROOT, received, DEPTH);
        seL4_Word badge;
        seL4_MessageInfo_t info = seL4_NBRecv(endpoint, &badge);
        RT_EXPECT_EQUAL(badge, writes);
        seL4_Word expected_stage =
            (bits & may_read) != 0 ? 4 : 3;  // without Write sending has no effect, Call an error
        if (writes) {
            RT_EXPECT_EQUAL(seL4_MessageInfo_get_extraCaps(info), grants);
            RT_EXPECT(slot_is_full(received) == grants);
            RT_EXPECT_EQUAL(stage, 2);
            seL4_NBRecv(endpoint, &badge);
            RT_EXPECT_EQUAL(badge, 1);
            seL4_Reply(message(0, 0));
            expected_stage = replied ? expected_stage : 2;
        }
        RT_EXPECT_EQUAL(stage, expected_stage);
        seL4_NBRecv(faults, &badge);
        RT_EXPECT_EQUAL(badge, expected_stage == 3);  // receiving without Read is a fault
        if (rt_failed()) {
            return;
        }
        RT_REQUIRE(rt_pool_reset(pool));
    }
}

/// Copies of a copy are copies of the original: siblings, which revoking a copy does not reach.
static void one_level(RtPool* pool) {
    const seL4_Word types[] = {seL4_TCBObject, seL4_EndpointObject, seL4_NotificationObject, seL4_X86_4K};
    for (size_t i = 0; i <= sizeof types / sizeof *types; i++) {
        seL4_CPtr original = i < sizeof types / sizeof *types ? make(pool, types[i]) : make_cnode(pool, 4);
        seL4_CPtr first = mint(pool, original, seL4_AllRights, 0), next = rt_pool_slot(pool);
        RT_REQUIRE(copy(next, first, seL4_AllRights));
        RT_REQUIRE(revoke(first));
        RT_EXPECT(slot_is_full(next));
        RT_REQUIRE(revoke(next));
        RT_EXPECT(slot_is_full(first) && slot_is_full(original));
        RT_REQUIRE(revoke(original));
        RT_EXPECT(!slot_is_full(first) && !slot_is_full(next) && slot_is_full(original));
    }
}

/// Badged capabilities are originals in their turn, with one level below.
static void badges_add_a_level(RtPool* pool) {
    const seL4_Word types[] = {seL4_EndpointObject, seL4_NotificationObject};
    for (size_t i = 0; i < 2; i++) {
        seL4_CPtr original = make(pool, types[i]), plain = mint(pool, original, seL4_AllRights, 0);
        seL4_CPtr badged = rt_pool_slot(pool), other_badge = mint(pool, original, seL4_AllRights, 2);
        RT_REQUIRE(seL4_CNode_Mint(ROOT, badged, DEPTH, ROOT, plain, DEPTH, seL4_AllRights, 1));
        seL4_CPtr below_badged = rt_pool_slot(pool), below_that = rt_pool_slot(pool);
        RT_REQUIRE(copy(below_badged, badged, seL4_AllRights));
        RT_REQUIRE(copy(below_that, below_badged, seL4_AllRights));
        RT_REQUIRE(revoke(below_badged));
        RT_EXPECT(slot_is_full(below_that));
        RT_REQUIRE(revoke(other_badge));
        RT_EXPECT(slot_is_full(below_that) && slot_is_full(badged));
        RT_REQUIRE(revoke(badged));
        RT_EXPECT(!slot_is_full(below_badged) && !slot_is_full(below_that));
        RT_EXPECT(slot_is_full(plain) && slot_is_full(other_badge));
        RT_REQUIRE(revoke(original));
        RT_EXPECT(!slot_is_full(plain) && !slot_is_full(badged) && !slot_is_full(other_badge));
    }
}

/// The derivation tree of the manual's figure: untyped memory in two levels, a copy of it, objects, and their copies.
static void the_manual_s_tree(RtPool* pool) {
    seL4_CPtr top, left = rt_pool_slot(pool), right = rt_pool_slot(pool), left_copy = rt_pool_slot(pool);
    seL4_CPtr thread = rt_pool_slot(pool), endpoint = rt_pool_slot(pool), copies[3];
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 14, &top));
    RT_REQUIRE(seL4_Untyped_Retype(top, seL4_UntypedObject, 13, ROOT, 0, 0, left, 2));
    RT_REQUIRE(copy(left_copy, left, seL4_AllRights));
    RT_REQUIRE(seL4_Untyped_Retype(left_copy, seL4_TCBObject, 0, ROOT, 0, 0, thread, 1));
    RT_REQUIRE(seL4_Untyped_Retype(left_copy, seL4_EndpointObject, 0, ROOT, 0, 0, endpoint, 1));
    for (int i = 0; i < 3; i++) {
        copies[i] = mint(pool, thread, seL4_AllRights, 0);
    }
    RT_REQUIRE(revoke(right));
    RT_EXPECT(slot_is_full(thread));
    RT_REQUIRE(revoke(thread));
    RT_EXPECT(!slot_is_full(copies[0]) && !slot_is_full(copies[1]) && !slot_is_full(copies[2]));
    RT_EXPECT(slot_is_full(thread) && slot_is_full(endpoint));
    RT_REQUIRE(revoke(left));
    RT_EXPECT(!slot_is_full(left_copy) && !slot_is_full(thread) && !slot_is_full(endpoint) && slot_is_full(right));
    RT_REQUIRE(revoke(top));
    RT_EXPECT(!slot_is_full(left) && !slot_is_full(right) && slot_is_full(top));
}

/// To capabilities without rights or badges the arguments of Mint and Copy mean nothing.
static void nothing_to_take_away(RtPool* pool) {
    seL4_CPtr tcb = mint(pool, make(pool, seL4_TCBObject), seL4_NoRights, 77);
    RT_REQUIRE(seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, 5));
    seL4_CPtr cnode = mint(pool, make_cnode(pool, 4), seL4_NoRights, 0);
    RT_REQUIRE(seL4_CNode_Delete(cnode, 3, 4));
    seL4_CPtr memory, object = rt_pool_slot(pool);
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 12, &memory));
    memory = mint(pool, memory, seL4_NoRights, 5);
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, 0, 0, object, 1));
    seL4_CPtr asids = mint(pool, seL4_CapInitThreadASIDPool, seL4_NoRights, 9);
    RT_REQUIRE(seL4_X86_ASIDPool_Assign(asids, make(pool, seL4_X64_PML4Object)));
}

/// Which paging structures can be copied depends on whether they are mapped; a PML4 must have an identifier.
static void structures(RtPool* pool) {
    const seL4_X86_VMAttributes attributes = seL4_X86_Default_VMAttributes;
    const seL4_Word address = 0x6a0000000000;
    seL4_CPtr pml4 = make(pool, seL4_X64_PML4Object), pdpt = make(pool, seL4_X86_PDPTObject);
    seL4_CPtr directory = make(pool, seL4_X86_PageDirectoryObject), table = make(pool, seL4_X86_PageTableObject);
    const seL4_CPtr all[] = {pml4, pdpt, directory, table};
    for (int i = 0; i < 4; i++) {
        RT_EXPECT_ERROR(copy(rt_pool_slot(pool), all[i], seL4_AllRights), seL4_IllegalOperation);
    }
    RT_REQUIRE(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, pml4));
    RT_REQUIRE(seL4_X86_PDPT_Map(pdpt, pml4, address, attributes));
    RT_REQUIRE(seL4_X86_PageDirectory_Map(directory, pml4, address, attributes));
    RT_REQUIRE(seL4_X86_PageTable_Map(table, pml4, address, attributes));
    for (int i = 0; i < 4; i++) {
        RT_REQUIRE(copy(rt_pool_slot(pool), all[i], seL4_AllRights));
        RT_REQUIRE(revoke(all[i]));
    }
}

static const RtTest tests[] = {
    {"what each right of an endpoint capability allows", each_right},
    {"copies of copies are siblings", one_level},
    {"a badged capability has children of its own", badges_add_a_level},
    {"the manual's derivation tree", the_manual_s_tree},
    {"capabilities without rights or badges ignore them", nothing_to_take_away},
    {"paging structures can be copied once they are mapped", structures},
};

const RtTestGroup derivation_tests = TEST_GROUP(tests);
