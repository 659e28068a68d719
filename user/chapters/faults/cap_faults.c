/* SPDX-License-Identifier: BSD-2-Clause */
/// Faults of capability lookup, when sending and when receiving (seL4 manual, "Capability Faults").
#include "subject.h"

SUBJECT_CODE(call_kernel);

/// A blocking or non-blocking system call on `address` by the subject.
static RtFault use(Subject* subject, seL4_Word number, seL4_Word address) {
    seL4_UserContext sent = subject_registers(subject, call_kernel);
    sent.rdx = number;
    sent.rdi = address;
    sent.rsi = 0;  // an empty message
    return subject_run(subject, &sent);
}

#define EXPECT_CAP_FAULT(fault, address, receiving, ...)                                                             \
    do {                                                                                                             \
        RtFault got = fault;                                                                                         \
        const seL4_Word lookup[] = {__VA_ARGS__};                                                                    \
        const size_t count = sizeof lookup / sizeof *lookup;                                                         \
        EXPECT_WORD("address", address, got.label, seL4_Fault_CapFault);                                             \
        EXPECT_WORD("address", address, got.words[seL4_CapFault_IP], call_kernel_at);                                \
        EXPECT_WORD("address", address, got.words[seL4_CapFault_Addr], address);                                     \
        EXPECT_WORD("address", address, got.words[seL4_CapFault_InRecvPhase], receiving);                            \
        EXPECT_WORD("address", address, got.length, seL4_CapFault_LookupFailureType + count);                        \
        for (size_t i = 0; i < count; i++) {                                                                         \
            EXPECT_WORD("word of the lookup failure", i, got.words[seL4_CapFault_LookupFailureType + i], lookup[i]); \
        }                                                                                                            \
    } while (0)

static const seL4_Word senders[] = {(seL4_Word)seL4_SysSend, (seL4_Word)seL4_SysCall};
static const seL4_Word receivers[] = {(seL4_Word)seL4_SysRecv, (seL4_Word)seL4_SysNBRecv, (seL4_Word)seL4_SysReplyRecv};
enum { sender_count = 2, receiver_count = 3 };

/// An address whose high bits do not match the guard of the root CNode.
static void outside_the_space(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_Word guard_bits = seL4_WordBits - rt_boot_info()->initThreadCNodeSizeBits;
    const seL4_Word addresses[] = {~0ul, 1ul << rt_boot_info()->initThreadCNodeSizeBits, 1ul << 63};
    for (size_t a = 0; a < 3; a++) {
        for (int s = 0; s < sender_count; s++) {
            EXPECT_CAP_FAULT(use(&subject, senders[s], addresses[a]), addresses[a], 0, seL4_GuardMismatch, 64, 0,
                             guard_bits);
        }
        for (int r = 0; r < receiver_count; r++) {
            EXPECT_CAP_FAULT(use(&subject, receivers[r], addresses[a]), addresses[a], 1, seL4_GuardMismatch, 64, 0,
                             guard_bits);
        }
    }
}

/// Receiving from something that is not an endpoint or a notification, or may not be received from.
static void nothing_to_receive_from(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_CPtr empty = rt_pool_slot(pool), write_only = rt_pool_slot(pool), notification,
              signal_only = rt_pool_slot(pool);
    RT_REQUIRE(seL4_CNode_Copy(seL4_CapInitThreadCNode, write_only, seL4_WordBits, seL4_CapInitThreadCNode,
                               subject.faults, seL4_WordBits, seL4_NoRead));
    RT_REQUIRE(rt_pool_retype(pool, seL4_NotificationObject, 0, &notification));
    RT_REQUIRE(seL4_CNode_Copy(seL4_CapInitThreadCNode, signal_only, seL4_WordBits, seL4_CapInitThreadCNode,
                               notification, seL4_WordBits, seL4_NoRead));
    const seL4_CPtr addresses[] = {
        seL4_CapNull, empty,       seL4_CapInitThreadTCB, seL4_CapInitThreadCNode, seL4_CapInitThreadVSpace,
        write_only,   signal_only, seL4_CapIRQControl,    seL4_CapBootInfoFrame};
    for (size_t a = 0; a < sizeof addresses / sizeof *addresses; a++) {
        for (int r = 0; r < receiver_count; r++) {
            EXPECT_CAP_FAULT(use(&subject, receivers[r], addresses[a]), addresses[a], 1, seL4_MissingCapability, 0);
        }
    }
}

