// SPDX-License-Identifier: GPL-2.0-only
//
// The algorithms on paging structures, over a memory that records each write and checks each intermediate state.
#include <frame/detail/table_walk.hpp>

#include <map>
#include <optional>
#include <random>

#include "tests/support/table_memory.hpp"
#include "tests/support/test.hpp"

namespace {

using namespace frame::detail;
using frame::MemoryType;
using frame::PhysicalAddress;
using frame::UserAddress;
using frame::VmRights;

using Walk = test::TableMemory;

/// An address space with all levels down to a page table for 2 MiB at `address`.
struct AddressSpace {
    static constexpr UserAddress address{0x1234'5678'9000};
    Walk memory;
    PhysicalAddress root = memory.add(Level::pml4);
    PhysicalAddress pdpt = memory.add(Level::pdpt);
    PhysicalAddress directory = memory.add(Level::page_directory);
    PhysicalAddress table = memory.add(Level::page_table);

    AddressSpace() {
        store(memory, entry_in<Level::pml4>(root, address), Entry<Level::pml4>::to_table(pdpt, {}));
        store(memory, entry_in<Level::pdpt>(pdpt, address), Entry<Level::pdpt>::to_table(directory, {}));
        store(memory, entry_in<Level::page_directory>(directory, address),
              Entry<Level::page_directory>::to_table(table, {}));
        memory.watch(root);
        memory.writes.clear();
        memory.reads = 0;
    }
};

constexpr PhysicalAddress frame_a{0x7aaa'aaaa'a000};
constexpr PhysicalAddress frame_b{0x1bbb'b000};

template <Level level>
Entry<level> page(PhysicalAddress start) {
    return Entry<level>::to_page(start, VmRights::read_write, {});
}

TEST("a walk reads one entry per level and writes nothing") {
    AddressSpace space;
    const auto place = find_entry<Level::page_table>(space.memory, space.root, space.address);
    CHECK(place.has_value());
    CHECK_EQUAL(place->at.value(), space.table.value() + ((space.address.value() >> 12) & 511) * 8);
    CHECK_EQUAL(space.memory.reads, 3U);
    CHECK(space.memory.writes.empty());
}

TEST("a walk to a higher level stops there") {
    AddressSpace space;
    const auto place = find_entry<Level::pdpt>(space.memory, space.root, space.address);
    CHECK(place == entry_in<Level::pdpt>(space.pdpt, space.address));
    CHECK_EQUAL(space.memory.reads, 1U);
}

TEST("a walk names the level whose entry leads on to no table") {
    AddressSpace space;
    Walk& memory = space.memory;
    const auto missing = [&](UserAddress address) {
        return find_entry<Level::page_table>(memory, space.root, address).error();
    };
    CHECK(missing(space.address.plus(std::uint64_t{1} << 39)) == Level::pml4);
    CHECK(missing(space.address.plus(std::uint64_t{1} << 30)) == Level::pdpt);
    CHECK(missing(space.address.plus(std::uint64_t{1} << 21)) == Level::page_directory);
}

TEST("a large page is no table to walk into") {
    AddressSpace space;
    const UserAddress beside = space.address.plus(std::uint64_t{1} << 21);
    store(space.memory, entry_in<Level::page_directory>(space.directory, beside),
          page<Level::page_directory>(PhysicalAddress{0x20'0000}));
    CHECK(find_entry<Level::page_table>(space.memory, space.root, beside).error() == Level::page_directory);
    const UserAddress far = space.address.plus(std::uint64_t{1} << 30);
    store(space.memory, entry_in<Level::pdpt>(space.pdpt, far), page<Level::pdpt>(PhysicalAddress{0x4000'0000}));
    CHECK(find_entry<Level::page_directory>(space.memory, space.root, far).error() == Level::pdpt);
}

TEST("mapping a page is one write, which says whether a page was there") {
    AddressSpace space;
    const auto place = find_entry<Level::page_table>(space.memory, space.root, space.address).value();
    CHECK(!set_page(space.memory, place, page<Level::page_table>(frame_a)));
    CHECK(set_page(space.memory, place, page<Level::page_table>(frame_b)));
    CHECK_EQUAL(space.memory.writes.size(), 2U);
    CHECK(space.memory.writes.back() == (Walk::Write{place.at.value(), page<Level::page_table>(frame_b).word()}));
}

TEST("unmapping a page is one write, and only if the entry maps that page") {
    AddressSpace space;
    const auto place = find_entry<Level::page_table>(space.memory, space.root, space.address).value();
    const auto remove = [&](PhysicalAddress frame) {
        return remove_page<Level::page_table>(space.memory, space.root, space.address, frame);
    };
    CHECK(!remove(frame_a));
    CHECK(space.memory.writes.empty());
    (void)set_page(space.memory, place, page<Level::page_table>(frame_a));
    CHECK(!remove(frame_b));
    CHECK_EQUAL(space.memory.writes.size(), 1U);
    CHECK(remove(frame_a));
    CHECK(space.memory.writes.back() == (Walk::Write{place.at.value(), 0}));
    CHECK(!remove(frame_a));
    CHECK_EQUAL(space.memory.writes.size(), 2U);
}

TEST("a page is found again after the processor set its accessed and dirty bits") {
    AddressSpace space;
    const auto place = find_entry<Level::page_table>(space.memory, space.root, space.address).value();
    (void)set_page(space.memory, place, page<Level::page_table>(frame_a));
    space.memory.plant(place.at.value(), page<Level::page_table>(frame_a).word() | 0x60);
    CHECK(remove_page<Level::page_table>(space.memory, space.root, space.address, frame_a));
}

TEST("a small page's place is not mistaken for a large page with the same address") {
    AddressSpace space;
    // The directory's entry leads to a table at this very address.
    CHECK(!remove_page<Level::page_directory>(space.memory, space.root, space.address, space.table));
    CHECK(!remove_page<Level::pdpt>(space.memory, space.root, space.address, space.directory));
    CHECK(space.memory.writes.empty());
}

TEST("detaching a table is one write, and only if the entry leads to that table") {
    AddressSpace space;
    const PhysicalAddress other = space.memory.add(Level::page_table);
    CHECK(!remove_table<Level::page_table>(space.memory, space.root, space.address, other));
    CHECK(space.memory.writes.empty());
    CHECK(remove_table<Level::page_table>(space.memory, space.root, space.address, space.table));
    CHECK_EQUAL(space.memory.writes.size(), 1U);
    CHECK(!remove_table<Level::page_table>(space.memory, space.root, space.address, space.table));
    CHECK(remove_table<Level::page_directory>(space.memory, space.root, space.address, space.directory));
    CHECK(remove_table<Level::pdpt>(space.memory, space.root, space.address, space.pdpt));
    CHECK_EQUAL(space.memory.writes.size(), 3U);
    // Nothing leads there any more, so their memory may be anything.
    space.memory.take_away(space.pdpt);
    space.memory.take_away(space.directory);
    space.memory.take_away(space.table);
    CHECK(find_entry<Level::page_table>(space.memory, space.root, space.address).error() == Level::pml4);
}

TEST("a page of the right address is no table to detach") {
    AddressSpace space;
    const UserAddress beside = space.address.plus(std::uint64_t{1} << 21);
    store(space.memory, entry_in<Level::page_directory>(space.directory, beside),
          page<Level::page_directory>(PhysicalAddress{0x20'0000}));
    CHECK(!remove_table<Level::page_table>(space.memory, space.root, beside, PhysicalAddress{0x20'0000}));
}

TEST("what a table holds: nothing, one page, or more, found without reading on") {
    AddressSpace space;
    const auto contents = [&] { return contents_of<Level::page_table>(space.memory, space.table); };
    CHECK(contents().kind == Contents::Kind::nothing);
    store(space.memory, EntryPlace<Level::page_table>{space.table.plus(511 * 8)}, page<Level::page_table>(frame_a));
    CHECK(contents().kind == Contents::Kind::one_page);
    CHECK_EQUAL(contents().index, 511U);
    store(space.memory, EntryPlace<Level::page_table>{space.table}, page<Level::page_table>(frame_a));
    CHECK(contents().kind == Contents::Kind::more);
    store(space.memory, EntryPlace<Level::page_table>{space.table.plus(8)}, page<Level::page_table>(frame_a));
    space.memory.reads = 0;
    CHECK(contents().kind == Contents::Kind::more);
    CHECK_EQUAL(space.memory.reads, 2U);
    // A table below may hold anything.
    CHECK(contents_of<Level::page_directory>(space.memory, space.directory).kind == Contents::Kind::more);
}

/// Random mappings against a plain map of addresses to pages.
TEST("random mappings agree with a plain model") {
    test::for_seeds(1, 20, [](unsigned seed) {
        std::mt19937 random{seed};
        AddressSpace space;
        std::map<std::uint64_t, std::uint64_t> model;
        for (int step = 0; step < 400; ++step) {
            const UserAddress address = space.address.aligned_down(21).plus((random() % 512) << 12);
            const PhysicalAddress frame{std::uint64_t{1 + random() % 4} << 12};
            const auto mapped = model.find(address.value());
            if (random() % 2 == 0) {
                const auto place = find_entry<Level::page_table>(space.memory, space.root, address).value();
                CHECK_EQUAL(set_page(space.memory, place, page<Level::page_table>(frame)), mapped != model.end());
                model[address.value()] = frame.value();
            } else {
                const bool matches = mapped != model.end() && mapped->second == frame.value();
                CHECK_EQUAL(remove_page<Level::page_table>(space.memory, space.root, address, frame), matches);
                if (matches) {
                    model.erase(mapped);
                }
            }
        }
        for (std::uint64_t index = 0; index < 512; ++index) {
            const UserAddress address = space.address.aligned_down(21).plus(index << 12);
            const auto entry = load(space.memory, entry_in<Level::page_table>(space.table, address));
            const auto mapped = model.find(address.value());
            CHECK_EQUAL(entry.is_present(), mapped != model.end());
            if (entry.is_present()) {
                CHECK_EQUAL(entry.page().value(), mapped->second);
            }
        }
    });
}

}  // namespace
