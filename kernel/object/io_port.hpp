// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>

#include "kernel/api/invocation.hpp"

namespace kernel {

/// Which I/O ports a capability was issued for: no two capabilities overlap unless one was copied from the other.
class IoPortAllocation {
public:
    constexpr explicit IoPortAllocation(const frame::Birth&) {}
    IoPortAllocation(const IoPortAllocation&) = delete;
    IoPortAllocation& operator=(const IoPortAllocation&) = delete;

    /// Whether none of the ports `first` to `last`, both included, is taken.
    [[nodiscard]] bool is_free(std::uint16_t first, std::uint16_t last) const;
    void take(std::uint16_t first, std::uint16_t last);
    void release(std::uint16_t first, std::uint16_t last);

private:
    std::array<std::uint64_t, 65536 / 64> taken_{};
};

/// The last capability to a range of ports goes away.
void release_io_ports(const frame::Phase& phase, const frame::IoPortCap& cap);

/// IOPortControl Issue; IOPort In8, In16, In32, Out8, Out16 and Out32 (seL4 manual, 8.2).
[[nodiscard]] Outcome invoke_io_port_control(const frame::Phase& phase, const Invocation& invocation);
[[nodiscard]] Outcome invoke_io_port(const frame::Phase& phase, const Invocation& invocation);

}  // namespace kernel
