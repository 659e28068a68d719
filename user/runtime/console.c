/* SPDX-License-Identifier: BSD-2-Clause */
#include "internal.h"

#include <antimono/print.h>

#ifdef CONFIG_PRINTING

void rt_put_character(char character) { seL4_DebugPutChar(character); }

// The kernel waits for the port itself, before each character.
void rt_flush_console(void) {}

#else

#include <stdbool.h>

/// The first serial port of a PC, a 16550 UART that the firmware or the emulator has set up.
enum {
    serial_data = 0x3f8,
    serial_line_status = 0x3fd,
    line_status_holding_empty = 1 << 5,  // can take a character
    line_status_all_sent = 1 << 6,
};

static bool claimed, usable;

/// Waits until one of `bits` is set. Returns false if there is no such port.
static bool wait_for(int bits) {
    for (;;) {
        seL4_X86_IOPort_In8_t status = seL4_X86_IOPort_In8(rt_reserved_slot(1), serial_line_status);
        if (status.error != seL4_NoError || status.result == 0xff) {  // all ones: nothing answers on the bus
            return false;
        }
        if ((status.result & bits) != 0) {
            return true;
        }
    }
}

void rt_put_character(char character) {
    if (!claimed) {
        claimed = true;
        usable = rt_claim_ports(serial_data, serial_data + 7, 1) == seL4_NoError;
    }
    usable = usable && wait_for(line_status_holding_empty);
    if (usable) {
        seL4_X86_IOPort_Out8(rt_reserved_slot(1), serial_data, (unsigned char)character);
    }
}

void rt_flush_console(void) {
    if (usable) {
        wait_for(line_status_all_sent);
    }
}

#endif
