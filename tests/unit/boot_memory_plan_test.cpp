// SPDX-License-Identifier: GPL-2.0-only
//
// Places in free memory, the cutting of memory into untyped blocks, and the layout of the initial thread.
#include "kernel/boot/memory_plan.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "kernel/boot/initial_layout.hpp"
#include "tests/support/test.hpp"

namespace {

using frame::PhysicalAddress;
using frame::PhysicalRange;
using kernel::boot::Block;
using kernel::boot::BlockQuota;
using kernel::boot::InitialLayout;

PhysicalRange range(std::uint64_t start, std::uint64_t end) { return {PhysicalAddress{start}, PhysicalAddress{end}}; }

std::vector<Block> blocks_of(PhysicalRange memory) {
    std::vector<Block> blocks;
    kernel::boot::for_each_block(memory, [&](Block block) { blocks.push_back(block); });
    return blocks;
}

}  // namespace

TEST("blocks are naturally aligned, disjoint, ascending, and leave nothing out") {
    std::mt19937_64 random{1};
    for (unsigned round = 0; round < 20000; ++round) {
        std::uint64_t start = (random() >> (17 + random() % 40)) & ~std::uint64_t{15};
        std::uint64_t end = start + ((random() >> (17 + random() % 40)) & ~std::uint64_t{15});
        std::uint64_t at = start;
        for (const Block block : blocks_of(range(start, end))) {
            CHECK_EQUAL(block.start.value(), at);
            CHECK(block.start.is_aligned(std::min<std::uint64_t>(block.bits, 39)));
            CHECK(block.bits >= abi::size_bits::min_untyped && block.bits <= abi::size_bits::max_untyped);
            at += block.size();
            CHECK(at <= end);
        }
        CHECK_EQUAL(at, end);
    }
}

TEST("blocks are as large as they can be: at most two of each size") {
    std::mt19937_64 random{2};
    for (unsigned round = 0; round < 2000; ++round) {
        const std::uint64_t start = random() >> 20 & ~std::uint64_t{0xfff};
        const std::uint64_t end = start + (random() >> 20 & ~std::uint64_t{0xfff});
        std::map<std::uint64_t, unsigned> sizes;
        for (const Block block : blocks_of(range(start, end))) {
            ++sizes[block.bits];
        }
        CHECK(std::ranges::all_of(sizes, [](const auto& size) { return size.second <= 2; }));
    }
}

TEST("what is too small to retype is left out") {
    CHECK_EQUAL(blocks_of(range(0xfffffff0, 0xfffffff8)).size(), 0U);
    CHECK_EQUAL(blocks_of(range(0x1000, 0x1000)).size(), 0U);
    const std::vector<Block> blocks = blocks_of(range(8, 0x30));
    CHECK_EQUAL(blocks.size(), 2U);
    CHECK_EQUAL(blocks[0].start.value(), 0x10U);
    CHECK_EQUAL(blocks[1].start.value(), 0x20U);
}

TEST("a block may start at address 0 and is never larger than an untyped may be") {
    const std::vector<Block> low = blocks_of(range(0, 0x100000));
    CHECK_EQUAL(low.size(), 1U);
    CHECK_EQUAL(low[0].bits, 20U);
    const std::vector<Block> all = blocks_of(range(std::uint64_t{1} << 39, std::uint64_t{1} << 49));
    CHECK_EQUAL(all[0].bits, 47U);
}

TEST("above the kernel window, blocks are aligned as in seL4's: its address 0 is physical 2^39") {
    // The end of the list that seL4 16.0.0 makes on every machine with less than 512 GiB of RAM.
    const std::vector<Block> blocks = blocks_of(range(std::uint64_t{1} << 39, std::uint64_t{1} << 47));
    const std::vector<Block> expected{{PhysicalAddress{0x8000000000}, 46},   {PhysicalAddress{0x408000000000}, 45},
                                      {PhysicalAddress{0x608000000000}, 44}, {PhysicalAddress{0x708000000000}, 43},
                                      {PhysicalAddress{0x788000000000}, 42}, {PhysicalAddress{0x7c8000000000}, 41},
                                      {PhysicalAddress{0x7e8000000000}, 40}, {PhysicalAddress{0x7f8000000000}, 39}};
    CHECK(blocks == expected);
}

