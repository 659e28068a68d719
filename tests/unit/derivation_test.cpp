// SPDX-License-Identifier: GPL-2.0-only
//
// The derivation tree against a plain model of it: a tree of nodes with parents, in which a copy hangs below what it was
// copied from if that is an original or a newly badged capability, and beside it otherwise (seL4 manual, 3.1.4).
#include <algorithm>
#include <map>
#include <random>
#include <type_traits>
#include <vector>

#include "kernel/cap/deletion.hpp"
#include "tests/support/test.hpp"
#include "tests/support/world.hpp"

namespace {

using test::World;
using Index = World::Index;

/// A capability as the model knows it.
struct Node {
    Index object = 0;  ///< the slot number that the object's original was made in
    Index parent = 0;  ///< slot number, 0 for none
    std::uint64_t badge = 0;
    bool is_original = false;  ///< made by Retype, or badged anew: copies hang below it
};

/// The kernel's slots, and the model beside them.
class Forest {
public:
    explicit Forest(unsigned seed) : random_{seed} {}

    void make() {
        const Index slot = world_.carve(abi::ObjectType::Endpoint);
        nodes_[slot] = Node{slot, 0, 0, true};
    }
    void copy(bool badge_it) {
        const Index source = pick();
        const Node from = nodes_[source];
        const bool badges = badge_it && from.badge == 0;
        world_.advance();
        const frame::EndpointCap cap = world_.cap<frame::EndpointCap>(source);
        const std::uint64_t badge = badges ? 1 + random_() % 3 : from.badge;
        const Index to = world_.fresh_slot();
        world_.slot(to).insert_copy(world_.slot(source), cap.with_badge(frame::Badge{badge}));
        nodes_[to] = Node{from.object, from.is_original ? source : from.parent, badge, badges};
    }
    void move() {
        const Index source = pick();
        const Index to = world_.fresh_slot();
        world_.advance();
        world_.slot(to).move_from(world_.slot(source), world_.slot(source).capability());
        nodes_[to] = nodes_[source];
        nodes_.erase(source);
        rename(source, to);
    }
    void swap() {
        const Index a = pick();
        const Index b = pick();
        world_.advance();
        world_.slot(a).swap_with(world_.slot(b), world_.slot(a).capability(), world_.slot(b).capability());
        if (a == b) {
            return;
        }
        std::swap(nodes_[a], nodes_[b]);
        for (auto& [slot, node] : nodes_) {
            node.parent = node.parent == a ? b : node.parent == b ? a : node.parent;
        }
    }
    void remove() {
        const Index victim = pick();
        world_.advance();
        CHECK(kernel::delete_capability(phase(), world_.slot(victim).location()).has_value());
        forget(victim);
    }
    void revoke() {
        const Index ancestor = pick();
        world_.advance();
        CHECK(kernel::revoke_capability(phase(), world_.slot(ancestor).location()).has_value());
        std::vector<Index> doomed;
        for (const auto& [slot, node] : nodes_) {
            if (descends(slot, ancestor)) {
                doomed.push_back(slot);
            }
        }
        for (const Index slot : doomed) {
            nodes_.erase(slot);
        }
    }

