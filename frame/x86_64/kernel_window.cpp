// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/kernel_window.hpp"

#include <array>

#include <frame/check.hpp>

#include "frame/x86_64/cpu.hpp"
#include "frame/x86_64/entry_offsets.h"
#include "frame/x86_64/features.hpp"
#include "frame/x86_64/per_core.hpp"

// SAFETY: defined in kernel.ld and entry.S; only their addresses are used.
extern "C" {
extern const char frame_image_physical_start[];
extern const char frame_text_start[];
extern const char frame_text_end[];
extern const char frame_rodata_end[];
extern const char frame_data_end[];
extern const char frame_symbols_page_end[];
extern const char frame_page_table_pool_start[];
extern const char frame_page_table_pool_end[];
extern const char frame_gate_text_start[];
extern const char frame_gate_text_end[];
extern const char frame_gate_data_start[];
extern const char frame_gate_data_end[];
extern const char frame_stacks_start[];
extern const char frame_report_stacks_start[];
extern const char frame_entry_stack_top[];
}

namespace frame::x86_64 {
namespace {

/// Bits of a page table entry (Intel SDM vol. 3A, 4.5).
constexpr std::uint64_t present = std::uint64_t{1} << 0;
constexpr std::uint64_t writable = std::uint64_t{1} << 1;
constexpr std::uint64_t write_through = std::uint64_t{1} << 3;
constexpr std::uint64_t cache_disabled = std::uint64_t{1} << 4;
constexpr std::uint64_t large = std::uint64_t{1} << 7;
constexpr std::uint64_t global = std::uint64_t{1} << 8;
constexpr std::uint64_t execute_disable = std::uint64_t{1} << 63;
constexpr std::uint64_t address_mask = 0x000f'ffff'ffff'f000;

using Table = std::array<std::uint64_t, 512>;

/// Index into the table of a level: 3 for the PML4, 0 for page tables.
constexpr std::size_t index_at(unsigned level, std::uint64_t address) { return (address >> (12 + 9 * level)) & 0x1ff; }

std::uint64_t address_of(const void* pointer) {
    // SAFETY: pointer to integer only.
    return reinterpret_cast<std::uint64_t>(pointer);
}

/// The kernel's tables under construction. They are taken from the pool at the end of the image; what remains of it is
/// free memory in the end.
class Builder {
public:
    void map_image() {
        const std::uint64_t text = address_of(frame_text_start);
        const std::uint64_t text_end = address_of(frame_text_end);
        const std::uint64_t rodata_end = address_of(frame_rodata_end);
        const std::uint64_t data_end = address_of(frame_data_end);
        for (std::uint64_t page = text; page < address_of(frame_symbols_page_end); page += page_size) {
            if (is_stack_guard(page)) {
                continue;
            }
            std::uint64_t rights = execute_disable;
            if (page < text_end) {
                rights = 0;
            } else if (page >= rodata_end && page < data_end) {
                rights = execute_disable | writable;
            }
            entry_for(root(), page, 0) = (page - image_base) | rights | global | present;
        }
    }

    /// The tables of page-table isolation: of the kernel they show only what entries and exits touch while they are
    /// loaded.
    void map_gate() {
        gate_root_ = allocate();
        for (std::uint64_t page = address_of(frame_gate_text_start); page < address_of(frame_gate_text_end);
             page += page_size) {
            entry_for(gate_root_, page, 0) = (page - image_base) | present;
        }
        for (std::uint64_t page = address_of(frame_gate_data_start); page < address_of(frame_gate_data_end);
             page += page_size) {
            if (!is_stack_guard(page)) {
                entry_for(gate_root_, page, 0) = (page - image_base) | execute_disable | writable | present;
            }
        }
    }

    /// Extends the window to `end`, which is rounded up to the unit of mapping.
    void map_window(std::uint64_t end) {
        const std::uint64_t unit = features().huge_pages ? huge_page_size : large_page_size;
        check(end <= window_size, "the kernel window cannot show that much memory");
        while (window_end_ < end) {
            if (window_end_ < huge_page_size) {
                map_first_part();
            } else {
                const unsigned level = features().huge_pages ? 2 : 1;
                entry_for(root(), window_base + window_end_, level) =
                    window_end_ | execute_disable | global | large | writable | present;
                window_end_ += unit;
            }
        }
    }

    std::uint64_t map_device(std::uint64_t physical) {
        const std::uint64_t page = device_base + device_pages_ * page_size;
        if (index_at(1, page) != index_at(1, device_base)) {
            return 0;  // one page table of devices is enough for 511 I/O APICs
        }
        entry_for(root(), page, 0) =
            physical | execute_disable | global | cache_disabled | write_through | writable | present;
        ++device_pages_;
        return page;
    }

