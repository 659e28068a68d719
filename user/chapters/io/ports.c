/* SPDX-License-Identifier: BSD-2-Clause */
/// I/O ports (seL4 manual, 8.2.2 "I/O Ports").
#include "devices.h"

#include <sel4/arch/invocation.h>

static seL4_Error issue(seL4_Word first, seL4_Word last, seL4_CPtr slot) {
    return (seL4_Error)seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, first, last, ROOT, slot, DEPTH);
}

/// Ports that nobody uses, for capabilities that are not used for input or output.
enum { free_first = 0x4000, free_last = 0x40ff };

static void issue_errors(RtPool* pool) {
    const seL4_CPtr control = seL4_CapIOPortControl;
    seL4_CPtr slot = rt_pool_slot(pool), full = make(pool, seL4_EndpointObject);
    RT_EXPECT_ERROR(issue(free_last, free_first, slot), seL4_InvalidArgument, 1);
    RT_EXPECT_ERROR(issue(free_first, free_last, full), seL4_DeleteFirst);
    RT_EXPECT_ERROR(issue(free_first, free_last, ~0ul), seL4_FailedLookup, 0, seL4_GuardMismatch);
    RT_EXPECT_ERROR(seL4_X86_IOPortControl_Issue(control, free_first, free_last, full, slot, DEPTH), seL4_FailedLookup,
                    0, seL4_InvalidRoot);
    RT_EXPECT_ERROR(seL4_X86_IOPortControl_Issue(control, free_first, free_last, ROOT, slot, 0), seL4_RangeError, 1,
                    seL4_WordBits);
    RT_EXPECT_ERROR(invoke(control, X86IOPortControlIssue, CAPS(ROOT), WORDS(free_first, free_last, slot)),
                    seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(control, X86IOPortControlIssue, NO_CAPS, WORDS(free_first, free_last, slot, DEPTH)),
                    seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(control, X86IOPortIn8, CAPS(ROOT), WORDS(free_first, free_last, slot, DEPTH)),
                    seL4_IllegalOperation);
    RT_EXPECT(!slot_is_full(slot));
}

static void ranges_do_not_overlap(RtPool* pool) {
    seL4_CPtr middle = claim_ports(pool, 0x4040, 0x40bf), slot = rt_pool_slot(pool);
    RT_EXPECT_ERROR(issue(0x4040, 0x40bf, slot), seL4_RevokeFirst);
    RT_EXPECT_ERROR(issue(0x4000, 0x4040, slot), seL4_RevokeFirst);
    RT_EXPECT_ERROR(issue(0x40bf, 0x40ff, slot), seL4_RevokeFirst);
    RT_EXPECT_ERROR(issue(0x4080, 0x4080, slot), seL4_RevokeFirst);
    RT_EXPECT_ERROR(issue(0x4000, 0x40ff, slot), seL4_RevokeFirst);
    // It is looked at before the destination.
    RT_EXPECT_ERROR(issue(0x4080, 0x4080, middle), seL4_RevokeFirst);
    RT_REQUIRE(issue(0x4000, 0x403f, slot));
    RT_REQUIRE(issue(0x40c0, 0x40ff, rt_pool_slot(pool)));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, middle, DEPTH));
    RT_REQUIRE(issue(0x4041, 0x4041, middle));  // free again
    RT_REQUIRE(issue(0x4042, 0x40bf, rt_pool_slot(pool)));
    RT_REQUIRE(issue(0x4040, 0x4040, rt_pool_slot(pool)));
}

static void copies_keep_the_range(RtPool* pool) {
    seL4_CPtr ports = claim_ports(pool, free_first, free_last), copy = rt_pool_slot(pool), slot = rt_pool_slot(pool);
    RT_REQUIRE(seL4_CNode_Copy(ROOT, copy, DEPTH, ROOT, ports, DEPTH, seL4_NoRights));
    RT_REQUIRE(seL4_CNode_Delete(ROOT, ports, DEPTH));
    RT_EXPECT_ERROR(issue(free_first, free_last, slot), seL4_RevokeFirst);
    seL4_X86_IOPort_In8_t byte = seL4_X86_IOPort_In8(copy, free_first);  // rights mean nothing to it
    RT_EXPECT_EQUAL(byte.error, seL4_NoError);
    RT_REQUIRE(seL4_CNode_Delete(ROOT, copy, DEPTH));
    RT_REQUIRE(issue(free_first, free_last, slot));
}

