// SPDX-License-Identifier: GPL-2.0-only
//
// Deleting capability spaces: full ones, cyclic ones, ones that hold the capability that is being deleted; stopped at
// every preemption point and gone on with. What may be left afterwards is found by revoking the memory.
#include <random>
#include <vector>

#include "frame/host/processor.hpp"
#include "kernel/cap/deletion.hpp"
#include "kernel/object/thread.hpp"
#include "tests/support/test.hpp"
#include "tests/support/world.hpp"

namespace {

using test::World;
using Index = World::Index;

frame::Phase phase() { return frame::detail::PhaseFactory::make<frame::Phase>(); }

/// Repeats an act until it is not preempted any more, as a thread's restarted system call would; returns how often it was.
template <class Act>
unsigned until_done(World& world, Act act) {
    unsigned preempted = 0;
    while (true) {
        world.advance();
        if (act().has_value()) {
            world.advance();
            return preempted;
        }
        ++preempted;
        CHECK(preempted < 10'000);
    }
}

unsigned erase(World& world, Index slot) {
    return until_done(world, [&] { return kernel::delete_capability(phase(), world.slot(slot).location()); });
}

unsigned revoke(World& world, Index slot) {
    return until_done(world, [&] { return kernel::revoke_capability(phase(), world.slot(slot).location()); });
}

/// Memory of its own, so that revoking it shows that nothing was lost.
struct Island {
    World world;
    Index memory = world.carve(abi::ObjectType::Untyped, 20);

    Index make(abi::ObjectType type, std::uint64_t bits = 0) { return world.carve_in(memory, type, bits); }
    Index make_cnode(std::uint64_t radix) { return make(abi::ObjectType::CapTable, radix); }
    [[nodiscard]] frame::SlotRef inside(Index cnode, std::uint64_t index) {
        return frame::cnode_slot(world.phase(), world.cap<frame::CNodeCap>(cnode), index);
    }
    /// Copies what slot `from` holds into a CNode.
    void put(Index cnode, std::uint64_t index, Index from) {
        world.advance();
        inside(cnode, index).insert_copy(world.slot(from), world.slot(from).capability());
    }
    /// Moves it there, so that it is the only one.
    void hide(Index cnode, std::uint64_t index, Index from) {
        world.advance();
        inside(cnode, index).move_from(world.slot(from), world.slot(from).capability());
    }
    void check_all_returns() {
        revoke(world, memory);
        CHECK(!world.slot(memory).has_children());
        CHECK_EQUAL(abi::number(world.slot(make(abi::ObjectType::Untyped, 20)).capability().tag()),
                    abi::number(abi::CapabilityTag::Untyped));
    }
};

TEST("deleting a full CNode empties it and keeps what others hold") {
    Island island;
    const Index cnode = island.make_cnode(6);
    const Index endpoint = island.make(abi::ObjectType::Endpoint);
    for (std::uint64_t index = 0; index < 64; ++index) {
        island.put(cnode, index, endpoint);
    }
    CHECK(island.world.slot(endpoint).has_children());
    erase(island.world, cnode);
    CHECK(island.world.slot(cnode).is_empty());
    CHECK(!island.world.slot(endpoint).is_empty());
    CHECK(!island.world.slot(endpoint).has_children());
    island.check_all_returns();
}

TEST("a CNode that holds the last capability to itself") {
    Island island;
    const Index cnode = island.make_cnode(2);
    island.put(cnode, 1, cnode);
    erase(island.world, cnode);  // not the last one
    island.check_all_returns();
}

TEST("a CNode whose only other capability is inside it") {
    Island island;
    const Index cnode = island.make_cnode(2);
    const Index endpoint = island.make(abi::ObjectType::Endpoint);
    island.put(cnode, 0, endpoint);
    island.put(cnode, 3, endpoint);
    const frame::SlotLocation place = island.inside(cnode, 2).location();
    island.put(cnode, 2, cnode);
    erase(island.world, cnode);
    island.world.advance();
    CHECK(place.occupied(island.world.phase()).has_value());
    until_done(island.world, [&] { return kernel::delete_capability(phase(), place); });
    CHECK(!place.occupied(island.world.phase()).has_value());
    island.check_all_returns();
}

TEST("two CNodes that hold the last capabilities to each other") {
    Island island;
    const Index a = island.make_cnode(3);
    const Index b = island.make_cnode(3);
    island.put(b, 5, a);
    island.hide(a, 2, b);
    erase(island.world, a);
    island.check_all_returns();
}

TEST("a long chain of CNodes, each holding the next") {
    Island island;
    std::vector<Index> chain;
    for (unsigned link = 0; link < 200; ++link) {
        chain.push_back(island.make_cnode(1));
    }
    for (std::size_t link = chain.size() - 1; link > 0; --link) {
        island.hide(chain[link - 1], link % 2, chain[link]);
    }
    erase(island.world, chain.front());
    island.check_all_returns();
}

TEST("a thread whose CSpace holds the last capability to it") {
    Island island;
    const Index tcb = island.make(abi::ObjectType::Tcb);
    const Index cnode = island.make_cnode(2);
    island.world.advance();
    const frame::Ref<kernel::Tcb> thread = island.world.cap<frame::ThreadCap>(tcb).tcb(island.world.phase());
    thread->slot(island.world.phase(), frame::TcbSlot::cspace)
        .insert_copy(island.world.slot(cnode), island.world.slot(cnode).capability());
    const frame::SlotLocation place = island.inside(cnode, 1).location();
    island.hide(cnode, 1, tcb);
    erase(island.world, cnode);
    island.world.advance();
    until_done(island.world, [&] { return kernel::delete_capability(phase(), place); });
    island.check_all_returns();
}

TEST("preempted at every chance, deletion and revocation still end, with everything gone") {
    Island island;
    frame::host::Processor::instance().is_interrupt_pending = true;
    const Index cnode = island.make_cnode(9);
    const Index endpoint = island.make(abi::ObjectType::Endpoint);
    for (std::uint64_t index = 0; index < 512; ++index) {
        island.put(cnode, index, endpoint);
    }
    CHECK_EQUAL(erase(island.world, cnode), 512 / abi::config::max_num_work_units_per_preemption);
    for (unsigned count = 0; count < 250; ++count) {
        CHECK(island.world.copy(endpoint).has_value());
    }
    CHECK(revoke(island.world, endpoint) >= 2);
    CHECK(!island.world.slot(endpoint).has_children());
    island.check_all_returns();
}

TEST("random tangles of CNodes and threads always come back whole") {
    test::for_seeds(1, 60, [](unsigned seed) {
        Island island;
        std::mt19937 random{seed};
        frame::host::Processor::instance().is_interrupt_pending = random() % 2 == 0;
        std::vector<Index> known;
        for (unsigned count = 0; count < 12; ++count) {
            known.push_back(random() % 3 == 0 ? island.make(abi::ObjectType::Tcb)
                                              : island.make_cnode(1 + random() % 4));
        }
        for (unsigned step = 0; step < 60; ++step) {
            island.world.advance();
            const Index into = known[random() % known.size()];
            const Index what = known[random() % known.size()];
            if (island.world.slot(what).is_empty()) {
                continue;
            }
            const std::optional<frame::CNodeCap> cnode = island.world.slot(into).capability().as<frame::CNodeCap>();
            if (!cnode) {
                if (random() % 8 == 0) {
                    erase(island.world, into);
                }
                continue;
            }
            const std::uint64_t index = random() % cnode->slots();
            if (!island.inside(into, index).is_empty()) {
                const frame::SlotLocation place = island.inside(into, index).location();
                until_done(island.world, [&] { return kernel::delete_capability(phase(), place); });
            } else if (into != what && random() % 2 == 0) {
                island.hide(into, index, what);
            } else {
                island.put(into, index, what);
            }
        }
        island.check_all_returns();
    });
}

TEST("the last capability to a CNode or thread does not vanish with slots in it") {
    Island island;
    const Index cnode = island.make_cnode(2);
    CHECK_DIES("vanished with slots in it", [&] { island.world.slot(cnode).clear(); });
    const Index tcb = island.make(abi::ObjectType::Tcb);
    CHECK_DIES("vanished with slots in it", [&] { island.world.slot(tcb).clear(); });
}

TEST("a zombie is made of the last capability only, and shrinks only over empty slots") {
    Island island;
    const Index cnode = island.make_cnode(2);
    const Index other = island.world.copy(cnode).value();
    CHECK_DIES("other capabilities to the object exist", [&] { island.world.slot(cnode).become_zombie(); });
    island.world.erase(other);
    const Index endpoint = island.make(abi::ObjectType::Endpoint);
    island.put(cnode, 3, endpoint);
    island.world.advance();
    island.world.slot(cnode).become_zombie();
    CHECK_DIES("shrunk over an occupied slot", [&] { island.world.slot(cnode).shrink_zombie(); });
    CHECK_DIES("vanished before its slots were empty", [&] { island.world.slot(cnode).clear(); });
}

TEST("an object dies only when nothing is linked to it") {
    Island island;
    const Index tcb = island.make(abi::ObjectType::Tcb);
    const Index notification = island.make(abi::ObjectType::Notification);
    island.world.advance();
    frame::bind(island.world.cap<frame::ThreadCap>(tcb).tcb(island.world.phase()),
                island.world.cap<frame::NotificationCap>(notification).notification(island.world.phase()));
    CHECK_DIES("while threads named it", [&] { island.world.slot(notification).clear(); });
    erase(island.world, notification);
    CHECK(island.world.slot(notification).is_empty());
    erase(island.world, tcb);
    island.check_all_returns();
}

}  // namespace
