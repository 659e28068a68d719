/* SPDX-License-Identifier: BSD-2-Clause */
/// Capabilities in messages (seL4 manual, "Capability Transfer" and "Capability Unwrapping").
#include "support.h"

/// A thread that sends `count` capabilities and a word.
typedef struct {
    seL4_CPtr endpoint;
    seL4_CPtr caps[seL4_MsgMaxExtraCaps];
    seL4_Word count;
    volatile bool sent;
} Sender;

static Sender sender;

static void send_capabilities(seL4_Word argument) {
    Sender* self = (Sender*)argument;
    for (seL4_Word i = 0; i < self->count; i++) {
        seL4_SetCap((int)i, self->caps[i]);
    }
    seL4_SetMR(0, 0xabc);
    seL4_Send(self->endpoint, seL4_MessageInfo_new(0, 0, self->count, 1));
    self->sent = true;
}

/// Sends `count` capabilities through `endpoint` from another thread and receives them from `receive_from`, with `slot`
/// as the place for one. Returns what the receiver is told.
static seL4_MessageInfo_t transfer(RtPool* pool, seL4_CPtr endpoint, seL4_CPtr receive_from, seL4_CPtr slot,
                                   seL4_Word count, const seL4_CPtr* caps) {
    RtThread thread;
    sender = (Sender){.endpoint = endpoint, .count = count};
    for (seL4_Word i = 0; i < count; i++) {
        sender.caps[i] = caps[i];
    }
    start_thread(&thread, pool, below, seL4_CapNull, send_capabilities, (seL4_Word)&sender);
    seL4_SetCapReceivePath(ROOT, slot, DEPTH);
    for (int i = 0; i < (int)seL4_MsgMaxExtraCaps; i++) {
        seL4_SetCap(i, 0x5a5a);
    }
    seL4_MessageInfo_t info = seL4_Recv(receive_from, NULL);
    RT_EXPECT_EQUAL(seL4_GetMR(0), 0xabc);  // the words arrive whatever happens to the capabilities
    return info;
}

/// `unwrapped` has bit N set if of the Nth capability only the badge arrived.
#define EXPECT_TRANSFER(info, caps, unwrapped)                                    \
    do {                                                                          \
        seL4_MessageInfo_t received = info;                                       \
        RT_EXPECT_EQUAL(seL4_MessageInfo_get_extraCaps(received), caps);          \
        RT_EXPECT_EQUAL(seL4_MessageInfo_get_capsUnwrapped(received), unwrapped); \
    } while (0)

static void one_capability(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), slot = rt_pool_slot(pool);
    seL4_CPtr frame = make(pool, seL4_X86_4K);
    seL4_MessageInfo_t info = transfer(pool, endpoint, endpoint, slot, CAPS(frame));
    EXPECT_TRANSFER(info, 1, 0);
    RT_EXPECT(slot_is_full(slot));
    // What arrived is a copy; the frame can be mapped through it.
    void* page;
    RT_REQUIRE(rt_pool_map(pool, slot, seL4_ReadWrite, &page));
    *(volatile seL4_Word*)page = 1;
    RT_EXPECT(slot_is_full(frame));
}

static void needs_grant(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), slot = rt_pool_slot(pool);
    seL4_CPtr through = mint(pool, endpoint, seL4_CapRights_new(1, 0, 1, 1), 0);
    EXPECT_TRANSFER(transfer(pool, through, endpoint, slot, CAPS(make(pool, seL4_X86_4K))), 0, 0);
    RT_EXPECT(!slot_is_full(slot));
}

static void full_slot_takes_nothing(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), occupied = make(pool, seL4_NotificationObject);
    EXPECT_TRANSFER(transfer(pool, endpoint, endpoint, occupied, CAPS(make(pool, seL4_X86_4K))), 0, 0);
}

static void no_slot_takes_nothing(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    EXPECT_TRANSFER(transfer(pool, endpoint, endpoint, 1ul << 40, CAPS(make(pool, seL4_X86_4K))), 0, 0);
}

static void only_one_slot(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), slot = rt_pool_slot(pool);
    seL4_CPtr a = make(pool, seL4_X86_4K), b = make(pool, seL4_X86_4K);
    EXPECT_TRANSFER(transfer(pool, endpoint, endpoint, slot, CAPS(a, b)), 1, 0);
    RT_EXPECT(slot_is_full(slot));
}

static void own_endpoint_is_unwrapped(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), slot = rt_pool_slot(pool);
    seL4_CPtr badged = mint(pool, endpoint, seL4_AllRights, 0xb1), other = mint(pool, endpoint, seL4_NoRights, 0xb2);
    EXPECT_TRANSFER(transfer(pool, endpoint, endpoint, slot, CAPS(badged, other)), 2, 3);
    RT_EXPECT_EQUAL(seL4_GetBadge(0), 0xb1);
    RT_EXPECT_EQUAL(seL4_GetBadge(1), 0xb2);
    RT_EXPECT(!slot_is_full(slot));
}