static void addresses_have_16_bits(RtPool* pool) {
    seL4_CPtr slot = rt_pool_slot(pool);
    RT_REQUIRE(issue(0xabcd0000 + free_first, 0x10000 + free_last, slot));
    RT_EXPECT_ERROR(issue(free_first, free_first, rt_pool_slot(pool)), seL4_RevokeFirst);
    RT_EXPECT_ERROR(issue(free_last, free_last, rt_pool_slot(pool)), seL4_RevokeFirst);
    RT_REQUIRE(issue(free_last + 1, free_last + 1, rt_pool_slot(pool)));
}

/// PCI's address register is 32 bits wide, and of its data any part can be read and written.
static void all_widths(RtPool* pool) {
    seL4_CPtr ports = claim_ports(pool, pci_address, pci_data + 3);
    RT_REQUIRE(seL4_X86_IOPort_Out32(ports, pci_address, pci_register(0, 0)));
    RT_EXPECT_EQUAL(port_in32(ports, pci_address), pci_register(0, 0));
    seL4_Word id = port_in32(ports, pci_data);
    RT_EXPECT(id != 0xffffffff && id != 0);
    for (seL4_Word i = 0; i < 4; i++) {
        seL4_X86_IOPort_In8_t byte = seL4_X86_IOPort_In8(ports, (seL4_Uint16)(pci_data + i));
        RT_EXPECT_EQUAL(byte.error, seL4_NoError);
        RT_EXPECT_EQUAL(byte.result, id >> i * 8 & 0xff);
    }
    for (seL4_Word i = 0; i < 3; i += 2) {
        seL4_X86_IOPort_In16_t half = seL4_X86_IOPort_In16(ports, (seL4_Uint16)(pci_data + i));
        RT_EXPECT_EQUAL(half.error, seL4_NoError);
        RT_EXPECT_EQUAL(half.result, id >> i * 8 & 0xffff);
    }
}

/// Writing no more than the width says, whatever else is in the word.
static void writing(RtPool* pool) {
    enum { interrupt_line = 0x3c };  // of the host bridge: eight bits that mean nothing to it
    seL4_CPtr ports = claim_ports(pool, pci_address, pci_data + 3);
    seL4_Word before = pci_read(ports, 0, interrupt_line);
    RT_REQUIRE(seL4_X86_IOPort_Out8(ports, pci_data, 0xabcdef5a));
    RT_EXPECT_EQUAL(pci_read(ports, 0, interrupt_line), (before & ~0xfful) | 0x5a);
    RT_REQUIRE(seL4_X86_IOPort_Out16(ports, pci_data, 0xabcd00a5));
    RT_EXPECT_EQUAL(pci_read(ports, 0, interrupt_line), (before & ~0xfful) | 0xa5);
    RT_REQUIRE(seL4_X86_IOPort_Out32(ports, pci_data, 0xabcd00000000 + before));
    RT_EXPECT_EQUAL(pci_read(ports, 0, interrupt_line), before);
    // 32 bits in one go: reading back the address tells.
    RT_REQUIRE(seL4_X86_IOPort_Out32(ports, pci_address, 0xff00000080123458));
    RT_EXPECT_EQUAL(port_in32(ports, pci_address), 0x80123458);
}

/// A word of the answer holds just what was read.
static void answers(RtPool* pool) {
    seL4_CPtr ports = claim_ports(pool, pci_address, pci_data + 3);
    port_out32(ports, pci_address, 0x80fefefc);
    RT_REQUIRE(invoke(ports, X86IOPortIn8, NO_CAPS, WORDS(pci_address)));
    RT_EXPECT_EQUAL(seL4_GetMR(0), 0xfc);
    RT_REQUIRE(invoke(ports, X86IOPortIn16, NO_CAPS, WORDS(pci_address, 1, 2)));
    seL4_Word half = seL4_GetMR(0);
    RT_REQUIRE(invoke(ports, X86IOPortIn32, NO_CAPS, WORDS(0x990000 + pci_address)));  // 16 bits count
    RT_EXPECT_EQUAL(seL4_GetMR(0), 0x80fefefc);
    RT_EXPECT(half <= 0xffff);
}

