/* SPDX-License-Identifier: BSD-2-Clause */
/// Pages that lose their mapping, or rights of it.
#include "stale.h"

static void unmapped(RtPool* pool) {
    build(pool, 3);
    seL4_CPtr frame = mapped_frame(pool, 11);
    REMEMBER(PLACE, 11);
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    EXPECT_FORGOTTEN(rt_try_read(PLACE), PLACE, absent_read);
    RT_REQUIRE(map(frame, PLACE, seL4_ReadWrite));
    REMEMBER(PLACE, 11);
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    EXPECT_FORGOTTEN(rt_try_write(PLACE, 0), PLACE, absent_write);
}

static void unmapped_code(RtPool* pool) {
    build(pool, 3);
    seL4_CPtr frame = mapped_frame(pool, 0xc3);  // RET
    RT_EXPECT(!rt_try_execute(PLACE).faulted);
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));
    RtAccess access = rt_try_execute(PLACE);
    RT_EXPECT(access.faulted);
    RT_EXPECT_EQUAL(access.fault.words[seL4_VMFault_Addr], PLACE);
    // Another frame with other code at the same address.
    seL4_CPtr other = frame_with(pool, 0xc30000007bb8);  // MOV EAX, 123; RET
    RT_REQUIRE(map(frame, PLACE, seL4_ReadWrite));
    RT_EXPECT(!rt_try_execute(PLACE).faulted);
    RT_REQUIRE(map(other, PLACE, seL4_ReadWrite));
    RT_EXPECT_EQUAL(rt_try_execute(PLACE).value, 123);
}

static void fewer_rights(RtPool* pool) {
    build(pool, 3);
    seL4_CPtr frame = mapped_frame(pool, 12);
    RT_EXPECT(!rt_try_write(PLACE, 13).faulted);
    RT_REQUIRE(map(frame, PLACE, seL4_CanRead));
    EXPECT_FORGOTTEN(rt_try_write(PLACE, 14), PLACE, forbidden_write);
    REMEMBER(PLACE, 13);
    RT_REQUIRE(map(frame, PLACE, seL4_NoRights));
    EXPECT_FORGOTTEN(rt_try_read(PLACE), PLACE, forbidden_read);
    RT_REQUIRE(map(frame, PLACE, seL4_ReadWrite));
    RT_EXPECT(!rt_try_write(PLACE, 15).faulted);
    REMEMBER(PLACE, 15);
}

static void more_rights(RtPool* pool) {
    build(pool, 3);
    seL4_CPtr frame = mapped_frame(pool, 16);
    RT_REQUIRE(map(frame, PLACE, seL4_CanRead));
    REMEMBER(PLACE, 16);
    RT_REQUIRE(map(frame, PLACE, seL4_ReadWrite));
    RT_EXPECT(!rt_try_write(PLACE, 17).faulted);  // no fault that the kernel would have to explain
    REMEMBER(PLACE, 17);
}

static void replaced(RtPool* pool) {
    build(pool, 3);
    seL4_CPtr first = mapped_frame(pool, 18), other = frame_with(pool, 19);
    REMEMBER(PLACE, 18);
    RT_REQUIRE(map(other, PLACE, seL4_ReadWrite));
    REMEMBER(PLACE, 19);
    // The first capability still believes to be mapped there; nothing happens to the other's mapping.
    RT_REQUIRE(seL4_CNode_Delete(ROOT, first, DEPTH));
    REMEMBER(PLACE, 19);
    RT_REQUIRE(seL4_X86_Page_Unmap(other));
    EXPECT_FORGOTTEN(rt_try_read(PLACE), PLACE, absent_read);
}

