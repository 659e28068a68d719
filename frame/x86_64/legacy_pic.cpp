// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/legacy_pic.hpp"

#include <frame/interrupt_controller.hpp>

#include "frame/x86_64/cpu.hpp"

namespace frame::x86_64 {
namespace {

constexpr Port master_command = 0x20;
constexpr Port master_data = 0x21;
constexpr Port slave_command = 0xa0;
constexpr Port slave_data = 0xa1;

/// Initialisation command words (Intel 8259A, "Initialization command words").
constexpr std::uint8_t icw1_cascade_with_icw4 = 0x11;
constexpr std::uint8_t icw3_slave_on_input_2 = 1 << 2;
constexpr std::uint8_t icw3_slave_identity = 2;
constexpr std::uint8_t icw4_8086_mode = 0x01;

}  // namespace

void mask_legacy_pics() {
    constexpr auto first_vector = static_cast<std::uint8_t>(interrupt_vector::first);
    out8(master_command, icw1_cascade_with_icw4);
    out8(slave_command, icw1_cascade_with_icw4);
    out8(master_data, first_vector);
    out8(slave_data, first_vector + 8);
    out8(master_data, icw3_slave_on_input_2);
    out8(slave_data, icw3_slave_identity);
    out8(master_data, icw4_8086_mode);
    out8(slave_data, icw4_8086_mode);
    out8(master_data, 0xff);
    out8(slave_data, 0xff);
}

}  // namespace frame::x86_64
