/* SPDX-License-Identifier: BSD-2-Clause */
/// The devices that the tests use: the interval timer, PCI configuration space, and QEMU's device for teaching, `edu`.
#pragma once

#include "support.h"

/// A capability to I/O ports [first, last] in a slot of the pool; a failure ends the run.
seL4_CPtr claim_ports(RtPool* pool, seL4_Word first, seL4_Word last);

seL4_Word port_in8(seL4_CPtr ports, seL4_Word port);
seL4_Word port_in32(seL4_CPtr ports, seL4_Word port);
void port_out8(seL4_CPtr ports, seL4_Word port, seL4_Word value);
void port_out32(seL4_CPtr ports, seL4_Word port, seL4_Word value);

// -- The interval timer (Intel 8254), channel 0. A PC's ISA interrupt 0 is pin 2 of the first I/O APIC. ------------------
enum { pit_ioapic = 0, pit_pin = 2, edge = 0, level = 1, active_high = 0, active_low = 1 };

typedef struct {
    seL4_CPtr ports;
} Pit;

Pit pit_make(RtPool* pool);

/// Raises the timer's interrupt once, in `microseconds` (at most 50000).
void pit_arm(const Pit* pit, seL4_Word microseconds);

/// Waits, without the help of interrupts, until the timer is to have raised it. (A busy emulator may be late.)
void pit_wait(const Pit* pit);

/// A handler for the timer's interrupt at `vector`, in a slot of the pool.
seL4_CPtr pit_handler(RtPool* pool, seL4_Word vector);

// -- PCI configuration space, mechanism 1 -----------------------------------------------------------------------------
enum { pci_address = 0xcf8, pci_data = 0xcfc };

/// The word for the address port: register `offset` of function 0 of `device` on bus 0.
seL4_Word pci_register(seL4_Word device, seL4_Word offset);

seL4_Word pci_read(seL4_CPtr ports, seL4_Word device, seL4_Word offset);
void pci_write(seL4_CPtr ports, seL4_Word device, seL4_Word offset, seL4_Word value);

// -- edu --------------------------------------------------------------------------------------------------------------
typedef struct {
    seL4_CPtr pci_ports;
    seL4_Word device;              ///< its number on bus 0
    volatile unsigned* registers;  ///< mapped
} Edu;

/// Finds the device, switches it on and maps its registers. False if the machine has none: QEMU needs `-device edu`.
bool edu_make(Edu* edu, RtPool* pool);

/// Gives back the device memory that edu_make() took from the boot information's untyped capabilities.
void edu_release(void);

/// The pin of the first I/O APIC that the device's line goes to.
seL4_Word edu_pin(const Edu* edu);

void edu_raise(const Edu* edu, unsigned bits);
void edu_acknowledge(const Edu* edu);

/// What the device is raising.
unsigned edu_raised(const Edu* edu);