static void unwrapped_and_copied(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), slot = rt_pool_slot(pool);
    seL4_CPtr first = mint(pool, endpoint, seL4_AllRights, 0xb1), third = mint(pool, endpoint, seL4_AllRights, 0xb3);
    seL4_CPtr frame = make(pool, seL4_X86_4K);
    EXPECT_TRANSFER(transfer(pool, endpoint, endpoint, slot, CAPS(first, frame, third)), 3, 5);
    RT_EXPECT_EQUAL(seL4_GetBadge(0), 0xb1);
    RT_EXPECT_EQUAL(seL4_GetBadge(2), 0xb3);
    RT_EXPECT(slot_is_full(slot));
}

/// A capability that may not be derived ends the transfer, with what was transferred before it.
static void underivable_ends_the_transfer(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), slot = rt_pool_slot(pool);
    seL4_CPtr badged = mint(pool, endpoint, seL4_AllRights, 0xb1);
    seL4_CPtr unmapped_table = make(pool, seL4_X86_PageTableObject), frame = make(pool, seL4_X86_4K);
    EXPECT_TRANSFER(transfer(pool, endpoint, endpoint, slot, CAPS(badged, unmapped_table, frame)), 1, 1);
    RT_EXPECT(!slot_is_full(slot));
}

/// If an extra capability is not found, sending is a fault (of blocking system calls), and no message goes out.
static void missing_capability_is_a_fault(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), faults = make(pool, seL4_EndpointObject);
    sender = (Sender){.endpoint = endpoint, .count = 1, .caps = {1ul << 40}};
    start_thread(&thread, pool, above, faults, send_capabilities, (seL4_Word)&sender);
    RtFault fault;
    rt_fault_read(&fault, seL4_Recv(faults, NULL));
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_CapFault);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_Addr], 1ul << 40);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_InRecvPhase], 0);
    // The handler lets the thread try again, which faults again.
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    rt_fault_read(&fault, seL4_Recv(faults, NULL));
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_CapFault);
    RT_EXPECT(!sender.sent);
}

/// An empty slot among the extra capabilities ends the list silently.
static void empty_slot_among_capabilities(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), slot = rt_pool_slot(pool);
    seL4_CPtr empty = rt_pool_slot(pool);
    EXPECT_TRANSFER(transfer(pool, endpoint, endpoint, slot, CAPS(empty)), 0, 0);
    RT_EXPECT(!slot_is_full(slot));
}

static void answer_with_capability(seL4_Word argument) {
    Sender* self = (Sender*)argument;
    seL4_Recv(self->endpoint, NULL);
    seL4_SetCap(0, self->caps[0]);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 1, 0));
}

/// A reply may carry capabilities if the server's own capability to the endpoint has the Grant right.
static void replies_carry_capabilities(RtPool* pool) {
    const bool grants[] = {true, false};
    for (size_t i = 0; i < 2; i++) {
        RtThread thread;
        seL4_CPtr endpoint = make(pool, seL4_EndpointObject), slot = rt_pool_slot(pool);
        sender = (Sender){.endpoint = mint(pool, endpoint, seL4_CapRights_new(0, grants[i], 1, 0), 0),
                          .caps = {make(pool, seL4_X86_4K)}};
        start_thread(&thread, pool, above, seL4_CapNull, answer_with_capability, (seL4_Word)&sender);
        seL4_SetCapReceivePath(ROOT, slot, DEPTH);
        seL4_MessageInfo_t info = seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
        EXPECT_TRANSFER(info, grants[i] ? 1 : 0, 0);
        RT_EXPECT(slot_is_full(slot) == grants[i]);
    }
}

/// A waiting sender's capabilities are looked up again when the message is received: one that is gone ends the transfer.
static void gone_while_waiting(RtPool* pool) {
    RtThread thread;
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), slot = rt_pool_slot(pool);
    seL4_CPtr badged = mint(pool, endpoint, seL4_AllRights, 0xb1), frame = make(pool, seL4_X86_4K);
    sender = (Sender){.endpoint = endpoint, .count = 3, .caps = {badged, frame, badged}};
    start_thread(&thread, pool, above, seL4_CapNull, send_capabilities, (seL4_Word)&sender);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, frame, DEPTH));
    seL4_SetCapReceivePath(ROOT, slot, DEPTH);
    EXPECT_TRANSFER(seL4_Recv(endpoint, NULL), 1, 1);
    RT_EXPECT_EQUAL(seL4_GetMR(0), 0xabc);
    RT_EXPECT(sender.sent);
    RT_EXPECT(!slot_is_full(slot));
}