/// A thread of its own capability space: a CNode of 16 slots whose guard leaves two bits at the end.
static void depth_mismatch(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    const seL4_CPtr root = seL4_CapInitThreadCNode;
    seL4_CPtr outer, inner;
    RT_REQUIRE(rt_pool_retype(pool, seL4_CapTableObject, 4, &outer));
    RT_REQUIRE(rt_pool_retype(pool, seL4_CapTableObject, 4, &inner));
    // Slot 3 of the space is a CNode that would resolve four bits, slot 5 one with a guard that does not fit either,
    // slot 6 the fault handler.
    RT_REQUIRE(seL4_CNode_Copy(outer, 3, 4, root, inner, seL4_WordBits, seL4_AllRights));
    RT_REQUIRE(seL4_CNode_Mint(outer, 5, 4, root, inner, seL4_WordBits, seL4_AllRights,
                               seL4_CNode_CapData_new(5, 3).words[0]));
    RT_REQUIRE(seL4_CNode_Mint(outer, 6, 4, root, subject.faults, seL4_WordBits, seL4_AllRights, 1));
    RT_REQUIRE(seL4_TCB_Configure(subject.thread.tcb, 6 << 2, outer, seL4_CNode_CapData_new(0, 58).words[0],
                                  seL4_CapInitThreadVSpace, 0, (seL4_Word)subject.thread.ipc_buffer,
                                  subject.thread.ipc_buffer_frame));
    EXPECT_CAP_FAULT(use(&subject, (seL4_Word)seL4_SysSend, 3 << 2), 3 << 2, 0, seL4_DepthMismatch, 2, 4);
    EXPECT_CAP_FAULT(use(&subject, (seL4_Word)seL4_SysRecv, 3 << 2 | 1), 3 << 2 | 1, 1, seL4_DepthMismatch, 2, 4);
    EXPECT_CAP_FAULT(use(&subject, (seL4_Word)seL4_SysCall, 5 << 2), 5 << 2, 0, seL4_GuardMismatch, 2, 5, 3);
    EXPECT_CAP_FAULT(use(&subject, (seL4_Word)seL4_SysRecv, 7 << 2), 7 << 2, 1, seL4_MissingCapability, 0);
    EXPECT_CAP_FAULT(use(&subject, (seL4_Word)seL4_SysRecv, 1ul << 6), 1ul << 6, 1, seL4_GuardMismatch, 64, 0, 58);
}

/// A thread without capability space: there is no way to a fault handler either, so it just stops.
static void without_capability_space(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RT_REQUIRE(rt_pool_retype(pool, seL4_TCBObject, 0, &subject.thread.tcb));
    RT_REQUIRE(seL4_TCB_SetSchedParams(subject.thread.tcb, seL4_CapInitThreadTCB, 0, RT_TEST_PRIORITY + 1));
    RtFault fault = use(&subject, (seL4_Word)seL4_SysSend, 1);
    RT_EXPECT_EQUAL(fault.label, 0);
}

/// A fault handler that cannot be sent to, or could not reply, gets nothing, and the thread stops.
static void useless_fault_handlers(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    const seL4_CapRights_t rights[] = {seL4_CanRead, seL4_CanWrite, seL4_ReadWrite, seL4_CapRights_new(1, 1, 1, 0)};
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++) {
        seL4_CPtr handler = rt_pool_slot(pool);
        RT_REQUIRE(seL4_CNode_Mint(seL4_CapInitThreadCNode, handler, seL4_WordBits, seL4_CapInitThreadCNode,
                                   subject.faults, seL4_WordBits, rights[i], 1));
        RT_REQUIRE(seL4_TCB_Configure(subject.thread.tcb, handler, seL4_CapInitThreadCNode, 0, seL4_CapInitThreadVSpace,
                                      0, (seL4_Word)subject.thread.ipc_buffer, subject.thread.ipc_buffer_frame));
        EXPECT_WORD("rights", i, use(&subject, 0, 0).label, 0);
    }
    // With GrantReply instead of Grant the handler can reply, which is enough.
    seL4_CPtr handler = rt_pool_slot(pool);
    RT_REQUIRE(seL4_CNode_Mint(seL4_CapInitThreadCNode, handler, seL4_WordBits, seL4_CapInitThreadCNode, subject.faults,
                               seL4_WordBits, seL4_CapRights_new(1, 0, 0, 1), 1));
    RT_REQUIRE(seL4_TCB_Configure(subject.thread.tcb, handler, seL4_CapInitThreadCNode, 0, seL4_CapInitThreadVSpace, 0,
                                  (seL4_Word)subject.thread.ipc_buffer, subject.thread.ipc_buffer_frame));
    RT_EXPECT_EQUAL(use(&subject, 0, 0).label, seL4_Fault_UnknownSyscall);
}

/// Non-blocking sending to an address that is not there is no fault.
static void nbsend_does_not_fault(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RtFault fault = use(&subject, (seL4_Word)seL4_SysNBSend, ~0ul);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);  // it reached the invalid instruction behind
}

/// Sending to an empty slot is no fault either: a call gets an error, a send nothing.
static void empty_slots_do_not_fault_senders(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_CPtr empty = rt_pool_slot(pool);
    RT_EXPECT_EQUAL(use(&subject, (seL4_Word)seL4_SysSend, empty).label, seL4_Fault_UserException);
    RT_EXPECT_EQUAL(use(&subject, (seL4_Word)seL4_SysCall, empty).label, seL4_Fault_UserException);
    RT_EXPECT_EQUAL(use(&subject, (seL4_Word)seL4_SysNBSend, empty).label, seL4_Fault_UserException);
}

static const RtTest tests[] = {
    {"addresses outside the capability space", outside_the_space},
    {"nothing to receive from", nothing_to_receive_from},
    {"lookups that end between CNodes", depth_mismatch},
    {"a thread without capability space stops", without_capability_space},
    {"a fault handler needs Write, and Grant or GrantReply", useless_fault_handlers},
    {"NBSend to an address that is not there", nbsend_does_not_fault},
    {"sending to an empty slot", empty_slots_do_not_fault_senders},
};

const RtTestGroup cap_fault_tests = TEST_GROUP(tests);
