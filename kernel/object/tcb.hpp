// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>

#include <frame/thread_block.hpp>
#include "kernel/api/error.hpp"
#include "kernel/object/fault.hpp"
#include "kernel/object/thread_state.hpp"

namespace kernel {

using Domain = std::uint8_t;
using Priority = std::uint8_t;

/// How long a thread, or idling, used the core and the kernel, while that is counted (debug/utilisation.hpp). [ticks of
/// the time-stamp counter]
struct UtilisationCounters {
    std::uint64_t running_since = 0;  ///< when it was last switched to
    std::uint64_t ticks = 0;
    std::uint64_t switches = 0;
    std::uint64_t kernel_ticks = 0;
    std::uint64_t kernel_entries = 0;
};

/// A thread control block (seL4 manual, 6). All-zero is an inactive thread of priority 0 in domain 0.
class alignas(frame::power_of_two(abi::size_bits::tcb)) Tcb {
public:
    static constexpr std::uint64_t size_bits = abi::size_bits::tcb;
    static constexpr std::size_t name_size = 64;

    constexpr explicit Tcb(const frame::Birth& birth) : block{birth} {}
    Tcb(const Tcb&) = delete;
    Tcb& operator=(const Tcb&) = delete;

    /// Registers, FPU state, links and capability slots; must come first. Its last cache line has room for what follows.
    frame::ThreadBlock block;

    ThreadState state = ThreadState::inactive;
    Domain domain = 0;
    Priority priority = 0;
    Priority maximum_controlled_priority = 0;
    /// While blocked on an endpoint: whether the sender's capability lets it pass capabilities on.
    bool sends_with_grant = false;
    bool sends_with_grant_reply = false;
    /// While blocked to send: whether it called, and so awaits a reply.
    bool sends_as_call = false;
    /// While blocked to receive: whether its capability has the grant right.
    bool receives_with_grant = false;
    bool fpu_disabled = false;

    frame::UserAddress ipc_buffer{};
    Fault fault{};
    /// Ticks of the time slice that are left.
    std::uint64_t time_slice = 0;
    /// While blocked to send: the badge that the receiver will see.
    frame::Badge sends_badge = frame::no_badge;
    /// Capability address, in the thread's own CSpace, of its fault handler's endpoint.
    std::uint64_t fault_handler = 0;
    LookupFault lookup_fault{};
    /// What DebugNameThread called it, for people; ends at the first 0.
    std::array<char, name_size> name{};
    UtilisationCounters utilisation{};

    [[nodiscard]] bool is_runnable() const { return state == ThreadState::running || state == ThreadState::restart; }
    [[nodiscard]] frame::UserContext& context() [[clang::lifetimebound]] { return block.context; }
    [[nodiscard]] frame::SlotRef slot(const frame::Phase& phase [[clang::lifetimebound]], frame::TcbSlot which) {
        return block.slot(phase, which);
    }
};
static_assert(frame::KernelObject<Tcb>);

}  // namespace kernel
