/* SPDX-License-Identifier: BSD-2-Clause */
/// The messages of errors (API reference, "Error Codes"): label, length and words of each.
#include "support.h"

#include <sel4/arch/invocation.h>
#include <sel4/invocation.h>

/// Calls with a message and expects exactly this answer: an error, `count` words, and no capability.
static void expect_answer(int line, seL4_CPtr target, seL4_Word label, size_t cap_count, const seL4_CPtr* caps,
                          size_t word_count, const seL4_Word* words, seL4_Error error, size_t count,
                          const seL4_Word* expected) {
    for (size_t i = 0; i < cap_count; i++) {
        seL4_SetCap((int)i, caps[i]);
    }
    for (size_t i = 0; i < word_count; i++) {
        seL4_SetMR((int)i, words[i]);
    }
    seL4_MessageInfo_t info = seL4_Call(target, seL4_MessageInfo_new(label, 0, cap_count, word_count));
    seL4_Word got[8];
    for (size_t i = 0; i < count; i++) {
        got[i] = seL4_GetMR((int)i);
    }
    if (seL4_MessageInfo_get_label(info) != error || seL4_MessageInfo_get_length(info) != count ||
        seL4_MessageInfo_get_extraCaps(info) != 0 || seL4_MessageInfo_get_capsUnwrapped(info) != 0) {
        rt_fail(__FILE_NAME__, line, "answer %s with %lu words, expected %s with %lu",
                rt_error_name((seL4_Error)seL4_MessageInfo_get_label(info)), seL4_MessageInfo_get_length(info),
                rt_error_name(error), count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (got[i] != expected[i]) {
            rt_fail(__FILE_NAME__, line, "word %lu of the answer is %#lx, expected %#lx", i, got[i], expected[i]);
        }
    }
}

#define EXPECT_ANSWER(target, label, caps, words, error, answer) \
    expect_answer(__LINE__, target, label, caps, words, error, answer)

static void no_error(RtPool* pool) {
    seL4_CPtr tcb = make(pool, seL4_TCBObject);
    EXPECT_ANSWER(tcb, TCBSuspend, NO_CAPS, NO_WORDS, seL4_NoError, NO_WORDS);
    EXPECT_ANSWER(tcb, TCBSetFlags, NO_CAPS, WORDS(0, 0), seL4_NoError, WORDS(0));
    EXPECT_ANSWER(tcb, TCBReadRegisters, NO_CAPS, WORDS(0, 2), seL4_NoError, WORDS(0, 0));
}

static void arguments(RtPool* pool) {
    seL4_CPtr memory, tcb = make(pool, seL4_TCBObject), slot = rt_pool_slot(pool), frame = make(pool, seL4_X86_4K);
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 12, &memory));
    EXPECT_ANSWER(memory, UntypedRetype, CAPS(ROOT), WORDS(99, 0, 0, 0, slot, 1), seL4_InvalidArgument, WORDS(0));
    EXPECT_ANSWER(memory, UntypedRetype, CAPS(ROOT), WORDS(seL4_CapTableObject, 0, 0, 0, slot, 1), seL4_InvalidArgument,
                  WORDS(1));
    EXPECT_ANSWER(tcb, TCBSetPriority, CAPS(ROOT), WORDS(1), seL4_InvalidCapability, WORDS(1));
    EXPECT_ANSWER(rt_pool_slot(pool), 1, NO_CAPS, NO_WORDS, seL4_InvalidCapability, WORDS(0));
    EXPECT_ANSWER(tcb, 0, NO_CAPS, NO_WORDS, seL4_IllegalOperation, NO_WORDS);
    EXPECT_ANSWER(tcb, TCBSetPriority, CAPS(seL4_CapInitThreadTCB), WORDS(256), seL4_RangeError, WORDS(0, 255));
    EXPECT_ANSWER(frame, X86PageMap, CAPS(seL4_CapInitThreadVSpace), WORDS(8, 3, 0), seL4_AlignmentError, NO_WORDS);
    EXPECT_ANSWER(tcb, TCBConfigure, NO_CAPS, NO_WORDS, seL4_TruncatedMessage, NO_WORDS);
}

static void lookups(RtPool* pool) {
    seL4_CPtr slot = rt_pool_slot(pool), cnode = make_cnode(pool, 4), tcb = make(pool, seL4_TCBObject);
    const seL4_Word rights = seL4_AllRights.words[0];
    EXPECT_ANSWER(ROOT, CNodeCopy, CAPS(tcb), WORDS(slot, DEPTH, 0, DEPTH, rights), seL4_FailedLookup,
                  WORDS(1, seL4_InvalidRoot));
    EXPECT_ANSWER(ROOT, CNodeCopy, CAPS(cnode), WORDS(slot, DEPTH, 5, 4, rights), seL4_FailedLookup,
                  WORDS(1, seL4_MissingCapability, 4));
    EXPECT_ANSWER(ROOT, CNodeCopy, CAPS(cnode), WORDS(slot, DEPTH, 5, 3, rights), seL4_FailedLookup,
                  WORDS(1, seL4_DepthMismatch, 3, 4));
    EXPECT_ANSWER(ROOT, CNodeDelete, NO_CAPS, WORDS(~0ul, DEPTH), seL4_FailedLookup,
                  WORDS(0, seL4_GuardMismatch, DEPTH, 0, DEPTH - rt_boot_info()->initThreadCNodeSizeBits));
}

static void occupied(RtPool* pool) {
    seL4_CPtr memory, tcb = make(pool, seL4_TCBObject), slot = rt_pool_slot(pool), other = rt_pool_slot(pool);
    const seL4_Word rights = seL4_AllRights.words[0];
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 12, &memory));
    EXPECT_ANSWER(ROOT, CNodeCopy, CAPS(ROOT), WORDS(tcb, DEPTH, tcb, DEPTH, rights), seL4_DeleteFirst, NO_WORDS);
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, 0, 0, slot, 1));
    EXPECT_ANSWER(ROOT, CNodeCopy, CAPS(ROOT), WORDS(other, DEPTH, memory, DEPTH, rights), seL4_RevokeFirst, NO_WORDS);
    EXPECT_ANSWER(memory, UntypedRetype, CAPS(ROOT), WORDS(seL4_X86_4K, 0, 0, 0, other, 1), seL4_NotEnoughMemory,
                  WORDS(4096 - (1ul << seL4_EndpointBits)));
}

/// The first four words of a message are in registers only: an answer does not touch their place in the buffer, and the
/// caller's other words stay what they were.
static void the_buffer_behind(RtPool* pool) {
    seL4_CPtr tcb = make(pool, seL4_TCBObject);
    for (int i = 0; i < seL4_MsgMaxLength; i++) {
        seL4_SetMR(i, 0x5000u + (unsigned)i);
    }
    seL4_MessageInfo_t info = seL4_Call(tcb, seL4_MessageInfo_new(TCBSuspend, 0, 0, 20));
    RT_EXPECT_EQUAL(seL4_MessageInfo_get_label(info), seL4_NoError);
    for (int i = 4; i < seL4_MsgMaxLength; i++) {
        RT_EXPECT_EQUAL(seL4_GetMR(i), 0x5000u + (unsigned)i);
    }
}

static const RtTest tests[] = {
    {"answers without error", no_error},
    {"errors of arguments", arguments},
    {"failed lookups", lookups},
    {"errors that say what to do first", occupied},
    {"an answer leaves the rest of the buffer alone", the_buffer_behind},
};

const RtTestGroup error_tests = TEST_GROUP(tests);
