// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/slot.hpp>

namespace frame::detail {

/// The window offset of the slots that a zombie counts: a CNode is nothing else, in a TCB they lie among other things.
[[nodiscard]] std::uint64_t zombie_slots(const ZombieCap& zombie);

/// Stops the kernel unless nothing but capabilities names the object any more: its links are empty, no core runs it, has
/// its FPU state or its address space loaded, no ASID leads to it.
void check_detached(const Capability& cap);

/// Stops the kernel unless `cap`, held by `slot`, may vanish: what it maps is unmapped, and if it is the last capability
/// to its object, that object is detached. `is_final` says whether it is the last. Returns whether the object dies with it.
[[nodiscard]] bool check_special_removable(const Capability& cap, bool is_final, SlotRef slot);
[[nodiscard]] inline bool check_removable(const Capability& cap, bool is_final, SlotRef slot) {
    if (!is_final && !cap.is<FrameCap>() && !cap.is<ZombieCap>()) {
        return false;  // most kinds only matter with the last capability
    }
    return check_special_removable(cap, is_final, slot);
}

}  // namespace frame::detail
