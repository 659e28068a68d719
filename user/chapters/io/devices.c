/* SPDX-License-Identifier: BSD-2-Clause */
#include "devices.h"

seL4_CPtr claim_ports(RtPool* pool, seL4_Word first, seL4_Word last) {
    seL4_CPtr slot = rt_pool_slot(pool);
    RT_CHECK(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, first, last, ROOT, slot, DEPTH));
    return slot;
}

seL4_Word port_in8(seL4_CPtr ports, seL4_Word port) {
    seL4_X86_IOPort_In8_t result = seL4_X86_IOPort_In8(ports, (seL4_Uint16)port);
    RT_CHECK(result.error);
    return result.result;
}

seL4_Word port_in32(seL4_CPtr ports, seL4_Word port) {
    seL4_X86_IOPort_In32_t result = seL4_X86_IOPort_In32(ports, (seL4_Uint16)port);
    RT_CHECK(result.error);
    return result.result;
}

void port_out8(seL4_CPtr ports, seL4_Word port, seL4_Word value) { RT_CHECK(seL4_X86_IOPort_Out8(ports, port, value)); }

void port_out32(seL4_CPtr ports, seL4_Word port, seL4_Word value) {
    RT_CHECK(seL4_X86_IOPort_Out32(ports, port, value));
}

// -- The interval timer ------------------------------------------------------------------------------------------------

enum { pit_channel0 = 0x40, pit_command = 0x43, pit_read_back_status = 0xe2, pit_output = 0x80, pit_null_count = 0x40 };

Pit pit_make(RtPool* pool) { return (Pit){.ports = claim_ports(pool, pit_channel0, pit_command)}; }

void pit_arm(const Pit* pit, seL4_Word microseconds) {
    seL4_Word count = microseconds * 1193 / 1000 + 1;
    port_out8(pit->ports, pit_command, 0x30);  // mode 0: the output goes up once, at the end of the count
    port_out8(pit->ports, pit_channel0, count & 0xff);
    port_out8(pit->ports, pit_channel0, count >> 8);
}

void pit_wait(const Pit* pit) {
    seL4_Word status;
    do {
        port_out8(pit->ports, pit_command, pit_read_back_status);
        status = port_in8(pit->ports, pit_channel0);
    } while ((status & (pit_output | pit_null_count)) != pit_output);
    // An interrupt that is on its way arrives during these.
    for (int i = 0; i < 10; i++) {
        port_in8(pit->ports, pit_channel0);
    }
}

seL4_CPtr pit_handler(RtPool* pool, seL4_Word vector) {
    seL4_CPtr handler = rt_pool_slot(pool);
    RT_CHECK(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, ROOT, handler, DEPTH, pit_ioapic, pit_pin, edge, active_high,
                                       vector));
    return handler;
}

// -- PCI ---------------------------------------------------------------------------------------------------------------

seL4_Word pci_register(seL4_Word device, seL4_Word offset) { return 0x80000000 | device << 11 | offset; }

seL4_Word pci_read(seL4_CPtr ports, seL4_Word device, seL4_Word offset) {
    port_out32(ports, pci_address, pci_register(device, offset));
    return port_in32(ports, pci_data);
}

void pci_write(seL4_CPtr ports, seL4_Word device, seL4_Word offset, seL4_Word value) {
    port_out32(ports, pci_address, pci_register(device, offset));
    port_out32(ports, pci_data, value);
}

// -- edu ---------------------------------------------------------------------------------------------------------------

enum {
    edu_vendor_and_device = 0x11e81234,
    pci_command = 0x04,
    pci_bar0 = 0x10,
    pci_interrupt = 0x3c,
    pci_devices = 32
};
enum { pci_memory_space = 2, pci_bus_master = 4 };

/// Registers, in words of 32 bits.
enum { edu_status = 0x24 / 4, edu_raise_at = 0x60 / 4, edu_acknowledge_at = 0x64 / 4 };

static seL4_CPtr edu_memory;

/// A frame of the device memory at `address`: boot untyped memory is halved until only the frame is left.
static seL4_CPtr device_frame(RtPool* pool, seL4_Word address) {
    const seL4_BootInfo* info = rt_boot_info();
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        const seL4_UntypedDesc* memory = &info->untypedList[i];
        if (memory->isDevice == 0 || address < memory->paddr || (address - memory->paddr) >> memory->sizeBits != 0) {
            continue;
        }
        seL4_CPtr from = edu_memory = info->untyped.start + i;
        for (seL4_Word bits = memory->sizeBits; bits > seL4_PageBits;) {
            bits--;
            seL4_CPtr halves = rt_pool_slot(pool);
            rt_pool_slot(pool);
            RT_CHECK(seL4_Untyped_Retype(from, seL4_UntypedObject, bits, ROOT, 0, 0, halves, 2));
            from = halves + (address >> bits & 1);
        }
        seL4_CPtr frame = rt_pool_slot(pool);
        RT_CHECK(seL4_Untyped_Retype(from, seL4_X86_4K, 0, ROOT, 0, 0, frame, 1));
        return frame;
    }
    RT_PANIC("no device memory at %#lx", address);
}

bool edu_make(Edu* edu, RtPool* pool) {
    *edu = (Edu){.pci_ports = claim_ports(pool, pci_address, pci_data + 3)};
    while (pci_read(edu->pci_ports, edu->device, 0) != edu_vendor_and_device) {
        if (++edu->device == pci_devices) {
            rt_skip("no device `edu`");
            return false;
        }
    }
    seL4_Word command = pci_read(edu->pci_ports, edu->device, pci_command) & 0xffff;
    pci_write(edu->pci_ports, edu->device, pci_command, command | pci_memory_space | pci_bus_master);
    seL4_CPtr frame = device_frame(pool, pci_read(edu->pci_ports, edu->device, pci_bar0) & ~0xful);
    void* registers;
    RT_CHECK(rt_pool_map(pool, frame, seL4_ReadWrite, &registers));
    RT_CHECK(seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, (seL4_Word)registers, seL4_ReadWrite,
                               seL4_X86_CacheDisabled));
    edu->registers = registers;
    return true;
}

void edu_release(void) {
    if (edu_memory != seL4_CapNull) {
        RT_CHECK(seL4_CNode_Revoke(ROOT, edu_memory, DEPTH));
        edu_memory = seL4_CapNull;
    }
}

seL4_Word edu_pin(const Edu* edu) { return pci_read(edu->pci_ports, edu->device, pci_interrupt) & 0xff; }

void edu_raise(const Edu* edu, unsigned bits) { edu->registers[edu_raise_at] = bits; }

void edu_acknowledge(const Edu* edu) { edu->registers[edu_acknowledge_at] = edu_raised(edu); }

unsigned edu_raised(const Edu* edu) { return edu->registers[edu_status]; }