static void deleted(RtPool* pool) {
    build(pool, 3);
    seL4_CPtr frame = mapped_frame(pool, 20);
    seL4_CPtr copy = mint(pool, frame, seL4_AllRights, 0);
    RT_REQUIRE(map(copy, PLACE + page_size, seL4_ReadWrite));
    REMEMBER(PLACE, 20);
    REMEMBER(PLACE + page_size, 20);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, copy, DEPTH));
    EXPECT_FORGOTTEN(rt_try_read(PLACE + page_size), PLACE + page_size, absent_read);
    REMEMBER(PLACE, 20);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, frame, DEPTH));
    EXPECT_FORGOTTEN(rt_try_read(PLACE), PLACE, absent_read);
}

static void revoked(RtPool* pool) {
    build(pool, 3);
    seL4_CPtr frame = frame_with(pool, 21), copies[4];
    for (seL4_Word i = 0; i < 4; i++) {
        copies[i] = mint(pool, frame, seL4_AllRights, 0);
        RT_REQUIRE(map(copies[i], PLACE + i * page_size, seL4_ReadWrite));
        REMEMBER(PLACE + i * page_size, 21);
    }
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, frame, DEPTH));
    for (seL4_Word i = 0; i < 4; i++) {
        EXPECT_FORGOTTEN(rt_try_read(PLACE + i * page_size), PLACE + i * page_size, absent_read);
    }
}

/// The dangerous one: memory behind a remembered translation becomes something else.
static void memory_reused(RtPool* pool) {
    build(pool, 3);
    seL4_CPtr memory, frames = rt_pool_slot(pool), slot;
    for (int i = 1; i < 8; i++) {
        rt_pool_slot(pool);
    }
    slot = rt_pool_slot(pool);
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 15, &memory));
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_X86_4K, 0, ROOT, 0, 0, frames, 8));
    for (seL4_Word i = 0; i < 8; i++) {
        RT_REQUIRE(map(frames + i, PLACE + i * page_size, seL4_ReadWrite));
        RT_EXPECT(!rt_try_write(PLACE + i * page_size, 22).faulted);
    }
    RT_REQUIRE(seL4_CNode_Revoke(ROOT, memory, DEPTH));
    // Kernel objects now, into which a stale translation would write.
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_CapTableObject, 15 - seL4_SlotBits, ROOT, 0, 0, slot, 1));
    for (seL4_Word i = 0; i < 8; i++) {
        EXPECT_FORGOTTEN(rt_try_write(PLACE + i * page_size, ~0ul), PLACE + i * page_size, absent_write);
    }
    RT_EXPECT_ERROR(seL4_CNode_Move(ROOT, frames, DEPTH, slot, 0, 15 - seL4_SlotBits), seL4_FailedLookup, 1,
                    seL4_MissingCapability, 15 - seL4_SlotBits);
}

/// Remapping through another capability to the same frame, then unmapping through the first.
static void two_capabilities_one_page(RtPool* pool) {
    build(pool, 3);
    seL4_CPtr frame = mapped_frame(pool, 23), copy = mint(pool, frame, seL4_AllRights, 0);
    RT_EXPECT(!rt_try_write(PLACE, 24).faulted);
    RT_REQUIRE(map(copy, PLACE, seL4_CanRead));
    EXPECT_FORGOTTEN(rt_try_write(PLACE, 25), PLACE, forbidden_write);
    REMEMBER(PLACE, 24);
    RT_REQUIRE(seL4_X86_Page_Unmap(frame));  // names the same address and the same frame
    EXPECT_FORGOTTEN(rt_try_read(PLACE), PLACE, absent_read);
    RT_REQUIRE(seL4_X86_Page_Unmap(copy));
}

static const RtTest tests[] = {
    {"an unmapped page is forgotten", unmapped},
    {"an unmapped page of code is forgotten", unmapped_code},
    {"rights that a page lost are forgotten", fewer_rights},
    {"rights that a page gained are there at once", more_rights},
    {"a page that took another's place is seen", replaced},
    {"deleting a frame capability forgets its page, and no other", deleted},
    {"revoking a frame capability forgets the pages of all copies", revoked},
    {"memory is forgotten before it becomes another object", memory_reused},
    {"a page mapped through two capabilities", two_capabilities_one_page},
};

const RtTestGroup page_tests = TEST_GROUP(tests);
