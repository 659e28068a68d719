// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/slot.hpp>

namespace kernel {

/// What is left to do for a capability once its object has been dealt with.
enum class Remainder : std::uint8_t {
    nothing,  ///< the slot can be cleared
    zombie,   ///< the slot now holds a zombie, whose slots have to be emptied first
};

/// Undoes what the capability in `slot` stands for, as far as it is the last one: wakes waiters, suspends threads, unmaps
/// memory (seL4 manual, 3.1.5). Turns CNodes and TCBs with slots into zombies. The slot still has to be cleared.
[[nodiscard]] Remainder finalise(const frame::Phase& phase, frame::SlotRef slot);

/// Clears a slot whose capability has been finalised, and releases the resource it named, if it named one that is no
/// memory: an interrupt line or a range of I/O ports.
void clear_finalised(const frame::Phase& phase, frame::SlotRef slot);

/// Deletes a capability that can have no remainder: a reply, endpoint or notification capability, or none.
void delete_simple(const frame::Phase& phase, frame::SlotRef slot);

}  // namespace kernel