static void access_errors(RtPool* pool) {
    seL4_CPtr ports = claim_ports(pool, 0x4010, 0x4013), last = claim_ports(pool, 0xfff0, 0xffff);
    RT_EXPECT_EQUAL(seL4_X86_IOPort_In8(ports, 0x400f).error, seL4_IllegalOperation);
    RT_EXPECT_EQUAL(seL4_X86_IOPort_In8(ports, 0x4010).error, seL4_NoError);
    RT_EXPECT_EQUAL(seL4_X86_IOPort_In8(ports, 0x4013).error, seL4_NoError);
    RT_EXPECT_EQUAL(seL4_X86_IOPort_In8(ports, 0x4014).error, seL4_IllegalOperation);
    RT_EXPECT_EQUAL(seL4_X86_IOPort_In16(ports, 0x400f).error, seL4_IllegalOperation);
    RT_EXPECT_EQUAL(seL4_X86_IOPort_In16(ports, 0x4012).error, seL4_NoError);
    RT_EXPECT_EQUAL(seL4_X86_IOPort_In16(ports, 0x4013).error, seL4_IllegalOperation);
    RT_EXPECT_EQUAL(seL4_X86_IOPort_In32(ports, 0x4010).error, seL4_NoError);
    RT_EXPECT_EQUAL(seL4_X86_IOPort_In32(ports, 0x4011).error, seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_X86_IOPort_Out8(ports, 0x4014, 0), seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_X86_IOPort_Out16(ports, 0x4013, 0), seL4_IllegalOperation);
    RT_EXPECT_ERROR(seL4_X86_IOPort_Out32(ports, 0x4011, 0), seL4_IllegalOperation);
    RT_REQUIRE(seL4_X86_IOPort_Out32(ports, 0x4010, 0));
    // The address space ends at 0xffff; it does not start again.
    RT_EXPECT_EQUAL(seL4_X86_IOPort_In8(last, 0xffff).error, seL4_NoError);
    RT_EXPECT_EQUAL(seL4_X86_IOPort_In16(last, 0xffff).error, seL4_IllegalOperation);
    RT_EXPECT_EQUAL(seL4_X86_IOPort_In32(last, 0xfffd).error, seL4_IllegalOperation);
    RT_EXPECT_ERROR(invoke(ports, X86IOPortIn8, NO_CAPS, NO_WORDS), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(ports, X86IOPortOut32, NO_CAPS, WORDS(0x4010)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(ports, X86IOPortControlIssue, NO_CAPS, WORDS(0x4010, 0)), seL4_IllegalOperation);
}

static void send_is_enough(RtPool* pool) {
    seL4_CPtr ports = claim_ports(pool, pci_address, pci_data + 3);
    seL4_SetMR(0, pci_address);
    seL4_SetMR(1, pci_register(3, 8));
    seL4_Send(ports, seL4_MessageInfo_new(X86IOPortOut32, 0, 0, 2));
    RT_EXPECT_EQUAL(port_in32(ports, pci_address), pci_register(3, 8));
    seL4_SetMR(0, pci_address);
    seL4_Send(ports, seL4_MessageInfo_new(X86IOPortIn32, 0, 0, 1));  // an answer that nobody gets
}

static const RtTest tests[] = {
    {"Issue refuses bad arguments", issue_errors},
    {"a port is issued once", ranges_do_not_overlap},
    {"a copy keeps the ports", copies_keep_the_range},
    {"a port's address has 16 bits", addresses_have_16_bits},
    {"reading 8, 16 and 32 bits", all_widths},
    {"writing 8, 16 and 32 bits", writing},
    {"the answer to a read", answers},
    {"access outside the range is refused", access_errors},
    {"Send writes to a port too", send_is_enough},
};

const RtTestGroup port_tests = TEST_GROUP(tests);
