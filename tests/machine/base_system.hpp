// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>

#include "tests/machine/machine.hpp"

namespace test {

/// A system with something of everything, made by the initial thread's own system calls. All threads share one address
/// space and one CSpace, `space`: a CNode of 64 slots in which a capability's address is its slot's number.
struct BaseSystem {
    // Slots of `space`; the rest is empty.
    static constexpr std::uint64_t space_self = 1;      ///< the CNode itself, as a CSpace root: guarded
    static constexpr std::uint64_t space_plain = 2;     ///< the same without a guard, for CNode invocations
    static constexpr std::uint64_t second_cnode = 3;    ///< 16 slots
    static constexpr std::uint64_t untyped_small = 4;   ///< 8 KiB
    static constexpr std::uint64_t untyped_large = 5;   ///< 64 KiB
    static constexpr std::uint64_t device_untyped = 6;  ///< 1 GiB
    static constexpr std::uint64_t endpoint = 7;
    static constexpr std::uint64_t other_endpoint = 8;
    static constexpr std::uint64_t badged_endpoint = 9;
    static constexpr std::uint64_t notification = 10;
    static constexpr std::uint64_t bound_notification = 11;
    static constexpr std::uint64_t initial_tcb = 12;
    static constexpr std::uint64_t tcb = 13;  ///< the first of three more
    static constexpr std::uint64_t vspace = 16;
    static constexpr std::uint64_t other_vspace = 17;  ///< with an ASID and nothing mapped
    static constexpr std::uint64_t asid_control = 18;
    static constexpr std::uint64_t asid_pool = 19;
    static constexpr std::uint64_t irq_control = 20;
    static constexpr std::uint64_t irq_handler = 21;
    static constexpr std::uint64_t io_port_control = 22;
    static constexpr std::uint64_t io_port = 23;
    static constexpr std::uint64_t domain = 24;
    static constexpr std::uint64_t frame = 25;       ///< the first of four; three are IPC buffers
    static constexpr std::uint64_t page_table = 29;  ///< mapped nowhere
    static constexpr std::uint64_t fault_endpoint = 30;
    static constexpr std::uint64_t free_vspace = 31;  ///< a root without an ASID
    static constexpr std::uint64_t first_empty = 32;
    static constexpr std::uint64_t space_slots = 64;

    static constexpr std::uint64_t threads = 3;
    /// Where the threads' IPC buffers are mapped.
    static constexpr std::uint64_t buffers = 0x40'f000;
    static constexpr std::uint32_t irq_vector = 60;
    /// The ports of `io_port`, where a real machine has nothing: traces are done again there, too.
    static constexpr std::uint64_t first_port = 0x320;
    static constexpr std::uint64_t last_port = 0x327;

    /// Builds it. Afterwards the initial thread runs, at priority 100; one other thread waits at `endpoint`, one waits
    /// for the reply to a call that the initial thread took, and one is ready.
    static BaseSystem build(Machine& machine);
};

}  // namespace test