    [[nodiscard]] std::uint64_t root() {
        if (root_ == 0) {
            root_ = allocate();
        }
        return root_;
    }
    [[nodiscard]] std::uint64_t window_end() const { return window_end_; }
    [[nodiscard]] std::uint64_t pool_used_end() const {
        return address_of(frame_page_table_pool_start) - image_base + used_;
    }
    [[nodiscard]] std::uint64_t user_root() { return gate_root_ != 0 ? gate_root_ : root(); }
    [[nodiscard]] std::span<const std::uint64_t, 256> upper_half() {
        return std::span{table_at(user_root())}.last<256>();
    }
    void seal() { sealed_ = true; }
    void switch_to_window() { base_ = window_base; }

private:
    /// The window's first GiB is mapped in 2 MiB pages, and the kernel image in it in 4 KiB pages, because text and
    /// read-only data must not be writable there either.
    void map_first_part() {
        const std::uint64_t image_start = address_of(frame_text_start) - image_base;
        const std::uint64_t image_end = address_of(frame_symbols_page_end) - image_base;
        if (window_end_ + large_page_size <= image_start || window_end_ >= image_end) {
            entry_for(root(), window_base + window_end_, 1) =
                window_end_ | execute_disable | global | large | writable | present;
        } else {
            for (std::uint64_t page = window_end_; page < window_end_ + large_page_size; page += page_size) {
                const std::uint64_t linked = page + image_base;
                const bool constant =
                    (linked >= address_of(frame_text_start) && linked < address_of(frame_rodata_end)) ||
                    (linked >= address_of(frame_data_end) && linked < address_of(frame_symbols_page_end));
                entry_for(root(), window_base + page, 0) =
                    page | execute_disable | global | (constant ? 0 : writable) | present;
            }
        }
        window_end_ += large_page_size;
    }

    /// Whether a page of the image is the one below a stack (entry.S).
    static bool is_stack_guard(std::uint64_t page) {
        constexpr std::uint64_t report_stacks = 4;
        constexpr std::uint64_t distance = page_size + report_stack_bytes;
        const std::uint64_t first = address_of(frame_report_stacks_start);
        return page == address_of(frame_stacks_start) ||
               (page >= first && page < first + report_stacks * distance && (page - first) % distance == 0);
    }

    std::uint64_t allocate() {
        check(!sealed_, "the kernel's half of the address space changed after boot");
        const std::uint64_t table = pool_used_end();
        used_ += page_size;
        // The last three pages hold the tables that boot.S made, which are in use until the new ones are loaded.
        check(table + 4 * page_size <= address_of(frame_page_table_pool_end) - image_base, "page table pool exhausted");
        for (std::uint64_t& entry : table_at(table)) {
            entry = 0;
        }
        return table;
    }

    /// The table at a physical address in the pool. Before the switch it is reached where boot.S mapped the image,
    /// afterwards through the window.
    [[nodiscard]] Table& table_at(std::uint64_t physical) const {
        // SAFETY: `physical` came from `allocate`: a page of the pool that is a table and nothing else, mapped at
        // image_base by boot.S and at window_base by this class. Words of tables are only accessed as 64-bit words.
        return *reinterpret_cast<Table*>(base_ + physical);
    }

    /// The entry for `address` in the table of `level` below `root`; tables on the way are made as needed.
    std::uint64_t& entry_for(std::uint64_t root, std::uint64_t address, unsigned level) {
        check(!sealed_, "the kernel's half of the address space changed after boot");
        std::uint64_t table = root;
        for (unsigned at = 3; at > level; --at) {
            std::uint64_t& entry = table_at(table)[index_at(at, address)];
            if ((entry & present) == 0) {
                entry = allocate() | writable | present;
            }
            table = entry & address_mask;
        }
        return table_at(table)[index_at(level, address)];
    }

    std::uint64_t root_ = 0;
    std::uint64_t gate_root_ = 0;
    std::uint64_t used_ = 0;
    std::uint64_t window_end_ = 0;
    std::uint64_t device_pages_ = 0;
    std::uint64_t base_ = image_base;
    bool sealed_ = false;
};

constinit Builder builder{};

constexpr std::uint64_t first_window_end = std::uint64_t{4} << 30;

/// From here on the core leaves the kernel through the isolated way out (entry.S), and comes in on the entry stack.
void prepare_isolation(CoreLocal& core) {
    core.roots.isolate(builder.root(), builder.user_root());
    core.tss.rsp[0] = address_of(frame_entry_stack_top);
}

}  // namespace

void build_kernel_window() {
    builder.map_image();
    builder.map_window(first_window_end);
    // SAFETY: the new tables map what runs now, the image with its stack, at the same addresses. What they leave out, the
    // boot code at its physical address, is not used any more.
    write_cr3(builder.root());
    builder.switch_to_window();
}

void choose_roots(bool isolation_on, bool pcid_off) {
    if (features().needs_isolation || isolation_on) {
        builder.map_gate();
        prepare_isolation(this_core());
    }
    if (features().global_pages && this_core().roots.allows_global_pages()) {
        // SAFETY: entries marked global are the same in every address space: all have the kernel's half.
        write_cr4(read_cr4() | cr4::page_global_enable);
    }
    if (features().process_contexts && !pcid_off) {
        // SAFETY: CR3 is the kernel's root since build_kernel_window, and a table's address ends in zeros: it names process
        // context 0, as CR4.PCIDE demands (Intel SDM vol. 3A, 4.10.1). Nothing is remembered for others.
        write_cr4(read_cr4() | cr4::pcid_enable);
        this_core().roots.tag();
    }
}

void extend_window(PhysicalAddress end) { builder.map_window(end.value()); }

PhysicalAddress end_of_window() { return PhysicalAddress{builder.window_end()}; }

std::uint64_t map_device(PhysicalAddress page) { return builder.map_device(page.value()); }

void seal_kernel_window() { builder.seal(); }

PhysicalAddress kernel_root() { return PhysicalAddress{builder.root()}; }

PhysicalAddress empty_root() { return PhysicalAddress{builder.user_root()}; }

std::span<const std::uint64_t, 256> kernel_half() { return builder.upper_half(); }

PhysicalRange kernel_image() {
    return {PhysicalAddress{address_of(frame_image_physical_start)}, PhysicalAddress{builder.pool_used_end()}};
}

}  // namespace frame::x86_64
