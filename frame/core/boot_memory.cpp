// SPDX-License-Identifier: GPL-2.0-only
#include <frame/boot_memory.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <frame/asid.hpp>
#include <frame/bounded_list.hpp>
#include <frame/detail/carve_access.hpp>
#include <frame/detail/object_memory.hpp>
#include <frame/range_set.hpp>
#include <frame/untyped.hpp>

namespace frame {

namespace detail {

/// What the tokens stand for. Static, because it is larger than a kernel stack should hold.
struct BootState {
    /// Pieces of RAM: as described, and what image, modules and objects cut out of it.
    RangeSet<128> free;
    RangeSet<128> reserved;
    BoundedList<PhysicalRange, decltype(BootDescription::modules)::capacity()> modules;
    /// What the modules keep from being free: not all of their pages, they may begin or end beside the kernel image, or lie
    /// in memory that never becomes free (below 1 MiB).
    RangeSet<128> held_by_modules;
    bool modules_given_out = false;
    /// RAM untyped capabilities exist below this address only, device ones below the other.
    PhysicalAddress untyped_end{};
    PhysicalAddress device_end{};

    /// As new. Member by member: a new state to assign would need the stack for all of it.
    void clear() {
        free.clear();
        reserved.clear();
        modules.clear();
        held_by_modules.clear();
        modules_given_out = false;
        untyped_end = {};
        device_end = {};
    }
};

}  // namespace detail

namespace {

using detail::BootState;
using detail::CapabilityFactory;
using detail::CarveAccess;

constexpr std::uint64_t small_page_bits = abi::size_bits::page;
/// Untyped memory is aligned to its size up to this many bits: far beyond the alignment that any object needs.
constexpr std::uint64_t largest_alignment = 39;
constexpr Message too_many_pieces = "memory is in more pieces than the kernel can record";

constinit BootState the_state{};

PhysicalRange whole_pages(PhysicalRange range) {
    return {range.start.aligned_down(small_page_bits), range.end.aligned_up(small_page_bits)};
}

/// Takes what is free of `pages` away until the modules are done with.
void hold(BootState& state, PhysicalRange pages) {
    for (const PhysicalRange range : state.free.ranges()) {
        if (range.overlaps(pages)) {
            const PhysicalRange both{std::max(range.start, pages.start), std::min(range.end, pages.end)};
            check(state.held_by_modules.insert(both), too_many_pieces);
        }
    }
    check(state.free.erase(pages), too_many_pieces);
}

/// Moves the end of what is given out over an aligned block; stops if part of it was given out before.
void advance(PhysicalAddress& end, PhysicalRange block, std::uint64_t bits) {
    check(bits >= abi::size_bits::min_untyped && bits <= abi::size_bits::max_untyped &&
              block.start.is_aligned(std::min<std::uint64_t>(bits, largest_alignment)),
          "an untyped capability of impossible size or alignment");
    check(block.start >= end, "untyped capabilities made out of order");
    end = block.end;
}

}  // namespace

BootMemory detail::BootMemoryFactory::make(const BootDescription& boot, const MachineDescription& machine) {
    BootState& state = the_state;
    state.clear();
    for (const PhysicalRange range : machine.ram.items()) {
        check(range.start < range.end && range.end.value() <= window_size, "RAM beyond the kernel window");
        check(range.start.is_aligned(small_page_bits) && range.end.is_aligned(small_page_bits),
              "RAM in parts of pages");
        check(!state.free.overlaps(range), "RAM described twice");
        check(state.free.insert(range) && state.reserved.insert(range), too_many_pieces);
    }
    const PhysicalRange image = whole_pages(machine.kernel_image);
    check(state.free.erase(image) && state.reserved.insert(image), too_many_pieces);
    for (const PhysicalRange range : machine.reserved_device_memory.items()) {
        check(state.reserved.insert(range), too_many_pieces);
    }
    for (const BootModule& module : boot.modules.items()) {
        check(!module.range.overlaps(machine.kernel_image) && module.range.end.value() <= window_size,
              "a boot module lies in the kernel image or beyond the kernel window");
        check(state.modules.add(module.range), "more boot modules than the kernel can record");
        hold(state, whole_pages(module.range));
    }
    return BootMemory{state};
}

std::byte* BootPages::bytes_for(std::uint64_t offset, std::uint64_t size, std::uint64_t alignment) {
    check(size <= range_.size() && offset <= range_.size() - size, "access beyond the boot pages");
    check(offset % alignment == 0, "misaligned access to the boot pages");
    return detail::bytes_at(range_.start.plus(offset));
}

void BootPages::write(std::uint64_t offset, std::span<const std::byte> bytes) {
    std::byte* const target = bytes_for(offset, bytes.size(), 1);
    if (!bytes.empty()) {
        // SAFETY: the target is bounded; these pages are zeroed RAM of ours alone, so the source is elsewhere.
        std::memcpy(target, bytes.data(), bytes.size());
    }
}

FrameCap BootPages::take() {
    check(taken_ < range_.size(), "more frames taken than there are boot pages");
    const PhysicalAddress start = range_.start.plus(taken_);
    taken_ += power_of_two(small_page_bits);
    return detail::make_object(Carving{abi::ObjectType::Page4K, 0}, start, false).as<FrameCap>().value();
}

std::size_t BootModules::count() const { return state_.modules.size(); }

std::span<const std::byte> BootModules::bytes(std::size_t index) const {
    const PhysicalRange range = state_.modules[index];
    // SAFETY: the module lies in RAM in the kernel window, which stays taken until this token is given back.
    return {detail::bytes_at(range.start), range.size()};
}

BootModules BootMemory::modules() {
    check(!std::exchange(state_.modules_given_out, true), "the boot modules were given out before");
    return BootModules{state_};
}

void BootMemory::reclaim(BootModules&& modules) {
    [[maybe_unused]] const BootModules given_back = std::move(modules);
    for (const PhysicalRange range : state_.modules) {
        detail::shadow_close(range.start.value(), range.size());
    }
    for (const PhysicalRange range : state_.held_by_modules.ranges()) {
        check(state_.free.insert(range), too_many_pieces);
    }
    state_.modules.clear();
    state_.held_by_modules.clear();
}

std::span<const PhysicalRange> BootMemory::free() const { return state_.free.ranges(); }

std::span<const PhysicalRange> BootMemory::reserved() const { return state_.reserved.ranges(); }

PhysicalAddress BootMemory::claim(PhysicalAddress start, std::uint64_t bytes, std::uint64_t align_bits) {
    const PhysicalRange range{start, start.plus(bytes)};
    check(start.is_aligned(align_bits), "boot object is not aligned");
    check(start < range.end && state_.free.contains(range), "boot object in memory that is not free");
    check(state_.untyped_end == PhysicalAddress{}, "boot object made after the untyped capabilities");
    check(state_.free.erase(range), too_many_pieces);
    detail::shadow_open(start.value(), bytes);
    // SAFETY: the range was free until now: RAM in the kernel window that nothing names.
    std::memset(detail::bytes_at(start), 0, bytes);
    return start;
}

BootPages BootMemory::claim_pages(PhysicalAddress start, std::uint64_t count) {
    check(count <= shift_right(detail::window_size, small_page_bits), "more boot pages than the window maps");
    const std::uint64_t bytes = count << small_page_bits;
    return BootPages{PhysicalRange{claim(start, bytes, small_page_bits), start.plus(bytes)}};
}

Capability BootMemory::make(PhysicalAddress start, abi::ObjectType type, std::uint64_t user_bits) {
    const std::uint64_t bits = frame::object_size_bits(type, user_bits);
    check(bits < 64, "boot object larger than any memory");
    return detail::make_object(Carving{type, user_bits}, claim(start, power_of_two(bits), bits), false);
}

CNodeCap BootMemory::make_cnode(PhysicalAddress start, std::uint64_t radix) {
    return make(start, abi::ObjectType::CapTable, radix).as<CNodeCap>().value();
}

ThreadCap BootMemory::make_thread(PhysicalAddress start) {
    return make(start, abi::ObjectType::Tcb, 0).as<ThreadCap>().value();
}

Pml4Cap BootMemory::make_pml4(PhysicalAddress start) {
    return make(start, abi::ObjectType::Pml4, 0).as<Pml4Cap>().value();
}

PdptCap BootMemory::make_pdpt(PhysicalAddress start) {
    return make(start, abi::ObjectType::Pdpt, 0).as<PdptCap>().value();
}

PageDirectoryCap BootMemory::make_page_directory(PhysicalAddress start) {
    return make(start, abi::ObjectType::PageDirectory, 0).as<PageDirectoryCap>().value();
}

PageTableCap BootMemory::make_page_table(PhysicalAddress start) {
    return make(start, abi::ObjectType::PageTable, 0).as<PageTableCap>().value();
}

AsidPoolCap BootMemory::make_asid_pool(PhysicalAddress start, Asid base) {
    constexpr std::uint64_t bits = abi::size_bits::asid_pool;
    return detail::make_pool_object(claim(start, power_of_two(bits), bits).value(), base);
}

void BootMemory::insert(SlotRef slot, const Capability& first) const { detail::SlotAccess::insert_root(slot, first); }

IrqControlCap BootMemory::irq_control() const { return CapabilityFactory::make<IrqControlCap>(0, 0, 0); }

AsidControlCap BootMemory::asid_control() const { return CapabilityFactory::make<AsidControlCap>(0, 0, 0); }

IoPortControlCap BootMemory::io_port_control() const { return CapabilityFactory::make<IoPortControlCap>(0, 0, 0); }

DomainCap BootMemory::domain() const { return CapabilityFactory::make<DomainCap>(0, 0, 0); }

UntypedCap BootMemory::make_untyped(PhysicalAddress start, std::uint64_t bits) {
    const PhysicalRange block{start, start.plus(power_of_two(bits))};
    check(state_.modules.is_empty(), "untyped capabilities made while boot modules are in use");
    check(start < block.end && state_.free.contains(block), "an untyped capability to memory that is not free");
    advance(state_.untyped_end, block, bits);
    return CarveAccess::untyped(start, bits, false, power_of_two(bits));
}

UntypedCap BootMemory::make_device_untyped(PhysicalAddress start, std::uint64_t bits) {
    const PhysicalRange block{start, start.plus(power_of_two(bits))};
    check(start < block.end && block.end.value() <= abi::config::paddr_user_device_top,
          "a device untyped capability beyond physical memory");
    check(!state_.reserved.overlaps(block), "a device untyped capability to RAM or to a device of the kernel");
    advance(state_.device_end, block, bits);
    return CarveAccess::untyped(start, bits, true, power_of_two(bits));
}

}  // namespace frame