    /// Everything that the kernel can say of its tree is what the model says.
    void compare() {
        world_.advance();
        for (const auto& [slot, node] : nodes_) {
            CHECK(!world_.slot(slot).is_empty());
            CHECK_EQUAL(static_cast<std::uint64_t>(world_.cap<frame::EndpointCap>(slot).badge()), node.badge);
            CHECK_EQUAL(world_.slot(slot).has_children(), has_children(slot));
            CHECK_EQUAL(world_.slot(slot).is_final(), is_only_one(slot));
        }
        for (Index slot = 1; slot < last_slot(); ++slot) {
            if (slot > first_slot_ && !nodes_.contains(slot)) {
                CHECK(world_.slot(slot).is_empty());
            }
        }
        CHECK_EQUAL(world_.untyped().has_children(), true);
    }
    /// Revoking the memory takes everything, the CNode of the slots included.
    void finish() {
        for (const auto& [slot, node] : nodes_) {
            world_.advance();
            CHECK(kernel::delete_capability(phase(), world_.slot(slot).location()).has_value());
        }
    }
    [[nodiscard]] bool is_empty() const { return nodes_.empty(); }

private:
    static frame::Phase phase() { return frame::detail::PhaseFactory::make<frame::Phase>(); }
    Index pick() {
        auto place = nodes_.begin();
        std::advance(place, static_cast<std::ptrdiff_t>(random_() % nodes_.size()));
        return place->first;
    }
    [[nodiscard]] Index last_slot() const { return nodes_.empty() ? 1 : nodes_.rbegin()->first + 1; }
    void rename(Index from, Index to) {
        for (auto& [slot, node] : nodes_) {
            if (node.parent == from) {
                node.parent = to;
            }
        }
    }
    void forget(Index slot) {
        rename(slot, nodes_[slot].parent);
        nodes_.erase(slot);
    }
    [[nodiscard]] bool descends(Index slot, Index ancestor) const {
        for (Index at = nodes_.at(slot).parent; at != 0; at = nodes_.at(at).parent) {
            if (at == ancestor) {
                return true;
            }
        }
        return false;
    }
    [[nodiscard]] bool has_children(Index slot) const {
        return std::ranges::any_of(nodes_, [&](const auto& entry) { return entry.second.parent == slot; });
    }
    [[nodiscard]] bool is_only_one(Index slot) const {
        const Index object = nodes_.at(slot).object;
        return std::ranges::count_if(nodes_, [&](const auto& entry) { return entry.second.object == object; }) == 1;
    }

