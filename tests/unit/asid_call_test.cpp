// SPDX-License-Identifier: GPL-2.0-only
//
// ASIDControl MakePool and ASIDPool Assign: each error of seL4 16.0.0 with its argument, in order, and which ASIDs are given.
#include <optional>
#include <vector>

#include "tests/unit/paging_calls.hpp"

namespace {

using Label = abi::InvocationLabel;
using test::check_done;
using test::check_refused;
using test::invalid_root;
using test::World;
using Space = test::PagingCaller;
using Index = Space::Index;

TEST("MakePool: each error, in order") {
    Space space;
    const Index memory = space.carve(abi::ObjectType::Untyped, 12);
    const Index to = space.fresh_slot();
    const auto make = [&](frame::SlotRef untyped, frame::SlotRef root, std::uint64_t index, std::uint64_t depth) {
        return space.invoke(space.asid_control(), Label::X86ASIDControlMakePool, {index, depth}, {untyped, root});
    };
    check_refused(
        space.invoke(space.asid_control(), Label::X86ASIDControlMakePool, {to}, {space.slot(memory), space.cnode()}),
        kernel::error::truncated_message());
    check_refused(space.invoke(space.asid_control(), Label::X86ASIDControlMakePool, {to, World::cnode_bits},
                               {space.slot(memory)}),
                  kernel::error::truncated_message());
    check_refused(space.invoke(space.asid_control(), Label::X86ASIDControlMakePool, {to, World::cnode_bits},
                               {std::nullopt, space.cnode()}),
                  kernel::error::truncated_message());
    check_refused(make(space.slot(space.page), space.slot(space.page), 0, 0), kernel::error::invalid_capability(1));
    check_refused(make(space.slot(space.carve(abi::ObjectType::Untyped, 13)), space.cnode(), to, World::cnode_bits),
                  kernel::error::invalid_capability(1));
    const Index device = space.carve_device(abi::ObjectType::Untyped, 12);
    check_refused(make(space.slot(device), space.cnode(), to, World::cnode_bits), kernel::error::invalid_capability(1));
    const Index busy = space.carve(abi::ObjectType::Untyped, 12);
    const Index child = space.carve_in(busy, abi::ObjectType::Endpoint);
    check_refused(make(space.slot(busy), space.slot(space.page), to, World::cnode_bits), kernel::error::revoke_first());
    check_refused(make(space.slot(memory), space.slot(space.page), to, 0), invalid_root());
    check_refused(make(space.slot(memory), space.cnode(), to, 0), kernel::error::range(1, 64));
    check_refused(make(space.slot(memory), space.cnode(), to, 65), kernel::error::range(1, 64));
    check_refused(make(space.slot(memory), space.cnode(), space.page, World::cnode_bits),
                  kernel::error::delete_first());
    check_done(make(space.slot(memory), space.cnode(), to, World::cnode_bits));
    CHECK(space.slot(memory).has_children());
    CHECK(space.cap<frame::AsidPoolCap>(to).base() == frame::Asid{512});
    // Memory whose children are gone is as good as new.
    space.erase(child);
    check_done(make(space.slot(busy), space.cnode(), space.fresh_slot(), World::cnode_bits));
}

TEST("there are eight pools, and a pool's place is free again when it dies") {
    Space space;
    std::vector<Index> pools{space.pool};
    while (pools.size() < frame::asid_pool_count) {
        pools.push_back(space.make_pool());
        CHECK(space.cap<frame::AsidPoolCap>(pools.back()).base() ==
              frame::Asid{static_cast<std::uint16_t>((pools.size() - 1) * frame::asids_per_pool)});
    }
    // No free place comes before a wrong untyped.
    check_refused(space.invoke(space.asid_control(), Label::X86ASIDControlMakePool, {0, 0},
                               {space.slot(space.page), space.slot(space.page)}),
                  kernel::error::delete_first());
    space.erase(pools.at(3));
    CHECK(space.cap<frame::AsidPoolCap>(space.make_pool()).base() == frame::Asid{3 * 512});
}

TEST("copies of a pool are its siblings: only its memory revokes them") {
    Space space;
    const Index memory = space.carve(abi::ObjectType::Untyped, abi::size_bits::asid_pool);
    const Index pool = space.fresh_slot();
    CHECK(space
              .invoke(space.asid_control(), Label::X86ASIDControlMakePool, {pool, World::cnode_bits},
                      {space.slot(memory), space.cnode()})
              .has_value());
    const auto copy = space.copy(pool);
    CHECK(copy.has_value());
    CHECK(!space.slot(pool).has_children());
    CHECK(space.slot(memory).has_children());
}

TEST("Assign: each error, in order") {
    Space space;
    const auto assign = [&](Index root) { return space.invoke(space.pool, Label::X86ASIDPoolAssign, {}, {root}); };
    check_refused(space.invoke(space.pool, Label::X86ASIDPoolAssign, {}), kernel::error::truncated_message());
    check_refused(assign(space.page), kernel::error::invalid_capability(1));
    check_refused(assign(space.carve(abi::ObjectType::Pdpt)), kernel::error::invalid_capability(1));
    check_refused(assign(space.root), kernel::error::invalid_capability(1));  // has one
    CHECK(space.cap<frame::Pml4Cap>(space.root).asid() == frame::Asid{1});    // ASID 0 is nobody's
    const Index second = space.carve(abi::ObjectType::Pml4);
    check_done(assign(second));
    CHECK(space.cap<frame::Pml4Cap>(second).asid() == frame::Asid{2});
}

TEST("a pool that is out of the table assigns nothing, and leaves the pool in its place alone") {
    Space space;
    const Index root = space.carve(abi::ObjectType::Pml4);
    const auto assign = [&] { return space.invoke(space.pool, Label::X86ASIDPoolAssign, {}, {root}); };
    space.advance();
    frame::release_asid_pool(space.phase(), space.slot(space.pool));
    check_refused(assign(), invalid_root());
    const Index other = space.make_pool();
    check_refused(assign(), kernel::error::invalid_capability(0));
    space.erase(space.pool);
    check_done(space.invoke(other, Label::X86ASIDPoolAssign, {}, {root}));
    CHECK(frame::VSpace::of(space.phase(), space.cap<frame::Pml4Cap>(root).asid()).has_value());
}

TEST("the first pool has 511 ASIDs, the others 512") {
    Space space;
    for (std::uint64_t number = 2; number < frame::asids_per_pool; ++number) {
        (void)space.make_root(space.pool);
    }
    const Index last = space.carve(abi::ObjectType::Pml4);
    check_refused(space.invoke(space.pool, Label::X86ASIDPoolAssign, {}, {last}), kernel::error::delete_first());
    // Deleting any root makes room.
    space.erase(space.root);
    check_done(space.invoke(space.pool, Label::X86ASIDPoolAssign, {}, {last}));
    const Index pool = space.make_pool();
    CHECK(space.cap<frame::Pml4Cap>(space.make_root(pool)).asid() == frame::Asid{512});
    for (std::uint64_t number = 1; number < frame::asids_per_pool; ++number) {
        (void)space.make_root(pool);
    }
    check_refused(space.invoke(pool, Label::X86ASIDPoolAssign, {}, {space.carve(abi::ObjectType::Pml4)}),
                  kernel::error::delete_first());
}

}  // namespace
