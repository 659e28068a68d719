// SPDX-License-Identifier: GPL-2.0-only
#include "tests/machine/census.hpp"

#include <algorithm>
#include <bit>

#include <frame/detail/core_access.hpp>
#include <frame/detail/object_memory.hpp>
#include "kernel/object/interrupt.hpp"

namespace test {

using frame::Slot;
using frame::detail::SlotAccess;
using frame::host::Arena;

namespace {

std::size_t bucket_of(std::uint64_t place, std::size_t buckets) {
    constexpr std::uint64_t spreading = 0x9e37'79b9'7f4a'7c15;
    return static_cast<std::size_t>((place / sizeof(Slot) * spreading) >> 32) & (buckets - 1);
}

}  // namespace

Census::Census() {
    const std::uint64_t link = frame::detail::CoreAccess::context(frame::detail::CoreAccess::this_core());
    current = link == 0 ? 0 : frame::detail::link_place(link) - frame::detail::window_base;
    held.reserve(1024);
    for (const Arena::Number number : Arena::live()) {
        const frame::host::ObjectRecord& object = Arena::object(number);
        objects.push_back(object);
        if (object.is<Slot>()) {
            add_slots(frame::detail::pointer_at<Slot>(object.offset), object.size / sizeof(Slot), object.offset);
        } else if (object.is<kernel::Tcb>()) {
            auto* const tcb = frame::detail::pointer_at<kernel::Tcb>(object.offset);
            tcbs.push_back({object.offset, tcb});
            add_slots(SlotAccess::pointer(tcb->block.slots.at(phase, 0)), frame::tcb_slot_count, object.offset);
        } else if (object.is<kernel::Endpoint>()) {
            endpoints.push_back({object.offset, frame::detail::pointer_at<kernel::Endpoint>(object.offset)});
        } else if (object.is<kernel::Notification>()) {
            notifications.push_back({object.offset, frame::detail::pointer_at<kernel::Notification>(object.offset)});
        }
    }
    auto& interrupts = phase.state<kernel::InterruptTable>();
    for (std::uint64_t irq = 0; irq < kernel::InterruptTable::count; ++irq) {
        add_slot(*SlotAccess::pointer(interrupts.slot(phase, irq)), 0);
    }
    index_.assign(std::bit_ceil(2 * held.size() + 1), 0);
    for (std::size_t index = 0; index < held.size(); ++index) {
        std::size_t at = bucket_of(held[index].place, index_.size());
        while (index_[at] != 0) {
            at = (at + 1) % index_.size();
        }
        index_[at] = static_cast<std::uint32_t>(index + 1);
        if (const auto zombie = held[index].as<frame::ZombieCap>(); zombie && zombie->is_of_tcb()) {
            zombies_.push_back(held[index].address());
        }
    }
}

void Census::add_slots(Slot* slots, std::size_t count, std::uint64_t home) {
    for (std::size_t index = 0; index < count; ++index) {
        add_slot(slots[index], home);
    }
}

void Census::add_slot(Slot& slot, std::uint64_t home) {
    const std::uint64_t first = SlotAccess::first(slot);
    if (first == 0) {
        return;
    }
    const std::uint64_t next = SlotAccess::next(slot);
    // Where the list of all capabilities begins, nothing is.
    const std::uint64_t before = SlotAccess::previous(slot);
    const bool is_head = before != 0 && place_in(before) == frame::detail::offset_of(&SlotAccess::anchor());
    held.push_back(Held{.place = frame::detail::offset_of(&slot),
                        .first = first,
                        .second = SlotAccess::second(slot),
                        .next = frame::detail::slot_link(next),
                        .previous = is_head ? 0 : before,
                        .is_revocable = frame::detail::RevocableBit::get(next) != 0,
                        .is_first_badged = frame::detail::FirstBadgedBit::get(next) != 0,
                        .named = Arena::named_by(slot),
                        .home = home});
}

const Held* Census::find(std::uint64_t place) const {
    for (std::size_t at = bucket_of(place, index_.size()); index_[at] != 0; at = (at + 1) % index_.size()) {
        if (held[index_[at] - 1].place == place) {
            return &held[index_[at] - 1];
        }
    }
    return nullptr;
}

bool Census::is_zombie(std::uint64_t tcb) const { return std::ranges::find(zombies_, tcb) != zombies_.end(); }

}  // namespace test
