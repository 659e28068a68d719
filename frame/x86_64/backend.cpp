// SPDX-License-Identifier: GPL-2.0-only
//
// What the frame's common code and the kernel ask of the machine and that fits in a line each.

#include <frame/cache.hpp>
#include <frame/detail/backend.hpp>
#include <frame/io_port.hpp>

#include "frame/x86_64/console.hpp"
#include "frame/x86_64/cpu.hpp"
#include "frame/x86_64/panic.hpp"

namespace frame {

std::uint8_t port_in8(std::uint16_t port) { return x86_64::in8(port); }
std::uint16_t port_in16(std::uint16_t port) { return x86_64::in16(port); }
std::uint32_t port_in32(std::uint16_t port) { return x86_64::in32(port); }
void port_out8(std::uint16_t port, std::uint8_t value) { x86_64::out8(port, value); }
void port_out16(std::uint16_t port, std::uint16_t value) { x86_64::out16(port, value); }
void port_out32(std::uint16_t port, std::uint32_t value) { x86_64::out32(port, value); }

void flush_caches() {
    // SAFETY: memory keeps what it holds; the instruction faults in user mode only.
    asm volatile("wbinvd" ::: "memory");
}

namespace backend {

void console_put(char character) { x86_64::send_byte(character); }

void halt() { x86_64::stop_machine(x86_64::StopStatus::halted); }

std::uint64_t time_stamp() { return x86_64::read_tsc(); }

void stop_boot(std::string_view message) { x86_64::stop_boot(message); }

}  // namespace backend
}  // namespace frame
