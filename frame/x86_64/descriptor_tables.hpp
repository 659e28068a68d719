// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace frame::x86_64 {

/// Selectors in the GDT. SYSCALL loads CS and SS from kernel_code and the entry after it; SYSRET loads SS from
/// sysret_base + 8 and CS from sysret_base + 16 (Intel SDM vol. 2B). User programs can read selectors and load them, so the
/// numbers are seL4's: SS is the same however a thread left the kernel, and CS is one of two code segments.
namespace selector {
inline constexpr std::uint16_t kernel_code = 0x08;
inline constexpr std::uint16_t kernel_data = 0x10;
inline constexpr std::uint16_t task_state = 0x18;  // two entries
inline constexpr std::uint16_t user_code = 0x28 | 3;
inline constexpr std::uint16_t user_data = 0x30 | 3;
inline constexpr std::uint16_t user_code_after_sysret = 0x38 | 3;
inline constexpr std::uint16_t user_data_too = 0x40 | 3;
inline constexpr std::uint16_t sysret_base = user_code;
}  // namespace selector

/// Exceptions that the frame treats specially (Intel SDM vol. 3A, table 6-1).
namespace vector {
inline constexpr std::uint32_t debug = 1;
inline constexpr std::uint32_t nmi = 2;
inline constexpr std::uint32_t breakpoint = 3;
inline constexpr std::uint32_t invalid_opcode = 6;
inline constexpr std::uint32_t double_fault = 8;
inline constexpr std::uint32_t page_fault = 14;
inline constexpr std::uint32_t machine_check = 18;
}  // namespace vector

/// Fills in this core's GDT, TSS and IDT and loads them; then exceptions of the kernel are reported.
void load_descriptor_tables();

}  // namespace frame::x86_64
