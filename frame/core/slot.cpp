// SPDX-License-Identifier: GPL-2.0-only
#include <frame/slot.hpp>

#include <frame/detail/mortality.hpp>
#include <frame/inventory.hpp>
#include <frame/thread_block.hpp>

#include "frame/core/derivation_list.hpp"

namespace frame {

namespace {

using namespace derivation_list;

/// Kinds whose second word says where they are mapped, or that they are not.
bool can_be_mapped(const Capability& cap) {
    return cap.is<FrameCap>() || cap.is<PageTableCap>() || cap.is<PageDirectoryCap>() || cap.is<PdptCap>() ||
           cap.is<Pml4Cap>();
}

/// What a slot held goes to another one as it was, or with another guard or badge. A mapping is named by the slots it was
/// noted in: capabilities change place with their mapping or not at all.
void check_moves_as(const Capability& from, const Capability& to) {
    if (CapabilityFactory::first(from) == CapabilityFactory::first(to) &&
        CapabilityFactory::second(from) == CapabilityFactory::second(to)) {
        return;
    }
    check(same_object(from, to), "a capability to one thing was moved as one to another");
    check(!can_be_mapped(from) || CapabilityFactory::second(from) == CapabilityFactory::second(to),
          "a capability lost or gained a mapping on its way to another slot");
}

/// A copy names no mapping of its own: a frame's is its source's alone, a table's is the same for all capabilities to it,
/// so that only the last of them ends it.
void check_mapping_copied(const Capability& from, const Capability& copy) {
    if (!can_be_mapped(from)) {
        return;
    }
    const std::uint64_t allowed = from.is<FrameCap>() ? 0 : CapabilityFactory::second(from);
    check(CapabilityFactory::second(copy) == allowed && (from.is<FrameCap>() || allowed != 0),
          "a capability was copied with a mapping that it cannot have");
}

/// Memory that an untyped source shares with the copy just made of it belongs to the copy from now on.
void give_up_memory(Slot& source, const Capability& derived) {
    if (!derived.is<UntypedCap>()) {
        return;
    }
    const std::optional<UntypedCap> mine = read(source).as<UntypedCap>();
    const std::optional<UntypedCap> theirs = derived.as<UntypedCap>();
    if (mine && theirs && mine->start() == theirs->start() && mine->size_bits() == theirs->size_bits()) {
        SlotAccess::second(source) = mine->size();
    }
}

}  // namespace

Slot& SlotRef::slot() const {
#ifdef FRAME_CHECKED
    epoch_.verify_current();
    detail::shadow_verify_slot(slot_, identity_);
#endif
    return *slot_;
}

Capability SlotRef::capability() const { return read(slot()); }

bool SlotRef::is_empty() const { return is_vacant(slot()); }

SlotLocation SlotRef::location() const { return SlotAccess::location(slot_); }

std::optional<SlotRef> SlotLocation::occupied(const Phase& phase) const {
    (void)phase;
#ifdef FRAME_CHECKED
    if (!identity_.holds(slot_)) {
        return std::nullopt;  // its object died; all slots were empty then, and the memory is not read again
    }
#endif
    check(carvings_ == detail::carvings, "a slot was looked for again after memory changed its type");
    if (is_vacant(*slot_)) {
        return std::nullopt;
    }
    return SlotAccess::ref(*slot_);
}

[[gnu::noinline]] bool SlotRef::is_final() const { return is_last_capability(slot(), read(slot())); }

[[gnu::always_inline]] Finality SlotRef::finality() const {
    return Finality{slot_, is_last_capability(slot(), read(slot()))};
}

bool SlotRef::is_revocable() const { return RevocableBit::get(SlotAccess::next(slot())) != 0; }

[[gnu::always_inline]] bool SlotRef::has_children() const {
    Slot* const after = next(slot());
    return after != nullptr && is_parent_of(slot(), *after);
}

[[gnu::always_inline]] std::optional<SlotRef> SlotRef::first_child() const {
    Slot* const after = next(slot());
    if (after == nullptr || !is_parent_of(slot(), *after)) {
        return std::nullopt;
    }
    return SlotAccess::ref(*after);
}

void SlotRef::insert_copy(SlotRef source, const Capability& derived) const {
    const Capability from = source.capability();
    check(same_region(from, derived), "a capability was derived from one to something else");
    check_mapping_copied(from, derived);
    link_after(source.slot(), slot(), derived, starts_revocable(derived, from));
    detail::observe_copy(slot(), source.slot());
    give_up_memory(source.slot(), derived);
}

[[gnu::always_inline]] void SlotRef::insert_reply(SlotRef master, bool grant) const {
    Slot& from = master.slot();
    const Capability cap = read(from);
    check(ReplyCap::is_master(cap), "a reply was derived from something else than a thread's own");
    Slot& to = slot();
    const ReplyCap reply = CapabilityFactory::as<ReplyCap>(cap).for_server(grant);
    check(is_vacant(to), "capability inserted into an occupied slot");
    verify(SlotAccess::second(to) == 0 && CapabilityFactory::second(reply) == 0, "a reply with a second word");
    SlotAccess::first(to) = CapabilityFactory::first(reply);
    detail::note_named(to, reply);
    link_behind(from, to, 0);
    detail::observe_copy(to, from);
}

[[gnu::always_inline]] void SlotRef::clear_reply() const {
    Slot& victim = slot();
    check(ReplyCap::is_servers(read(victim)), "something else was cleared as a reply");
    // The master before it keeps the thread alive, and a reply is never the first of a run of badged ones.
    Slot* const before = previous(victim);
    check(before != nullptr, "a reply without its thread's own");
    // Nothing dies with a reply, so this is no removal that counts; and its second word is 0.
    SlotAccess::first(victim) = 0;
    leave_list(victim, before);
    detail::observe_clear(victim);
}

void SlotRef::insert_pool(SlotRef parent, const AsidPoolCap& pool) const {
    // MakePool of seL4 16.0.0 does not mark the pool revocable: copies of it are its siblings, below the memory.
    link_after(parent.slot(), slot(), pool, false);
    detail::observe_child(slot(), parent.slot());
}

void detail::SlotAccess::insert_children(SlotRef parent, Slot* slots, std::uint64_t count, const Capability& first,
                                         std::uint64_t stride) {
    Slot& above = parent.slot();
    Slot* after = derivation_list::next(above);
    Slot* newest = &above;
    std::uint64_t word = CapabilityFactory::first(first);
    // Each goes right below the parent, so the last one made is the first in derivation order.
    for (std::uint64_t index = 0; index < count; ++index) {
        // SAFETY: the caller vouches for `count` slots from `slots` on.
        Slot& child = slots[index];
        check(is_vacant(child), "capability inserted into an occupied slot");
        write(child, CapabilityFactory::from_words(word, CapabilityFactory::second(first)));
        SlotAccess::next(child) = link_to(after) | RevocableBit::mask | FirstBadgedBit::mask;
        if (after != nullptr) {
            set_previous(*after, &child);
        }
        detail::observe_child(child, above);
        after = &child;
        newest = &child;
        word += stride << detail::address_shift;
    }
    set_previous(*newest, &above);
    set_next(above, newest);
}

void SlotRef::insert_root(const Capability& root) const {
    if constexpr (has_inventory) {
        // Roots are no relatives of each other, so what is next to what does not matter to the tree.
        link_after(SlotAccess::anchor(), slot(), root, true);
    } else {
        check(is_vacant(slot()), "capability inserted into an occupied slot");
        write(slot(), root);
        SlotAccess::next(slot()) = RevocableBit::make(1) | FirstBadgedBit::make(1);
        SlotAccess::previous(slot()) = 0;
    }
    detail::observe_root(slot());
}

void SlotRef::move_from(SlotRef source, const Capability& moved) const {
    Slot& from = source.slot();
    Slot& to = slot();
    check(is_vacant(to), "capability moved into an occupied slot");
    check_moves_as(read(from), moved);
    ++detail::removals;
    write(to, moved);
    SlotAccess::next(to) = SlotAccess::next(from);
    SlotAccess::previous(to) = SlotAccess::previous(from);
    SlotAccess::first(from) = 0;
    SlotAccess::second(from) = 0;
    SlotAccess::next(from) = 0;
    SlotAccess::previous(from) = 0;
    relink_neighbours(to);
    detail::observe_move(to, from);
}

void SlotRef::swap_with(SlotRef other, const Capability& mine, const Capability& theirs) const {
    Slot& a = slot();
    Slot& b = other.slot();
    if (&a == &b) {
        return;
    }
    check_moves_as(read(a), mine);
    check_moves_as(read(b), theirs);
    ++detail::removals;
    write(a, theirs);
    write(b, mine);
    const std::uint64_t a_next = SlotAccess::next(a);
    const std::uint64_t a_previous = SlotAccess::previous(a);
    SlotAccess::next(a) = SlotAccess::next(b);
    SlotAccess::previous(a) = SlotAccess::previous(b);
    SlotAccess::next(b) = a_next;
    SlotAccess::previous(b) = a_previous;
    // Neighbours of each other name themselves after the exchange of words.
    if (next(a) == &a) {
        set_next(a, &b);
    }
    if (previous(a) == &a) {
        set_previous(a, &b);
    }
    if (next(b) == &b) {
        set_next(b, &a);
    }
    if (previous(b) == &b) {
        set_previous(b, &a);
    }
    relink_neighbours(a);
    relink_neighbours(b);
    detail::observe_swap(a, b);
}

[[gnu::noinline]] void SlotRef::clear() const {
    if (!is_empty()) {
        (void)clear_was_last(finality());
    }
}

bool SlotRef::clear_was_last(Finality finality) const {
    Slot& victim = slot();
    if (is_vacant(victim)) {
        return false;
    }
    const Capability cap = read(victim);
    const bool is_last = finality.still_counts_for(slot_) ? finality.is_final() : is_last_capability(victim, cap);
    const bool dies = detail::check_removable(cap, is_last, *this);
    unlink(victim, previous(victim));
    detail::observe_clear(victim);
    if (dies) {
        detail::mark_dead(cap);  // last: the slot may lie in the object itself
    }
    return is_last;
}

void SlotRef::become_zombie() const {
    const Capability cap = capability();
    check(cap.is<CNodeCap>() || cap.is<ThreadCap>(), "only CNodes and TCBs become zombies");
    check(is_final(), "zombie made while other capabilities to the object exist");
    detail::check_detached(cap);
    ++detail::removals;
    const std::optional<CNodeCap> cnode = cap.as<CNodeCap>();
    write(slot(), cnode ? SlotAccess::zombie_of(*cnode) : SlotAccess::zombie_of(*cap.as<ThreadCap>()));
}

void SlotRef::shrink_zombie() const {
    const std::optional<ZombieCap> zombie = capability().as<ZombieCap>();
    check(zombie.has_value() && zombie->remaining() > 0, "no zombie, or one without slots, to shrink");
    // SAFETY: the zombie's object has at least `remaining` slots from its slot offset on.
    Slot* const slots = detail::pointer_at<Slot>(detail::zombie_slots(*zombie));
    check(is_vacant(slots[zombie->remaining() - 1]), "zombie shrunk over an occupied slot");
    write(slot(), SlotAccess::shrunk(*zombie));
}

std::optional<Capability> Capability::vouched_by(SlotRef slot) const {
    const Capability renewed{first_, second_};
    if (!same_object(renewed, slot.capability())) {
        return std::nullopt;
    }
    return renewed;
}

void insert_reply_master(const Phase& phase, Ref<kernel::Tcb> caller) {
    ThreadBlock& block = *detail::LinkAccess::block(detail::LinkAccess::address(caller));
    SlotAccess::insert_root(block.slot(phase, TcbSlot::reply), SlotAccess::reply_master(caller));
}

SlotRef cnode_slot(const Phase& phase, const CNodeCap& cap, std::uint64_t index) {
    (void)phase;
    check(index < cap.slots(), "slot index beyond the CNode");
    return SlotAccess::ref(*SlotAccess::slot_of(cap, index));
}

SlotRef zombie_slot(const Phase& phase, const ZombieCap& zombie, std::uint64_t index) {
    (void)phase;
    check(index < zombie.remaining(), "slot index beyond the zombie");
    // SAFETY: a zombie holds the memory of its slots until the last one is empty.
    return SlotAccess::ref(detail::pointer_at<Slot>(detail::zombie_slots(zombie))[index]);
}

}  // namespace frame
