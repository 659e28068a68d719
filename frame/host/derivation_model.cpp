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

DerivationModel::Node* DerivationModel::find(Place place) {
    const auto found = std::ranges::find(nodes_, place, &Node::place);
    return found == nodes_.end() ? nullptr : &*found;
}

void DerivationModel::add(Node node) {
    check(find(node.place) == nullptr, "a capability was put over another one");
    nodes_.push_back(node);
}

void DerivationModel::copied(const Slot& slot, const Slot& source) {
    const Node* const from = find(offset_of(&source));
    check(from != nullptr, "a capability was copied from a slot that the model thinks empty");
    add(Node{.place = offset_of(&slot),
             .parent = from->is_original ? from->place : from->parent,
             .is_original = becomes_original(capability_in(slot), capability_in(source))});
}

void DerivationModel::child_made(const Slot& slot, const Slot& parent) {
    add(Node{.place = offset_of(&slot),
             .parent = offset_of(&parent),
             .is_original = !capability_in(slot).is<AsidPoolCap>()});
}

void DerivationModel::root_made(const Slot& slot) { add(Node{.place = offset_of(&slot), .is_original = true}); }

/// A node, and all that hangs below it, know it by another place.
void DerivationModel::rename(Place from, Place to) {
    for (Node& node : nodes_) {
        node.place = node.place == from ? to : node.place;
        node.parent = node.parent == from ? to : node.parent;
    }
}

void DerivationModel::moved(const Slot& to, const Slot& from) {
    check(find(offset_of(&to)) == nullptr, "a capability was moved over another one");
    rename(offset_of(&from), offset_of(&to));
}

void DerivationModel::swapped(const Slot& a, const Slot& b) {
    constexpr Place nowhere = ~Place{0};
    rename(offset_of(&a), nowhere);
    rename(offset_of(&b), offset_of(&a));
    rename(nowhere, offset_of(&b));
}

void DerivationModel::cleared(const Slot& slot) {
    const Place place = offset_of(&slot);
    Node* const node = find(place);
    check(node != nullptr, "a slot was cleared that the model thinks empty");
    const Place parent = node->parent;
    *node = nodes_.back();
    nodes_.pop_back();
    for (Node& child : nodes_) {
        child.parent = child.parent == place ? parent : child.parent;
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
