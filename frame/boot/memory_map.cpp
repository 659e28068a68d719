// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/memory_map.hpp"

#include <algorithm>
#include <utility>

namespace frame::boot {
namespace {

constexpr std::uint64_t page_bits = 12;

/// The last byte of a line; lines that reach beyond the address space end at its end.
PhysicalAddress end_of(const MemoryMapEntry& entry) {
    const std::uint64_t room = ~entry.start.value();
    return entry.start.plus(std::min(entry.size, room));
}

Result<void> add(RamList& list, PhysicalRange range) {
    if (range.is_empty() || list.add(range)) {
        return {};
    }
    return failure("boot: the memory map describes more than ", RamList::capacity(),
                   " separate ranges of RAM; the kernel records no more, please report the machine");
}

/// Takes `claimed` out of every range in `list`. A range that is split grows a second part at the end of the list.
Result<void> remove(RamList& list, PhysicalRange claimed) {
    const std::size_t count = list.size();
    for (std::size_t index = 0; index < count; ++index) {
        PhysicalRange& range = list[index];
        if (!range.overlaps(claimed)) {
            continue;
        }
        const PhysicalRange above{std::max(range.start, claimed.end), range.end};
        range.end = std::max(range.start, std::min(range.end, claimed.start));
        if (range.is_empty()) {
            range = above;
        } else if (auto added = add(list, above); !added) {
            return added;
        }
    }
    return {};
}

/// Sorts, joins ranges that touch or overlap, and drops empty ones.
void normalise(RamList& list) {
    sort_by_start(list.items());
    std::size_t used = 0;
    for (const PhysicalRange range : list) {
        if (range.is_empty()) {
            continue;
        }
        if (used != 0 && range.start <= list[used - 1].end) {
            list[used - 1].end = std::max(list[used - 1].end, range.end);
        } else {
            list[used] = range;
            ++used;
        }
    }
    list.truncate(used);
}

}  // namespace

Result<void> usable_ram(const BootDescription& description, PhysicalAddress limit, RamList& list) {
    list.clear();
    if (description.memory_map.is_empty()) {
        const PhysicalAddress end = first_usable.plus(std::uint64_t{description.upper_memory_kib} << 10);
        if (auto added = add(list, {first_usable, std::min(end.aligned_down(page_bits), limit)}); !added) {
            return added;
        }
    }
    for (const MemoryMapEntry& entry : description.memory_map) {
        const PhysicalAddress start = std::max(entry.start, first_usable);
        if (entry.type != MemoryMapEntry::ram || entry.size == 0 || start >= limit) {
            continue;
        }
        const PhysicalRange range{start.aligned_up(page_bits), std::min(end_of(entry).aligned_down(page_bits), limit)};
        if (auto added = add(list, range); !added) {
            return added;
        }
    }
    normalise(list);
    for (const MemoryMapEntry& entry : description.memory_map) {
        if (entry.type == MemoryMapEntry::ram || entry.size == 0 || entry.start >= limit) {
            continue;
        }
        // A partly claimed page is claimed.
        const PhysicalAddress end = std::min(end_of(entry), limit).aligned_up(page_bits);
        if (auto removed = remove(list, {entry.start.aligned_down(page_bits), end}); !removed) {
            return removed;
        }
    }
    normalise(list);
    if (list.is_empty()) {
        return failure("boot: no RAM above 1 MiB in the loader's memory map of ", description.memory_map.size(),
                       " entries; give the machine more memory (QEMU: -m 64M or more)");
    }
    return {};
}

void sort_by_start(std::span<PhysicalRange> ranges) {
    for (std::size_t end = 1; end < ranges.size(); ++end) {
        for (std::size_t at = end; at != 0 && ranges[at].start < ranges[at - 1].start; --at) {
            std::swap(ranges[at], ranges[at - 1]);
        }
    }
}

Result<void> check_modules(const BootDescription& description, const RamList& ram, PhysicalRange image) {
    const auto modules = description.modules.items();
    for (std::size_t index = 0; index < modules.size(); ++index) {
        const PhysicalRange range = modules[index].range;
        const auto describe = [&](std::string_view reason, std::string_view way_out) {
            return failure("boot: module ", index, " ('", modules[index].name.view(), "', ", hex(range.start.value()),
                           " to ", hex(range.end.value()), ") ", reason, "; ", way_out);
        };
        const auto holds = [&](PhysicalAddress start, PhysicalAddress end) {
            return start <= range.start && range.end <= end;
        };
        // Loaders also use RAM below 1 MiB (GRUB under UEFI), which the joined list leaves out, as it does parts of pages
        // and what is beyond the kernel window: there nothing can be read.
        const bool in_ram =
            std::ranges::any_of(ram, [&](const PhysicalRange& part) { return holds(part.start, part.end); }) ||
            (range.end <= std::max(first_usable, end_of_ram(ram)) &&
             std::ranges::any_of(description.memory_map, [&](const MemoryMapEntry& entry) {
                 return entry.type == MemoryMapEntry::ram && holds(entry.start, end_of(entry));
             }));
        if (!in_ram) {
            return describe("does not lie in RAM", "give the machine more memory");
        }
        if (range.overlaps(image)) {
            return describe("overlaps the kernel image", "the boot loader is broken");
        }
        for (std::size_t other = 0; other < index; ++other) {
            if (range.overlaps(modules[other].range)) {
                return describe("overlaps another module", "the boot loader is broken");
            }
        }
    }
    return {};
}

PhysicalAddress end_of_ram(const RamList& ram) {
    PhysicalAddress end{};
    for (const PhysicalRange& range : ram) {
        end = std::max(end, range.end);
    }
    return end;
}

}  // namespace frame::boot