    World world_;
    std::map<Index, Node> nodes_;
    std::mt19937 random_;
    Index first_slot_ = world_.fresh_slot();
};

TEST("random copying, badging, moving, swapping, deleting and revoking agree with a plain tree") {
    test::for_seeds(1, 40, [](unsigned seed) {
        Forest forest{seed};
        std::mt19937 random{seed * 7919};
        for (unsigned step = 0; step < 120; ++step) {
            if (forest.is_empty()) {
                forest.make();
            }
            switch (random() % 12) {
            case 0:
            case 1:
                forest.make();
                break;
            case 2:
            case 3:
            case 4:
                forest.copy(false);
                break;
            case 5:
            case 6:
            case 7:
                forest.copy(true);
                break;
            case 8:
                forest.move();
                break;
            case 9:
                forest.swap();
                break;
            case 10:
                forest.remove();
                break;
            default:
                forest.revoke();
                break;
            }
            forest.compare();
        }
        forest.finish();
    });
}

TEST("an untyped without children can be carved from its start again, one with children cannot be reset") {
    World world;
    const Index memory = world.carve(abi::ObjectType::Untyped, 12);
    const Index first = world.carve_in(memory, abi::ObjectType::Endpoint);
    const frame::PhysicalAddress start = world.cap<frame::UntypedCap>(memory).start();
    CHECK_EQUAL(world.cap<frame::UntypedCap>(memory).watermark(), 16U);
    CHECK_DIES("reset while objects live in it", [&] { (void)frame::reset_step(world.phase(), world.slot(memory)); });
    world.erase(first);
    const Index again = world.carve_in(memory, abi::ObjectType::Notification);
    CHECK_EQUAL(frame::detail::CapabilityFactory::address(world.slot(again).capability()), start.value());
    CHECK_EQUAL(world.cap<frame::UntypedCap>(memory).watermark(), 32U);
}

TEST("a copy of an untyped capability takes all memory that is left") {
    World world;
    const Index memory = world.carve(abi::ObjectType::Untyped, 12);
    const Index copy = world.copy(memory).value();
    CHECK_EQUAL(world.cap<frame::UntypedCap>(memory).free_bytes(), 0U);
    CHECK_EQUAL(world.cap<frame::UntypedCap>(copy).free_bytes(), 4096U);
    CHECK(world.slot(memory).has_children());
    CHECK(world.copy(memory).error().code == abi::Error::RevokeFirst);
}

TEST("reset clears what was in use") {
    World world;
    const Index memory = world.carve(abi::ObjectType::Untyped, 14);
    const Index page = world.carve_in(memory, abi::ObjectType::Page4K);
    const frame::PhysicalAddress start = world.cap<frame::FrameCap>(page).start();
    for (std::uint64_t offset = 0; offset < 4096; offset += 8) {
        frame::host::Arena::write_user(start.plus(offset), ~offset);
    }
    world.erase(page);
    const Index again = world.carve_in(memory, abi::ObjectType::Page4K);
    CHECK(world.cap<frame::FrameCap>(again).start() == start);
    for (std::uint64_t offset = 0; offset < 4096; offset += 8) {
        CHECK_EQUAL(frame::host::Arena::read_user(start.plus(offset)), 0U);
    }
}

TEST("that a capability is not the last one counts only until another one goes") {
    World world;
    const World::Index slot = world.carve(abi::ObjectType::Endpoint);
    const World::Index copy = world.copy(slot).value();
    world.advance();
    const frame::Finality before = world.slot(slot).finality();
    CHECK(!before.is_final());
    world.slot(copy).clear();
    CHECK(world.slot(slot).clear_was_last(before));
    // Nor does what was said of one slot count for another.
    const World::Index other = world.carve(abi::ObjectType::Endpoint);
    const World::Index alone = world.carve(abi::ObjectType::Endpoint);
    const World::Index shared = world.copy(other).value();
    world.advance();
    const frame::Finality of_shared = world.slot(shared).finality();
    CHECK(world.slot(alone).clear_was_last(of_shared));
}

TEST("an occupied slot is not overwritten") {
    World world;
    const Index a = world.carve(abi::ObjectType::Endpoint);
    const Index b = world.carve(abi::ObjectType::Endpoint);
    CHECK_DIES("occupied slot", [&] { world.slot(b).insert_copy(world.slot(a), world.slot(a).capability()); });
    CHECK_DIES("occupied slot", [&] { world.slot(b).move_from(world.slot(a), world.slot(a).capability()); });
}

// Only the frame gives a capability a place without a parent, and only it brings slots to life.
template <class Slot>
concept RootableByAnyone = requires(Slot slot, frame::Capability cap) { slot.insert_root(cap); };
static_assert(!RootableByAnyone<frame::SlotRef>);
static_assert(!std::is_copy_constructible_v<frame::Birth> && !std::is_move_constructible_v<frame::Birth>);
static_assert(!std::is_default_constructible_v<frame::Birth>);

TEST("a capability is derived from its like, and moves as itself") {
    World world;
    const Index a = world.carve(abi::ObjectType::Endpoint);
    const Index b = world.carve(abi::ObjectType::Endpoint);
    const Index to = world.fresh_slot();
    const frame::Capability other = world.slot(b).capability();
    CHECK_DIES("derived from one to something else", [&] { world.slot(to).insert_copy(world.slot(a), other); });
    CHECK_DIES("moved as one to another", [&] { world.slot(to).move_from(world.slot(a), other); });
    CHECK_DIES("moved as one to another", [&] { world.slot(a).swap_with(world.slot(b), other, other); });
}

TEST("a slot's place from before memory changed its type is not used") {
    World world;
    const Index a = world.carve(abi::ObjectType::Endpoint);
    const frame::SlotLocation place = world.slot(a).location();
    CHECK(place.occupied(world.phase()).has_value());
    (void)world.carve(abi::ObjectType::Endpoint);
    CHECK_DIES("after memory changed its type", [&] { (void)place.occupied(world.phase()); });
}

TEST("a slot past the end of its CNode is not reached") {
    World world;
    const Index small = world.carve(abi::ObjectType::CapTable, 2);
    CHECK_DIES("beyond the CNode",
               [&] { (void)frame::cnode_slot(world.phase(), world.cap<frame::CNodeCap>(small), 4); });
}

}  // namespace