TEST("gaps and ranges together are everything below the end") {
    std::mt19937_64 random{3};
    for (unsigned round = 0; round < 2000; ++round) {
        std::vector<PhysicalRange> taken;
        std::uint64_t at = 0;
        for (unsigned count = random() % 6; count > 0; --count) {
            const std::uint64_t start = at + random() % 3 * 0x1000;
            const std::uint64_t end = start + random() % 3 * 0x1000;
            if (start < end) {
                taken.push_back(range(start, end));
            }
            at = end;
        }
        const std::uint64_t end = random() % 20 * 0x1000;
        std::vector<bool> covered(20);
        kernel::boot::for_each_gap(taken, PhysicalAddress{end}, [&](PhysicalRange gap) {
            for (std::uint64_t page = gap.start.value(); page < gap.end.value(); page += 0x1000) {
                CHECK(!covered[page / 0x1000]);
                covered[page / 0x1000] = true;
            }
        });
        for (std::uint64_t page = 0; page < 20 * 0x1000; page += 0x1000) {
            const bool is_taken =
                std::ranges::any_of(taken, [&](PhysicalRange part) { return part.contains(PhysicalAddress{page}); });
            CHECK_EQUAL(static_cast<bool>(covered[page / 0x1000]), page < end && !is_taken);
        }
    }
}

