// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "kernel/object/fault.hpp"

namespace kernel {

/// The error code that the processor pushes for a page fault (Intel SDM vol. 3A, 4.7). User programs get it as the fault
/// status register.
struct PageFaultCode {
    static constexpr std::uint64_t instruction_fetch = 1U << 4;
};

/// The VM fault that a page fault at `address` (CR2) with error code `code` means for the thread (seL4 manual, 6.2.4).
[[nodiscard]] constexpr Fault page_fault(std::uint64_t address, std::uint64_t code) {
    return Fault::vm(address, (code & PageFaultCode::instruction_fetch) != 0, code);
}

}  // namespace kernel
