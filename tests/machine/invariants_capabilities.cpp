// SPDX-License-Identifier: GPL-2.0-only
//
// What must hold of capabilities and of the memory that they stand for.
#include <algorithm>
#include <array>

#include <frame/detail/object_memory.hpp>
#include <frame/untyped.hpp>
#include "frame/host/derivation_model.hpp"
#include "kernel/object/interrupt.hpp"
#include "tests/machine/census.hpp"

namespace test {

namespace {

using frame::host::Arena;
using frame::host::DerivationModel;
using frame::host::ObjectRecord;

/// Whether a link to a slot leads to the object that it was made for.
bool leads_somewhere(std::uint64_t link) {
    return ((link >> frame::detail::link_tag_shift) & frame::detail::link_tag_mask) ==
           frame::detail::link_tag(place_in(link));
}

/// Whether `below` was derived from `above`, by what both say (frame/core/derivation_list.hpp decides the same way).
bool is_parent(const Held& above, const Held& below) {
    if (!above.is_revocable || !frame::same_region(above.capability(), below.capability())) {
        return false;
    }
    const bool is_badged = (above.is<frame::EndpointCap>() || above.is<frame::NotificationCap>()) && above.second != 0;
    return !is_badged || (above.second == below.second && !below.is_first_badged);
}

/// The parent of every held capability, in their order, computed from the kernel's list alone.
std::vector<std::uint64_t> parents_by_list(const Census& census) {
    std::vector<std::uint64_t> parents(census.held.size());
    std::vector<const Held*> ancestors;
    for (const Held& start : census.held) {
        if (start.previous != 0) {
            continue;
        }
        ancestors.clear();
        const Held* at = &start;
        for (std::size_t count = 0; at != nullptr && count <= census.held.size(); ++count) {
            while (!ancestors.empty() && !is_parent(*ancestors.back(), *at)) {
                ancestors.pop_back();
            }
            parents[static_cast<std::size_t>(at - census.held.data())] =
                ancestors.empty() ? 0 : ancestors.back()->place;
            ancestors.push_back(at);
            at = at->next == 0 ? nullptr : census.find(place_in(at->next));
        }
    }
    return parents;
}

/// log2 of the bytes that a capability's object has, and whether the object there is of its type.
struct Expectation {
    std::uint64_t bits = 0;
    bool is_type = false;
};

std::optional<Expectation> expectation_of(const Held& held, const ObjectRecord& object) {
    using abi::CapabilityTag;
    switch (held.tag()) {
    case CapabilityTag::Endpoint:
        return Expectation{abi::size_bits::endpoint, object.is<kernel::Endpoint>()};
    case CapabilityTag::Notification:
        return Expectation{abi::size_bits::notification, object.is<kernel::Notification>()};
    case CapabilityTag::Reply:
    case CapabilityTag::Thread:
        return Expectation{abi::size_bits::tcb, object.is<kernel::Tcb>()};
    case CapabilityTag::CNode:
        return Expectation{held.as<frame::CNodeCap>()->radix() + abi::size_bits::slot, object.is<frame::Slot>()};
    case CapabilityTag::Zombie: {
        const auto zombie = held.as<frame::ZombieCap>();
        return zombie->is_of_tcb() ? Expectation{abi::size_bits::tcb, object.is<kernel::Tcb>()}
                                   : Expectation{zombie->radix() + abi::size_bits::slot, object.is<frame::Slot>()};
    }
    case CapabilityTag::Frame:
        return Expectation{held.as<frame::FrameCap>()->size_bits(), object.is<frame::detail::UserMemory>()};
    case CapabilityTag::PageTable:
        return Expectation{abi::size_bits::page_table, object.is<frame::PageTable>()};
    case CapabilityTag::PageDirectory:
        return Expectation{abi::size_bits::page_table, object.is<frame::PageDirectory>()};
    case CapabilityTag::Pdpt:
        return Expectation{abi::size_bits::page_table, object.is<frame::Pdpt>()};
    case CapabilityTag::Pml4:
        return Expectation{abi::size_bits::page_table, object.is<frame::Pml4>()};
    case CapabilityTag::AsidPool:
        return Expectation{abi::size_bits::page_table, object.is<frame::AsidPool>()};
    default:
        return std::nullopt;
    }
}

struct Region {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    std::uint64_t used_end = 0;
    const Held* held = nullptr;
};

}  // namespace

void check_derivation_list(const Census& census, Found& found) {
    std::size_t reached = 0;
    for (const Held& held : census.held) {
        for (const std::uint64_t link : {held.next, held.previous}) {
            if (link != 0 && (census.find(place_in(link)) == nullptr || !leads_somewhere(link))) {
                found.push_back(std::format("the slot at {:#x} is linked to {:#x}, where no capability is", held.place,
                                            place_in(link)));
                return;
            }
        }
        if (held.next != 0 && place_in(census.find(place_in(held.next))->previous) != held.place) {
            found.push_back(std::format("the slot at {:#x} is not the one before its next", held.place));
        }
        if (held.previous != 0 && place_in(census.find(place_in(held.previous))->next) != held.place) {
            found.push_back(std::format("the slot at {:#x} is not the one after its previous", held.place));
        }
        if (held.previous == 0) {
            const Held* at = &held;
            for (; at != nullptr && reached <= census.held.size(); ++reached) {
                at = at->next == 0 ? nullptr : census.find(place_in(at->next));
            }
        }
    }
    if (reached != census.held.size()) {
        found.push_back(std::format("{} slots hold capabilities, {} are in the list", census.held.size(), reached));
    }
}

void check_derivation_model(const Census& census, Found& found) {
    const auto nodes = DerivationModel::instance().nodes();
    if (nodes.size() != census.held.size()) {
        found.push_back(std::format("the model has {} capabilities, the slots {}", nodes.size(), census.held.size()));
    }
    std::vector<std::uint64_t> expected(census.held.size());
    for (const DerivationModel::Node& node : nodes) {
        if (const Held* const held = census.find(node.place)) {
            expected[static_cast<std::size_t>(held - census.held.data())] = node.parent;
        } else {
            found.push_back(std::format("the model has a capability at {:#x}, where none is", node.place));
        }
    }
    const std::vector<std::uint64_t> parents = parents_by_list(census);
    for (std::size_t index = 0; index < parents.size(); ++index) {
        if (parents[index] != expected[index]) {
            found.push_back(std::format("the parent of {:#x} is {:#x} in the kernel's list, {:#x} in the model",
                                        census.held[index].place, parents[index], expected[index]));
        }
    }
}

void check_capabilities_live(const Census& census, Found& found) {
    for (const Held& held : census.held) {
        const std::uint64_t address = held.address();
        if (address >= Arena::size()) {
            continue;  // device memory
        }
        const Arena::Number number = Arena::number_at(address);
        const std::optional<Expectation> expected = expectation_of(held, Arena::object(number));
        if (!expected) {
            continue;
        }
        const auto complain = [&](const char* what) {
            found.push_back(std::format("the {} capability at {:#x} to {:#x} {}", abi::name(held.tag()), held.place,
                                        address, what));
        };
        if (number == 0) {
            complain("names memory in which nothing lives");
        } else if (number != held.named) {
            complain("names an object that is dead; its memory holds another one");
        } else if (!expected->is_type || Arena::object(number).offset != address ||
                   Arena::object(number).size != std::uint64_t{1} << expected->bits) {
            complain("names an object of another type or size");
        }
    }
}

void check_watermarks(const Census& census, Found& found) {
    std::vector<Region> regions;
    for (const Held& held : census.held) {
        if (const auto untyped = held.as<frame::UntypedCap>()) {
            const std::uint64_t start = untyped->start().value();
            regions.push_back({start, start + untyped->size(), start + untyped->watermark(), &held});
            if (untyped->watermark() > untyped->size()) {
                found.push_back(std::format("the watermark of the untyped at {:#x} is beyond its end", held.place));
            }
        }
    }
    const auto check_inside = [&](std::uint64_t start, std::uint64_t end, std::uint64_t place) {
        for (const Region& region : regions) {
            if (region.held->place == place || end <= region.start || region.end <= start) {
                continue;
            }
            // Inside the region: below its watermark. Around it: the region is the smaller one, and looked at in turn.
            if (start >= region.start && end <= region.end && end > region.used_end &&
                !(start == region.start && end == region.end)) {
                found.push_back(std::format("{:#x} to {:#x} lies above the watermark of the untyped at {:#x}", start,
                                            end, region.held->place));
            }
            if ((start < region.start) != (end >= region.end) && start != region.start && end != region.end &&
                (start < region.start || end > region.end)) {
                found.push_back(std::format("{:#x} to {:#x} crosses the edge of the untyped at {:#x}", start, end,
                                            region.held->place));
            }
        }
    };
    for (const Region& region : regions) {
        check_inside(region.start, region.end, region.held->place);
    }
    for (const ObjectRecord& object : census.objects) {
        check_inside(object.offset, object.offset + object.size, 0);
    }
    std::vector<ObjectRecord> sorted = census.objects;
    std::ranges::sort(sorted, {}, &ObjectRecord::offset);
    for (std::size_t index = 1; index < sorted.size(); ++index) {
        if (sorted[index - 1].offset + sorted[index - 1].size > sorted[index].offset) {
            found.push_back(
                std::format("the objects at {:#x} and {:#x} overlap", sorted[index - 1].offset, sorted[index].offset));
        }
    }
}

void check_reply_capabilities(const Census& census, Found& found) {
    std::vector<std::uint64_t> answered;
    for (const Held& held : census.held) {
        const auto reply = held.as<frame::ReplyCap>();
        if (!reply) {
            continue;
        }
        kernel::Tcb* const tcb = census.living<kernel::Tcb>(held.address());
        if (tcb == nullptr) {
            found.push_back(std::format("the reply capability at {:#x} names no thread", held.place));
            continue;
        }
        const std::uint64_t own_slot = frame::detail::offset_of(
            frame::detail::SlotAccess::pointer(tcb->block.slot(census.phase, frame::TcbSlot::reply)));
        if (reply->is_master()) {
            if (held.place != own_slot) {
                found.push_back(std::format("the master reply capability of {:#x} is not in its TCB", held.address()));
            }
            continue;
        }
        if (held.place == own_slot) {
            found.push_back(std::format("the reply slot of {:#x} holds no master", held.address()));
        }
        if (tcb->state != kernel::ThreadState::blocked_on_reply) {
            found.push_back(std::format("the reply capability at {:#x} is to {:#x}, which waits for no reply",
                                        held.place, held.address()));
        }
        if (std::ranges::find(answered, held.address()) != answered.end()) {
            found.push_back(std::format("several reply capabilities to {:#x} exist", held.address()));
        }
        answered.push_back(held.address());
    }
    for (const Living<kernel::Tcb>& tcb : census.tcbs) {
        const auto slot = [&](frame::TcbSlot which) {
            return census.find(frame::detail::offset_of(
                frame::detail::SlotAccess::pointer(tcb.object->block.slot(census.phase, which))));
        };
        const Held* const caller = slot(frame::TcbSlot::caller);
        // While a TCB is taken apart its slots may hold what was exchanged with them.
        if (caller != nullptr && !caller->is<frame::ReplyCap>() && !census.is_zombie(tcb.offset)) {
            found.push_back(
                std::format("the caller slot of {:#x} holds something else than a reply capability", tcb.offset));
        }
        if (tcb.object->state == kernel::ThreadState::blocked_on_reply && slot(frame::TcbSlot::reply) == nullptr) {
            found.push_back(std::format("the thread at {:#x} waits for a reply without a master", tcb.offset));
        }
    }
}

void check_interrupt_handlers(const Census& census, Found& found) {
    using kernel::InterruptTable;
    std::array<bool, InterruptTable::count> has_handler{};
    for (const Held& held : census.held) {
        if (const auto handler = held.as<frame::IrqHandlerCap>()) {
            has_handler.at(handler->irq()) = true;
        }
    }
    auto& table = census.phase.state<InterruptTable>();
    for (std::uint64_t irq = 0; irq < InterruptTable::count; ++irq) {
        const bool signals = table.state(irq) == InterruptTable::State::signal;
        if (signals != has_handler[irq]) {
            found.push_back(std::format("interrupt {} {} handed out, and {} handler capability exists", irq,
                                        signals ? "is" : "is not", has_handler[irq] ? "a" : "no"));
        }
        const Held* const target =
            census.find(frame::detail::offset_of(frame::detail::SlotAccess::pointer(table.slot(census.phase, irq))));
        if (target != nullptr && (!signals || !target->is<frame::NotificationCap>())) {
            found.push_back(std::format("the slot of interrupt {} holds a capability that it should not", irq));
        }
    }
}

}  // namespace test
