// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/cap/deletion.hpp"

#include <utility>

#include <abi/abi.hpp>
#include <frame/interrupt.hpp>
#include "kernel/cap/finalise.hpp"
#include "kernel/cap/preemption.hpp"

namespace kernel {

namespace {

/// Empties the last remaining slot of a zombie, as far as that is possible without following CNodes found there: their
/// zombie moves into their own first slot, and what was there comes here in exchange and is dealt with next.
Deletion empty_last_slot(frame::Phase&& start, frame::SlotLocation last) {
    frame::Phase phase = std::move(start);
    while (const std::optional<frame::SlotRef> slot = last.occupied(phase)) {
        if (remove(phase, *slot) == Remainder::nothing) {
            return {};
        }
        const frame::Capability remaining = slot->capability();
        const frame::SlotRef home = frame::zombie_slot(phase, *remaining.as<frame::ZombieCap>(), 0);
        if (home == *slot) {
            return {};  // it holds itself already: only revocation of its memory can go on with it
        }
        slot->swap_with(home, remaining, home.capability());
        phase.advance();
        if (const Deletion go_on = preemption_point(phase); !go_on) [[unlikely]] {
            return go_on;
        }
    }
    return {};
}

/// Notes that the zombie at `place` has one slot less, unless emptying that slot put another zombie there.
void shrink_if_same(const frame::Phase& phase, frame::SlotLocation place, const frame::SlotLocation emptied) {
    const std::optional<frame::SlotRef> slot = place.occupied(phase);
    if (!slot) {
        return;
    }
    const std::optional<frame::ZombieCap> zombie = slot->capability().as<frame::ZombieCap>();
    if (!zombie || zombie->remaining() == 0) {
        return;
    }
    const frame::SlotRef last = frame::zombie_slot(phase, *zombie, zombie->remaining() - 1);
    if (last.location() == emptied && last.is_empty()) {
        slot->shrink_zombie();
    }
}

}  // namespace

bool WorkUnits::is_look_due() {
    if (done_ < abi::config::max_num_work_units_per_preemption) {
        return false;
    }
    done_ = 0;
    return true;
}

Deletion preemption_point(const frame::Phase& phase) {
    WorkUnits& work = phase.state<WorkUnits>();
    work.add(1);
    if (work.is_look_due() && frame::is_interrupt_pending(phase)) {
        return std::unexpected{Preempted{}};
    }
    return {};
}

Deletion delete_capability(frame::Phase&& start, frame::SlotLocation victim) {
    frame::Phase phase = std::move(start);
    while (const std::optional<frame::SlotRef> slot = victim.occupied(phase)) {
        if (remove(phase, *slot) == Remainder::nothing) {
            return {};
        }
        const frame::Capability cap = slot->capability();
        const frame::ZombieCap zombie = *cap.as<frame::ZombieCap>();
        const frame::SlotLocation last = frame::zombie_slot(phase, zombie, zombie.remaining() - 1).location();
        if (const Deletion emptied = empty_last_slot(phase.lend(), last); !emptied) [[unlikely]] {
            return emptied;
        }
        phase.advance();
        shrink_if_same(phase, victim, last);
        if (const Deletion go_on = preemption_point(phase); !go_on) [[unlikely]] {
            return go_on;
        }
    }
    return {};
}

Deletion revoke_capability(frame::Phase&& start, frame::SlotLocation ancestor) {
    frame::Phase phase = std::move(start);
    while (const std::optional<frame::SlotRef> slot = ancestor.occupied(phase)) {
        const std::optional<frame::SlotRef> child = slot->first_child();
        if (!child) {
            return {};
        }
        const frame::SlotLocation victim = child->location();
        if (const Deletion deleted = delete_capability(phase.lend(), victim); !deleted) [[unlikely]] {
            return deleted;
        }
        phase.advance();
        if (const Deletion go_on = preemption_point(phase); !go_on) [[unlikely]] {
            return go_on;
        }
    }
    return {};
}

}  // namespace kernel
