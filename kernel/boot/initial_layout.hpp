// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <abi/abi.hpp>
#include <frame/address.hpp>
#include <frame/bits.hpp>

namespace kernel::boot {

/// Where everything of the initial thread goes in its address space and its CNode. Programs may rely on all of it, so
/// it is seL4's, number by number (seL4 manual, 9.1).
///
/// ```
///   address space                          root CNode
///   +-------------------------+ start      +---------------------------+ 0
///   | image                   |            | fixed capabilities        |
///   +-------------------------+ ipc_buffer +---------------------------+ paging
///   | IPC buffer              |            | PDPTs, PDs, page tables   |
///   +-------------------------+ boot_info  +---------------------------+ extra_pages
///   | boot information        |            | frames of the blocks      |
///   +-------------------------+ extra      +---------------------------+ image_frames
///   | boot-information blocks |            | frames of the image       |
///   +-------------------------+ end        +---------------------------+ untyped
/// ```
struct InitialLayout {
    static constexpr std::uint64_t page_bits = abi::size_bits::page;
    /// Addresses that one page table, page directory or PDPT covers, log2.
    static constexpr std::uint64_t table_bits = page_bits + abi::size_bits::page_table_index;
    static constexpr std::uint64_t directory_bits = table_bits + abi::size_bits::page_directory_index;
    static constexpr std::uint64_t pdpt_bits = directory_bits + abi::size_bits::pdpt_index;

    frame::UserAddress start{};
    frame::UserAddress ipc_buffer{};
    frame::UserAddress boot_info{};
    frame::UserAddress extra{};
    frame::UserAddress end{};

    std::uint64_t pdpts = 0;
    std::uint64_t directories = 0;
    std::uint64_t tables = 0;

    /// `extra_bytes` of boot-information blocks.
    [[nodiscard]] static constexpr InitialLayout of(frame::UserAddress image_start, frame::UserAddress image_end,
                                                    std::uint64_t extra_bytes);

    /// Bytes behind the image that the layout needs for `extra_bytes` of blocks.
    [[nodiscard]] static constexpr std::uint64_t bytes_behind_image(std::uint64_t extra_bytes) {
        return 2 * frame::power_of_two(page_bits) + extra_memory(extra_bytes);
    }
    /// Memory for the blocks: none for none, else a power of two of at least a page.
    [[nodiscard]] static constexpr std::uint64_t extra_memory(std::uint64_t extra_bytes) {
        std::uint64_t size = extra_bytes == 0 ? 0 : frame::power_of_two(page_bits);
        while (size < extra_bytes) {
            size *= 2;
        }
        return size;
    }

    [[nodiscard]] constexpr std::uint64_t image_pages() const { return pages(start, ipc_buffer); }
    [[nodiscard]] constexpr std::uint64_t extra_page_count() const { return pages(extra, end); }
    [[nodiscard]] constexpr std::uint64_t paging_count() const { return pdpts + directories + tables; }

    [[nodiscard]] constexpr abi::boot_info::SlotRegion paging() const {
        return region(abi::initial_cap::count, paging_count());
    }
    [[nodiscard]] constexpr abi::boot_info::SlotRegion extra_pages() const {
        return region(paging().end, extra_page_count());
    }
    [[nodiscard]] constexpr abi::boot_info::SlotRegion image_frames() const {
        return region(extra_pages().end, image_pages());
    }
    /// The first slot of an untyped capability, if it exists.
    [[nodiscard]] constexpr std::uint64_t first_untyped() const { return image_frames().end; }

private:
    [[nodiscard]] constexpr std::uint64_t count_tables(std::uint64_t bits) const {
        return frame::shift_right(end.value() - 1, bits) - frame::shift_right(start.value(), bits) + 1;
    }
    [[nodiscard]] static constexpr std::uint64_t pages(frame::UserAddress from, frame::UserAddress to) {
        return frame::shift_right(to.value() - from.value(), page_bits);
    }
    [[nodiscard]] static constexpr abi::boot_info::SlotRegion region(std::uint64_t start, std::uint64_t count) {
        return abi::boot_info::SlotRegion{.start = start, .end = start + count};
    }
};

constexpr InitialLayout InitialLayout::of(frame::UserAddress image_start, frame::UserAddress image_end,
                                          std::uint64_t extra_bytes) {
    constexpr std::uint64_t page = frame::power_of_two(page_bits);
    InitialLayout layout{};
    layout.start = image_start;
    layout.ipc_buffer = image_end;
    layout.boot_info = image_end.plus(page);
    layout.extra = image_end.plus(2 * page);
    layout.end = layout.extra.plus(extra_memory(extra_bytes));
    layout.pdpts = layout.count_tables(pdpt_bits);
    layout.directories = layout.count_tables(directory_bits);
    layout.tables = layout.count_tables(table_bits);
    return layout;
}

}  // namespace kernel::boot
