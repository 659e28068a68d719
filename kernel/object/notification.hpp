// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/cap/ipc.hpp>
#include <frame/links.hpp>

namespace kernel {

/// A notification: a word of badges signalled and not yet received, the threads that wait for one, and the thread that
/// it is bound to (seL4 manual, 5).
class alignas(32) Notification {
public:
    static constexpr std::uint64_t size_bits = abi::size_bits::notification;

    constexpr explicit Notification(const frame::Birth&) {}
    Notification(const Notification&) = delete;
    Notification& operator=(const Notification&) = delete;

    frame::NotificationLinks links;  ///< must come first
    std::uint64_t pending = 0;       ///< the badges signalled, or-ed together; counts only while active
};
static_assert(frame::KernelObject<Notification>);

}  // namespace kernel
