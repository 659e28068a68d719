/* SPDX-License-Identifier: BSD-2-Clause */
/// A device on the PCI bus: registers in memory, a level-triggered interrupt, and message-signalled ones.
#include "devices.h"

enum { vector = 9, pci_capabilities = 0x34, capability_msi = 5 };

static seL4_Word poll(seL4_CPtr notification) {
    seL4_Word badge;
    seL4_Poll(notification, &badge);
    return badge;
}

/// Polls until `badge` is there; a device of the emulator may take its time.
static bool comes(seL4_CPtr notification, seL4_Word badge, const Edu* edu) {
    for (int i = 0; i < 100000; i++) {
        if (poll(notification) == badge) {
            return true;
        }
        (void)edu_raised(edu);
    }
    return false;
}

static void registers(RtPool* pool) {
    Edu edu;
    if (!edu_make(&edu, pool)) {
        return;
    }
    RT_EXPECT_EQUAL(edu.registers[0] & 0xffff, 0xed);  // its identification
    edu.registers[1] = 0x12345678;
    RT_EXPECT_EQUAL(edu.registers[1], ~0x12345678u);  // shows that it is alive
    edu_release();
}

/// While the device goes on raising it, the interrupt comes again after each Ack.
static void level_triggered(RtPool* pool) {
    Edu edu;
    if (!edu_make(&edu, pool)) {
        return;
    }
    seL4_CPtr notification = make(pool, seL4_NotificationObject), handler = rt_pool_slot(pool);
    seL4_Word pin = edu_pin(&edu);
    RT_REQUIRE(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, ROOT, handler, DEPTH, 0, pin, level, active_high, vector));
    RT_REQUIRE(seL4_IRQHandler_SetNotification(handler, mint(pool, notification, seL4_CanWrite, 2)));
    RT_EXPECT_EQUAL(poll(notification), 0);
    for (unsigned round = 1; round <= 4; round++) {
        edu_raise(&edu, round);
        RT_EXPECT(comes(notification, 2, &edu));
        RT_EXPECT_EQUAL(edu_raised(&edu), round);
        RT_EXPECT_EQUAL(poll(notification), 0);
        RT_REQUIRE(seL4_IRQHandler_Ack(handler));  // before the device has been told
        RT_EXPECT(comes(notification, 2, &edu));
        edu_acknowledge(&edu);
        RT_REQUIRE(seL4_IRQHandler_Ack(handler));
        RT_EXPECT_EQUAL(poll(notification), 0);
    }
    edu_release();
}

/// The offset of the device's capability for MSI.
static seL4_Word find_msi(const Edu* edu) {
    seL4_Word at = pci_read(edu->pci_ports, edu->device, pci_capabilities) & 0xfc;
    while (at != 0) {
        seL4_Word word = pci_read(edu->pci_ports, edu->device, at);
        if ((word & 0xff) == capability_msi) {
            return at;
        }
        at = word >> 8 & 0xfc;
    }
    return 0;
}

/// The message's address names the processor, its data the vector: that of the capability, and the 48 below it that the
/// kernel keeps.
static void message_signalled(RtPool* pool) {
    enum { address_of_processor_0 = 0xfee00000, kernel_vectors = 0x30, enable = 1 << 16, has_64_bits = 1 << 23 };
    Edu edu;
    if (!edu_make(&edu, pool)) {
        return;
    }
    seL4_CPtr notification = make(pool, seL4_NotificationObject), handler = rt_pool_slot(pool);
    seL4_Word msi = find_msi(&edu), control = pci_read(edu.pci_ports, edu.device, msi);
    RT_EXPECT(msi != 0);
    pci_write(edu.pci_ports, edu.device, msi + 4, address_of_processor_0);
    pci_write(edu.pci_ports, edu.device, msi + 8, 0);
    pci_write(edu.pci_ports, edu.device, msi + ((control & has_64_bits) != 0 ? 12 : 8), kernel_vectors + vector);
    pci_write(edu.pci_ports, edu.device, msi, control | enable);
    RT_REQUIRE(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT, handler, DEPTH, 0, edu.device, 0, 0, vector));
    RT_REQUIRE(seL4_IRQHandler_SetNotification(handler, mint(pool, notification, seL4_CanWrite, 4)));
    for (unsigned round = 1; round <= 4; round++) {
        edu_raise(&edu, round);
        RT_EXPECT(comes(notification, 4, &edu));
        edu_acknowledge(&edu);
        RT_REQUIRE(seL4_IRQHandler_Ack(handler));
        RT_EXPECT_EQUAL(poll(notification), 0);
    }
    pci_write(edu.pci_ports, edu.device, msi, control);
    edu_release();
}

static const RtTest tests[] = {
    {"a device's registers are in device memory", registers},
    {"a level-triggered interrupt", level_triggered},
    {"message-signalled interrupts", message_signalled},
};

const RtTestGroup pci_tests = TEST_GROUP(tests);