/// The receive slot is found from a root with an index and a depth, whatever the receiver's own space is.
static void receive_paths(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), cnode = make_cnode(pool, 4), frame = make(pool, seL4_X86_4K);
    seL4_CPtr guarded = mint(pool, cnode, seL4_AllRights, seL4_CNode_CapData_new(0x3, 4).words[0]);
    const struct {
        seL4_CPtr root;
        seL4_Word index, depth;
        seL4_Word arrives;
    } paths[] = {
        {cnode, 3, 4, 1}, {guarded, 0x34, 8, 1}, {guarded, 0x1234, 8, 1},  {cnode, 3, 5, 0},
        {cnode, 3, 0, 0}, {cnode, 3, 65, 0},     {guarded, 0x44, 8, 0},    {frame, 3, 4, 0},
        {0, 3, 4, 0},     {cnode, 5, 3, 0},      {1ul << 40, 3, DEPTH, 0},
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        RtThread thread;
        sender = (Sender){.endpoint = endpoint, .count = 1, .caps = {frame}};
        start_thread(&thread, pool, below, seL4_CapNull, send_capabilities, (seL4_Word)&sender);
        seL4_SetCapReceivePath(paths[i].root, paths[i].index, paths[i].depth);
        seL4_MessageInfo_t info = seL4_Recv(endpoint, NULL);
        if (seL4_MessageInfo_get_extraCaps(info) != paths[i].arrives) {
            rt_fail(__FILE_NAME__, __LINE__, "path %lu: %lu capabilities", i, seL4_MessageInfo_get_extraCaps(info));
        }
        seL4_CNode_Delete(cnode, paths[i].index & 15, 4);
    }
}

/// What may not be copied: untyped memory with children, a reply capability, IRQControl.
static void other_underivable(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), slot = rt_pool_slot(pool), memory,
              object = rt_pool_slot(pool);
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 12, &memory));
    EXPECT_TRANSFER(transfer(pool, endpoint, endpoint, slot, CAPS(seL4_CapIRQControl)), 0, 0);
    EXPECT_TRANSFER(transfer(pool, endpoint, endpoint, slot, CAPS(seL4_CapIOPortControl)), 0, 0);
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, 0, 0, object, 1));
    EXPECT_TRANSFER(transfer(pool, endpoint, endpoint, slot, CAPS(memory)), 0, 0);
    RT_EXPECT(!slot_is_full(slot));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, object, DEPTH));
    EXPECT_TRANSFER(transfer(pool, endpoint, endpoint, slot, CAPS(memory)), 1, 0);
}

/// Another endpoint's capability is copied with its badge; only those to the endpoint of the message are unwrapped.
static void another_endpoint(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), other = make(pool, seL4_EndpointObject);
    seL4_CPtr slot = rt_pool_slot(pool);
    RtThread receiver;
    EXPECT_TRANSFER(transfer(pool, endpoint, endpoint, slot, CAPS(mint(pool, other, seL4_AllRights, 0xb2))), 1, 0);
    sender = (Sender){.endpoint = slot};
    start_thread(&receiver, pool, above, seL4_CapNull, send_capabilities, (seL4_Word)&sender);
    seL4_Word badge;
    seL4_NBRecv(other, &badge);
    RT_EXPECT_EQUAL(badge, 0xb2);
}

/// What is received is a child of what was sent: revoking that takes it away.
static void revoking_reaches_the_receiver(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), slot = rt_pool_slot(pool);
    seL4_CPtr notification = make(pool, seL4_NotificationObject);
    transfer(pool, endpoint, endpoint, slot, CAPS(notification));
    RT_EXPECT(slot_is_full(slot));
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, notification, DEPTH));
    RT_EXPECT(!slot_is_full(slot));
    RT_EXPECT(slot_is_full(notification));
}

static const RtTest tests[] = {
    {"a capability is transferred", one_capability},
    {"transferring needs the Grant right", needs_grant},
    {"a receive slot that is full takes nothing", full_slot_takes_nothing},
    {"a receive slot that is not there takes nothing", no_slot_takes_nothing},
    {"one slot takes one capability", only_one_slot},
    {"a capability to the endpoint itself is unwrapped", own_endpoint_is_unwrapped},
    {"unwrapping leaves the slot for a copy", unwrapped_and_copied},
    {"a capability that may not be copied ends the transfer", underivable_ends_the_transfer},
    {"an extra capability outside the CSpace is a fault", missing_capability_is_a_fault},
    {"an empty slot among the extra capabilities", empty_slot_among_capabilities},
    {"a reply carries a capability if the server may grant", replies_carry_capabilities},
    {"a capability that is gone when the message is received", gone_while_waiting},
    {"where a capability is received", receive_paths},
    {"other capabilities that may not be copied", other_underivable},
    {"a capability to another endpoint arrives with its badge", another_endpoint},
    {"revoking reaches what was received", revoking_reaches_the_receiver},
};

const RtTestGroup transfer_tests = TEST_GROUP(tests);
