// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/slot.hpp>

namespace kernel {

/// What is left to do for a capability once its object has been dealt with.
enum class Remainder : std::uint8_t {
    nothing,  ///< the slot is empty
    zombie,   ///< the slot now holds a zombie, whose slots have to be emptied first
};

/// Undoes what the capability in `slot` stands for, as far as it is the last one: wakes waiters, suspends threads, unmaps
/// memory (seL4 manual, 3.1.5). Then clears the slot, and releases an interrupt line or I/O ports; or turns the last
/// capability to a CNode or TCB into a zombie, whose slots have to be emptied first.
[[nodiscard]] Remainder remove(const frame::Phase& phase, frame::SlotRef slot);

/// Deletes a capability that can have no remainder: a reply, endpoint or notification capability, or none.
void delete_simple(const frame::Phase& phase, frame::SlotRef slot);

}  // namespace kernel
