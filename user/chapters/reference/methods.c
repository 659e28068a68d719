/* SPDX-License-Identifier: BSD-2-Clause */
/// Every method of the API reference belongs to one type of capability, and is refused by all others.
#include "space.h"

#include <sel4/arch/invocation.h>
#include <sel4/invocation.h>
#include <sel4/sel4_arch/invocation.h>

/// What `method` answers to an empty message. Methods that are not listed for a capability are illegal operations.
typedef struct {
    seL4_Word method;
    seL4_Error answer;
} Method;

#define TRUNCATED(method) {method, seL4_TruncatedMessage}
#define SUCCEEDS(method) {method, seL4_NoError}

/// Sends every label without words and capabilities.
static void expect_methods(const char* name, seL4_CPtr capability, size_t count, const Method* methods) {
    // One more than there are, and one far beyond.
    for (seL4_Word label = 0; label <= nArchInvocationLabels + 1; label++) {
        seL4_Word sent = label <= nArchInvocationLabels ? label : 0xfffffffffffff;
        seL4_Error expected = seL4_IllegalOperation;
        for (size_t i = 0; i < count; i++) {
            expected = methods[i].method == sent ? methods[i].answer : expected;
        }
        seL4_Error got = invoke(capability, sent, NO_CAPS, NO_WORDS);
        if (got != expected) {
            rt_fail(__FILE_NAME__, __LINE__, "label %lu of a capability to %s: %s, expected %s", sent, name,
                    rt_error_name(got), rt_error_name(expected));
        }
    }
}

#define EXPECT_METHODS(name, capability, ...)                                        \
    do {                                                                             \
        const Method methods[] = {__VA_ARGS__};                                      \
        expect_methods(name, capability, sizeof methods / sizeof *methods, methods); \
    } while (0)

static void generic(RtPool* pool) {
    seL4_CPtr memory;
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 12, &memory));
    EXPECT_METHODS("untyped memory", memory, TRUNCATED(UntypedRetype));
    EXPECT_METHODS("a TCB", make(pool, seL4_TCBObject), TRUNCATED(TCBReadRegisters), TRUNCATED(TCBWriteRegisters),
                   TRUNCATED(TCBCopyRegisters), TRUNCATED(TCBConfigure), TRUNCATED(TCBSetPriority),
                   TRUNCATED(TCBSetMCPriority), TRUNCATED(TCBSetSchedParams), TRUNCATED(TCBSetIPCBuffer),
                   TRUNCATED(TCBSetSpace), SUCCEEDS(TCBSuspend), SUCCEEDS(TCBResume), TRUNCATED(TCBBindNotification),
                   {TCBUnbindNotification, seL4_IllegalOperation}, TRUNCATED(TCBSetTLSBase), TRUNCATED(TCBSetFlags));
    EXPECT_METHODS("a CNode", make_cnode(pool, 4), TRUNCATED(CNodeRevoke), TRUNCATED(CNodeDelete),
                   TRUNCATED(CNodeCancelBadgedSends), TRUNCATED(CNodeCopy), TRUNCATED(CNodeMint), TRUNCATED(CNodeMove),
                   TRUNCATED(CNodeMutate), TRUNCATED(CNodeRotate), TRUNCATED(CNodeSaveCaller));
    EXPECT_METHODS("IRQControl", seL4_CapIRQControl, TRUNCATED(IRQIssueIRQHandler),
                   TRUNCATED(X86IRQIssueIRQHandlerIOAPIC), TRUNCATED(X86IRQIssueIRQHandlerMSI));
    seL4_CPtr handler = rt_pool_slot(pool);
    RT_REQUIRE(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT, handler, DEPTH, 0, 0, 0, 0, 11));
    EXPECT_METHODS("an IRQ handler", handler, SUCCEEDS(IRQAckIRQ), TRUNCATED(IRQSetIRQHandler),
                   SUCCEEDS(IRQClearIRQHandler));
    EXPECT_METHODS("domains", seL4_CapDomain, TRUNCATED(DomainSetSet), TRUNCATED(DomainScheduleConfigure),
                   TRUNCATED(DomainScheduleSetStart));
}