TEST("places lie in free memory, aligned, lowest or highest") {
    const std::vector<PhysicalRange> free{range(0x1800, 0x4000), range(0x8000, 0x20000), range(0x30000, 0x31000)};
    CHECK_EQUAL(kernel::boot::lowest_place(free, 0x1000, 12)->value(), 0x2000U);
    CHECK_EQUAL(kernel::boot::lowest_place(free, 0x2000, 12)->value(), 0x2000U);
    CHECK_EQUAL(kernel::boot::lowest_place(free, 0x2001, 12)->value(), 0x8000U);
    CHECK_EQUAL(kernel::boot::lowest_place(free, 0x10000, 16)->value(), 0x10000U);
    CHECK_EQUAL(kernel::boot::highest_place(free, 0x1000, 12)->value(), 0x30000U);
    CHECK_EQUAL(kernel::boot::highest_place(free, 0x800, 11)->value(), 0x30800U);
    CHECK_EQUAL(kernel::boot::highest_place(free, 0x10000, 16)->value(), 0x10000U);
    CHECK_EQUAL(kernel::boot::highest_place(free, 0x8000, 15)->value(), 0x18000U);
    CHECK(!kernel::boot::lowest_place(free, 0x18001, 12).has_value());
    CHECK(!kernel::boot::highest_place(free, 0x18001, 12).has_value());
    CHECK(!kernel::boot::highest_place(free, 0x20000, 17).has_value());
    // There is room, but not at that alignment.
    CHECK(!kernel::boot::highest_place(free, 0x10000, 17).has_value());
    CHECK(!kernel::boot::lowest_place(free, 0x10000, 17).has_value());
    CHECK(!kernel::boot::lowest_place(free, ~std::uint64_t{0}, 12).has_value());
    CHECK_EQUAL(kernel::boot::largest(free), 0x18000U);
    // At the end of all addresses the next aligned place would be 0.
    const std::array last{
        PhysicalRange{PhysicalAddress{0xffff'ffff'ffff'e800}, PhysicalAddress{0xffff'ffff'ffff'f800}}};
    CHECK_EQUAL(kernel::boot::lowest_place(last, 0x800, 12)->value(), 0xffff'ffff'ffff'f000U);
    CHECK(!kernel::boot::lowest_place(last, 0x800, 16).has_value());
}

TEST("a quota keeps the largest blocks, and of equal ones the lowest") {
    std::mt19937_64 random{4};
    for (unsigned round = 0; round < 2000; ++round) {
        std::vector<Block> blocks;
        std::uint64_t start = 0;
        for (unsigned count = random() % 60; count > 0; --count) {
            const std::uint64_t bits = 4 + random() % 5;
            start = (start + (std::uint64_t{1} << bits) - 1) & ~((std::uint64_t{1} << bits) - 1);
            blocks.push_back(Block{PhysicalAddress{start}, bits});
            start += std::uint64_t{1} << bits;
        }
        const std::size_t limit = std::min<std::size_t>(random() % 60, blocks.size());
        BlockQuota quota{};
        std::ranges::for_each(blocks, [&](Block block) { quota.count(block); });
        CHECK_EQUAL(quota.total(), blocks.size());
        quota.limit_to(limit);
        std::vector<Block> admitted;
        std::ranges::copy_if(blocks, std::back_inserter(admitted), [&](Block block) { return quota.admits(block); });
        // The model: sort by size, keep the front, restore the order of addresses.
        std::vector<Block> expected = blocks;
        std::ranges::stable_sort(expected, std::ranges::greater{}, &Block::bits);
        expected.resize(limit);
        std::ranges::sort(expected, {}, &Block::start);
        CHECK(admitted == expected);
    }
}

TEST("the layout of an image like seL4's own") {
    // As seL4 16.0.0 lays out a root task of 292 pages at 4 MiB with 1292 bytes of blocks.
    const InitialLayout layout = InitialLayout::of(frame::UserAddress{0x400000}, frame::UserAddress{0x524000}, 1292);
    CHECK_EQUAL(layout.ipc_buffer.value(), 5390336U);
    CHECK_EQUAL(layout.boot_info.value(), 0x525000U);
    CHECK_EQUAL(layout.extra.value(), 0x526000U);
    CHECK_EQUAL(layout.end.value(), 0x527000U);
    CHECK_EQUAL(layout.paging().start, 16U);
    CHECK_EQUAL(layout.paging().end, 19U);
    CHECK_EQUAL(layout.extra_pages().end, 20U);
    CHECK_EQUAL(layout.image_frames().start, 20U);
    CHECK_EQUAL(layout.image_frames().end, 312U);
    CHECK_EQUAL(layout.first_untyped(), 312U);
}

TEST("tables cover the image and what follows it, whatever borders it crosses") {
    // The IPC buffer is the last page of a table's span, the boot information the first of the next.
    const InitialLayout layout = InitialLayout::of(frame::UserAddress{0x3ff000}, frame::UserAddress{0x5ff000}, 1);
    CHECK_EQUAL(layout.pdpts, 1U);
    CHECK_EQUAL(layout.directories, 1U);
    CHECK_EQUAL(layout.tables, 3U);
    // What follows the image ends exactly at a table's end: no table more.
    CHECK_EQUAL(InitialLayout::of(frame::UserAddress{0x400000}, frame::UserAddress{0x5fd000}, 1).tables, 1U);
    CHECK_EQUAL(InitialLayout::of(frame::UserAddress{0x400000}, frame::UserAddress{0x5fe000}, 1).tables, 2U);
    const std::uint64_t border = std::uint64_t{1} << 39;
    const InitialLayout across = InitialLayout::of(frame::UserAddress{border - 0x1000}, frame::UserAddress{border}, 1);
    CHECK_EQUAL(across.pdpts, 2U);
    CHECK_EQUAL(across.directories, 2U);
    CHECK_EQUAL(across.tables, 2U);
}

TEST("memory for the blocks is a power of two of at least a page, or none") {
    CHECK_EQUAL(InitialLayout::extra_memory(0), 0U);
    CHECK_EQUAL(InitialLayout::extra_memory(1), 4096U);
    CHECK_EQUAL(InitialLayout::extra_memory(4096), 4096U);
    CHECK_EQUAL(InitialLayout::extra_memory(4097), 8192U);
    CHECK_EQUAL(InitialLayout::extra_memory(9000), 16384U);
    CHECK_EQUAL(InitialLayout::bytes_behind_image(1292), 3 * 4096U);
    const InitialLayout layout = InitialLayout::of(frame::UserAddress{0x400000}, frame::UserAddress{0x401000}, 5000);
    CHECK_EQUAL(layout.extra_page_count(), 2U);
}
