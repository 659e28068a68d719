// SPDX-License-Identifier: GPL-2.0-only
#include "frame/host/derivation_model.hpp"

#include <algorithm>
#include <utility>

#include <frame/check.hpp>
#include <frame/detail/object_memory.hpp>

namespace frame {

namespace host {

namespace {

using detail::offset_of;

Capability capability_in(const Slot& slot) {
    // SAFETY: only reads; the door to slots takes no constant ones.
    Slot& open = const_cast<Slot&>(slot);
    return detail::CapabilityFactory::from_words(detail::SlotAccess::first(open), detail::SlotAccess::second(open));
}

/// Badged anew, or a part of what the source stands for: then copies of it hang below it. An untyped capability is an
/// original always: whatever comes from it is a part of it.
bool becomes_original(const Capability& derived, const Capability& source) {
    if (derived.tag() != source.tag()) {
        return true;  // issued by a control capability
    }
    if (derived.is<EndpointCap>() || derived.is<NotificationCap>()) {
        return detail::CapabilityFactory::second(derived) != detail::CapabilityFactory::second(source);
    }
    return derived.is<UntypedCap>();
}

}  // namespace

DerivationModel& DerivationModel::instance() {
    // SAFETY: made once and never deleted, so that no destructor runs while tests still use it.
    static DerivationModel* const model = new DerivationModel;
    return *model;
}

void DerivationModel::add(Place place, Place parent, bool is_original) {
    check(nodes_.emplace(place, Node{.parent = parent, .is_original = is_original}).second,
          "a capability was put over another one");
    if (parent != 0) {
        nodes_.at(parent).children.push_back(place);
    }
}

void DerivationModel::unlink(Place place) {
    const Place parent = nodes_.at(place).parent;
    if (parent != 0) {
        std::erase(nodes_.at(parent).children, place);
    }
}

void DerivationModel::copied(const Slot& slot, const Slot& source) {
    const Place from = offset_of(&source);
    const Node& node = nodes_.at(from);
    add(offset_of(&slot), node.is_original ? from : node.parent,
        becomes_original(capability_in(slot), capability_in(source)));
}

void DerivationModel::child_made(const Slot& slot, const Slot& parent) {
    add(offset_of(&slot), offset_of(&parent), true);
}

void DerivationModel::root_made(const Slot& slot) { add(offset_of(&slot), 0, true); }

/// Everything that names a node by its old place names it by the new one.
void DerivationModel::rename_links_to(const Node& node, Place from, Place to) {
    for (const Place child : node.children) {
        nodes_.at(child).parent = to;
    }
    if (node.parent != 0) {
        std::ranges::replace(nodes_.at(node.parent).children, from, to);
    }
}

void DerivationModel::moved(const Slot& to, const Slot& from) {
    auto node = nodes_.extract(offset_of(&from));
    rename_links_to(node.mapped(), offset_of(&from), offset_of(&to));
    node.key() = offset_of(&to);
    check(nodes_.insert(std::move(node)).inserted, "a capability was moved over another one");
}

void DerivationModel::swapped(const Slot& a, const Slot& b) {
    // By way of a place where no slot is.
    constexpr Place nowhere = ~Place{0};
    const auto rename = [this](Place from, Place to) {
        auto node = nodes_.extract(from);
        if (!node.empty()) {
            rename_links_to(node.mapped(), from, to);
            node.key() = to;
            nodes_.insert(std::move(node));
        }
    };
    rename(offset_of(&a), nowhere);
    rename(offset_of(&b), offset_of(&a));
    rename(nowhere, offset_of(&b));
}

void DerivationModel::cleared(const Slot& slot) {
    const Place place = offset_of(&slot);
    unlink(place);
    const auto node = nodes_.extract(place);
    for (const Place child : node.mapped().children) {
        nodes_.at(child).parent = node.mapped().parent;
        if (node.mapped().parent != 0) {
            nodes_.at(node.mapped().parent).children.push_back(child);
        }
    }
}

}  // namespace host

namespace detail {

void observe_copy(const Slot& slot, const Slot& source) { host::DerivationModel::instance().copied(slot, source); }
void observe_child(const Slot& slot, const Slot& parent) { host::DerivationModel::instance().child_made(slot, parent); }
void observe_root(const Slot& slot) { host::DerivationModel::instance().root_made(slot); }
void observe_move(const Slot& to, const Slot& from) { host::DerivationModel::instance().moved(to, from); }
void observe_swap(const Slot& a, const Slot& b) { host::DerivationModel::instance().swapped(a, b); }
void observe_clear(const Slot& slot) { host::DerivationModel::instance().cleared(slot); }

}  // namespace detail

}  // namespace frame