static void paging(RtPool* pool) {
    EXPECT_METHODS("a PML4", make(pool, seL4_X64_PML4Object), {0, seL4_IllegalOperation});
    EXPECT_METHODS("a PDPT", make(pool, seL4_X86_PDPTObject), TRUNCATED(X86PDPTMap), SUCCEEDS(X86PDPTUnmap));
    EXPECT_METHODS("a page directory", make(pool, seL4_X86_PageDirectoryObject), TRUNCATED(X86PageDirectoryMap),
                   SUCCEEDS(X86PageDirectoryUnmap));
    EXPECT_METHODS("a page table", make(pool, seL4_X86_PageTableObject), TRUNCATED(X86PageTableMap),
                   SUCCEEDS(X86PageTableUnmap));
    EXPECT_METHODS("a page", make(pool, seL4_X86_4K), TRUNCATED(X86PageMap), SUCCEEDS(X86PageUnmap),
                   SUCCEEDS(X86PageGetAddress)
#ifdef CONFIG_IOMMU
                       ,
                   TRUNCATED(X86PageMapIO)
#endif
    );
    EXPECT_METHODS("ASIDControl", seL4_CapASIDControl, TRUNCATED(X86ASIDControlMakePool));
    EXPECT_METHODS("an ASID pool", seL4_CapInitThreadASIDPool, TRUNCATED(X86ASIDPoolAssign));
}

static void ports(RtPool* pool) {
    seL4_CPtr port = rt_pool_slot(pool);
    RT_REQUIRE(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x4000, 0x4003, ROOT, port, DEPTH));
    EXPECT_METHODS("IOPortControl", seL4_CapIOPortControl, TRUNCATED(X86IOPortControlIssue));
    EXPECT_METHODS("I/O ports", port, TRUNCATED(X86IOPortIn8), TRUNCATED(X86IOPortIn16), TRUNCATED(X86IOPortIn32),
                   TRUNCATED(X86IOPortOut8), TRUNCATED(X86IOPortOut16), TRUNCATED(X86IOPortOut32));
}

/// A label means nothing to notifications, and nothing at all helps with an empty slot.
static void no_methods(RtPool* pool) {
    seL4_CPtr notification = make(pool, seL4_NotificationObject), empty = rt_pool_slot(pool);
    for (seL4_Word label = 0; label <= nArchInvocationLabels; label++) {
        RT_EXPECT_ERROR(invoke(notification, label, NO_CAPS, NO_WORDS), seL4_NoError);
        RT_EXPECT_ERROR(invoke(empty, label, NO_CAPS, NO_WORDS), seL4_InvalidCapability, 0);
    }
}

/// A method can be sent instead of called, by NBSend too; then it answers nothing.
static void without_answer(RtPool* pool) {
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject), copies[2] = {rt_pool_slot(pool), rt_pool_slot(pool)};
    for (int i = 0; i < 2; i++) {
        RT_REQUIRE(seL4_CNode_Copy(ROOT, copies[i], DEPTH, ROOT, endpoint, DEPTH, seL4_AllRights));
        seL4_SetMR(0, copies[i]);
        seL4_SetMR(1, DEPTH);
        if (i == 0) {
            seL4_Send(ROOT, seL4_MessageInfo_new(CNodeDelete, 0, 0, 2));
        } else {
            seL4_NBSend(ROOT, seL4_MessageInfo_new(CNodeDelete, 0, 0, 2));
        }
        RT_EXPECT_EQUAL(seL4_GetMR(0), copies[i]);
        RT_EXPECT(!slot_is_full(copies[i]));
        // Errors are not told either.
        seL4_Send(ROOT, seL4_MessageInfo_new(CNodeDelete, 0, 0, 0));
        seL4_NBSend(ROOT, seL4_MessageInfo_new(UntypedRetype, 0, 0, 7));
    }
}

/// A thread without IPC buffer can call methods that take up to four words and no capability.
static void without_buffer(RtPool* pool) {
    Space space;
    RT_REQUIRE(space_make(&space, pool, seL4_CapInitThreadASIDPool, seL4_CapNull));
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    SpaceOutcome outcome = space_invoke(&space, ROOT, CNodeDelete, endpoint, DEPTH);
    EXPECT_SPACE_DONE(outcome);
    RT_EXPECT_EQUAL(outcome.value, seL4_NoError);
    RT_EXPECT(!slot_is_full(endpoint));
    outcome = space_invoke(&space, ROOT, CNodeCopy, endpoint, DEPTH);
    RT_EXPECT_EQUAL(outcome.value, seL4_TruncatedMessage);
    outcome = space_invoke(&space, ROOT, CNodeDelete, endpoint, 0);
    RT_EXPECT_EQUAL(outcome.value, seL4_RangeError);
}

static const RtTest tests[] = {
    {"methods of untyped memory, threads, CNodes, interrupts and domains", generic},
    {"methods of paging structures, pages and ASID pools", paging},
    {"methods of I/O ports", ports},
    {"notifications and empty slots have no methods", no_methods},
    {"methods that are sent, not called", without_answer},
    {"methods called by a thread without IPC buffer", without_buffer},
};

const RtTestGroup method_tests = TEST_GROUP(tests);
