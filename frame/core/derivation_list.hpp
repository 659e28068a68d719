// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/detail/mortality.hpp>
#include <frame/detail/object_memory.hpp>
#include <frame/slot.hpp>

/// The list that all occupied slots are in (seL4 manual, 2.4.1: the capability derivation tree): a capability's children
/// follow it, and two marks beside the links say where a family begins. The frame's own; `SlotRef` is what others see.
namespace frame::derivation_list {

using detail::CapabilityFactory;
using detail::FirstBadgedBit;
using detail::RevocableBit;
using detail::SlotAccess;

/// The slot that a link word names; none for 0.
inline Slot* linked(std::uint64_t link) {
    if (link == 0) {
        return nullptr;
    }
    // SAFETY: link words hold addresses of occupied slots: a slot unlinks itself before it is emptied.
    return detail::object_at<Slot>(detail::linked_address(link));
}

/// The link word that names a slot.
inline std::uint64_t link_to(const Slot* slot) {
    return slot == nullptr ? 0 : detail::link_to_address(detail::window_address(slot));
}

/// The slots after and before one in derivation order.
inline Slot* next(Slot& slot) { return linked(detail::slot_link(SlotAccess::next(slot))); }

inline Slot* previous(Slot& slot) { return linked(SlotAccess::previous(slot)); }

inline void set_next(Slot& slot, const Slot* to) {
    SlotAccess::next(slot) = detail::slot_marks(SlotAccess::next(slot)) | link_to(to);
}

inline void set_previous(Slot& slot, const Slot* to) { SlotAccess::previous(slot) = link_to(to); }

/// What a slot holds.
inline Capability read(Slot& slot) {
    const Capability cap = CapabilityFactory::from_words(SlotAccess::first(slot), SlotAccess::second(slot));
    detail::verify_named(slot, cap);
    return cap;
}

inline void write(Slot& slot, const Capability& cap) {
    SlotAccess::first(slot) = CapabilityFactory::first(cap);
    SlotAccess::second(slot) = CapabilityFactory::second(cap);
    detail::note_named(slot, cap);
}

inline bool is_vacant(Slot& slot) { return SlotAccess::first(slot) == 0; }

/// Makes the neighbours of a slot that took over another one's links name it.
inline void relink_neighbours(Slot& slot) {
    if (Slot* const before = previous(slot)) {
        set_next(*before, &slot);
    }
    if (Slot* const after = next(slot)) {
        set_previous(*after, &slot);
    }
}

/// The link in one slot's `next` word put into another's.
inline std::uint64_t with_link(std::uint64_t word, std::uint64_t link_of) {
    return detail::slot_marks(word) | detail::slot_link(link_of);
}

/// Makes `slot`, which just got a capability, the one right after `parent` in derivation order.
[[gnu::always_inline]] inline void link_behind(Slot& parent, Slot& slot, std::uint64_t marks) {
    const std::uint64_t parents_next = SlotAccess::next(parent);
    SlotAccess::next(slot) = marks | detail::slot_link(parents_next);
    SlotAccess::previous(slot) = link_to(&parent);
    const std::uint64_t link = link_to(&slot);
    SlotAccess::next(parent) = with_link(parents_next, link);
    if (Slot* const after = linked(detail::slot_link(parents_next))) {
        SlotAccess::previous(*after) = link;
    }
}

/// Puts `cap` into the vacant `slot`, right after `parent` in derivation order.
inline void link_after(Slot& parent, Slot& slot, const Capability& cap, bool revocable) {
    check(is_vacant(slot), "capability inserted into an occupied slot");
    write(slot, cap);
    link_behind(parent, slot, revocable ? RevocableBit::mask | FirstBadgedBit::mask : 0);
}

/// Takes a slot out of the list. Its neighbours name each other then.
[[gnu::always_inline]] inline void leave_list(Slot& victim, Slot* before) {
    const std::uint64_t next = SlotAccess::next(victim);
    const std::uint64_t previous = SlotAccess::previous(victim);
    SlotAccess::next(victim) = 0;
    SlotAccess::previous(victim) = 0;
    if (before != nullptr) {
        SlotAccess::next(*before) = with_link(SlotAccess::next(*before), next);
    }
    if (Slot* const after = linked(detail::slot_link(next))) {
        SlotAccess::previous(*after) = previous;
        // The first of a run of equally badged capabilities separates it from its siblings: pass the mark on.
        SlotAccess::next(*after) |= next & FirstBadgedBit::mask;
    }
}

/// Empties a slot and takes it out of the list.
inline void unlink(Slot& victim, Slot* before) {
    ++detail::removals;
    SlotAccess::first(victim) = 0;
    SlotAccess::second(victim) = 0;
    leave_list(victim, before);
}

/// Whether revoking `parent` would delete `child`, the slot right after it.
inline bool is_parent_of(Slot& parent, Slot& child) {
    if (RevocableBit::get(SlotAccess::next(parent)) == 0) {
        return false;
    }
    const Capability above = read(parent);
    const Capability below = read(child);
    if (!same_region(above, below)) {
        return false;
    }
    // A badged capability is the parent of its copies only: not of another badging of the same object, which starts
    // with the first-badged mark.
    std::uint64_t badge = 0;
    std::uint64_t child_badge = 0;
    if (above.is<EndpointCap>() || above.is<NotificationCap>()) {
        badge = CapabilityFactory::second(above);
        child_badge = CapabilityFactory::second(below);
    }
    return badge == 0 || (badge == child_badge && FirstBadgedBit::get(SlotAccess::next(child)) == 0);
}

/// Whether `cap`, in `slot`, is the last capability to its object: others would be its neighbours.
[[gnu::always_inline]] inline bool is_last_capability(Slot& slot, const Capability& cap) {
    if (Slot* const before = previous(slot); before != nullptr && same_object(read(*before), cap)) {
        return false;
    }
    if (Slot* const after = next(slot); after != nullptr && same_object(cap, read(*after))) {
        return false;
    }
    return true;
}

}  // namespace frame::derivation_list
