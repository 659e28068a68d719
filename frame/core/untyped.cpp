// SPDX-License-Identifier: GPL-2.0-only
#include <frame/untyped.hpp>

#include <cstring>
#include <memory>

#include <frame/asid.hpp>
#include <frame/detail/backend.hpp>
#include <frame/detail/backend_mmu.hpp>
#include <frame/detail/carve_access.hpp>
#include <frame/detail/object_memory.hpp>
#include <frame/paging.hpp>

namespace frame {

namespace detail {

namespace {

#ifdef FRAME_CHECKED
/// Notes that [start, start + count << bits) holds `count` new objects of a type.
template <class T>
void note(PhysicalAddress start, std::uint64_t bits, std::uint64_t count) {
    for (std::uint64_t index = 0; index < count; ++index) {
        shadow_make(start.value() + (index << bits), power_of_two(bits), &type_tag<T>);
    }
}
#else
template <class T>
void note(PhysicalAddress, std::uint64_t, std::uint64_t) {}
#endif

void make_threads(PhysicalAddress start, std::uint64_t count) {
    note<kernel::Tcb>(start, abi::size_bits::tcb, count);
    for (std::uint64_t index = 0; index < count; ++index) {
        // SAFETY: carving cleared this memory, and all-zero is a valid TCB but for what follows here.
        ThreadBlock* const block = pointer_at<ThreadBlock>(start.value() + (index << abi::size_bits::tcb));
        std::construct_at(&block->context);
        backend::initialise_fpu(block->fpu);
    }
}

void make_roots(PhysicalAddress start, std::uint64_t count) {
    note<Pml4>(start, abi::size_bits::pml4, count);
    for (std::uint64_t index = 0; index < count; ++index) {
        initialise_pml4(start.value() + (index << abi::size_bits::pml4));
    }
}

/// Gives clear memory from `start` on to `count` objects; returns the capability to the first of them.
Capability make_objects_at(PhysicalAddress start, Carving what, std::uint64_t count, bool device) {
    const std::uint64_t offset = start.value();
    switch (what.type) {
    case abi::ObjectType::Untyped:
        return CarveAccess::untyped(start, what.user_bits, device, 0);
    case abi::ObjectType::Page4K:
        note<UserMemory>(start, page_bits(PageSize::small), count);
        return CarveAccess::frame(start, PageSize::small, device);
    case abi::ObjectType::LargePage:
        note<UserMemory>(start, page_bits(PageSize::large), count);
        return CarveAccess::frame(start, PageSize::large, device);
    case abi::ObjectType::HugePage:
        note<UserMemory>(start, page_bits(PageSize::huge), count);
        return CarveAccess::frame(start, PageSize::huge, device);
    case abi::ObjectType::Tcb:
        make_threads(start, count);
        return CarveAccess::thread(offset);
    case abi::ObjectType::Endpoint:
        note<kernel::Endpoint>(start, abi::size_bits::endpoint, count);
        return CarveAccess::endpoint(offset);
    case abi::ObjectType::Notification:
        note<kernel::Notification>(start, abi::size_bits::notification, count);
        return CarveAccess::notification(offset);
    case abi::ObjectType::CapTable:
        note<Slot>(start, what.user_bits + abi::size_bits::slot, count);
        return CarveAccess::cnode(offset, what.user_bits);
    case abi::ObjectType::PageTable:
        note<PageTable>(start, abi::size_bits::page_table, count);
        return CarveAccess::table<PageTableCap>(offset);
    case abi::ObjectType::PageDirectory:
        note<PageDirectory>(start, abi::size_bits::page_directory, count);
        return CarveAccess::table<PageDirectoryCap>(offset);
    case abi::ObjectType::Pdpt:
        note<Pdpt>(start, abi::size_bits::pdpt, count);
        return CarveAccess::table<PdptCap>(offset);
    case abi::ObjectType::Pml4:
        make_roots(start, count);
        return CarveAccess::table<Pml4Cap>(offset);
    case abi::ObjectType::IoPageTable:
    case abi::ObjectType::SchedContext:
    case abi::ObjectType::Reply:
    case abi::ObjectType::Vcpu:
    case abi::ObjectType::EptPml4:
    case abi::ObjectType::EptPdpt:
    case abi::ObjectType::EptPd:
    case abi::ObjectType::EptPt:
        break;
    }
    panic("an object type that this configuration does not have was carved");
}

}  // namespace

Capability make_object(Carving what, PhysicalAddress start, bool device) {
    return make_objects_at(start, what, 1, device);
}

void make_objects(SlotRef untyped, Carving what, const SlotRange& destinations) {
    const bool device = untyped.capability().as<UntypedCap>().value().is_device();
    const std::uint64_t bits = frame::object_size_bits(what.type, what.user_bits);
    const PhysicalAddress start = take(untyped, bits, destinations.size());
    const Capability first = make_objects_at(start, what, destinations.size(), device);
    SlotAccess::insert_children(untyped, CarveAccess::slots(destinations), destinations.size(), first,
                                power_of_two(bits));
}

PhysicalAddress take(SlotRef untyped, std::uint64_t size_bits, std::uint64_t count) {
    const UntypedCap cap = untyped.capability().as<UntypedCap>().value();
    const std::uint64_t offset = align_up(cap.watermark(), size_bits);
    const std::uint64_t end = offset + (count << size_bits);
    check(end <= cap.size() && end >= offset, "carving beyond the end of an untyped");
    SlotAccess::set_second(untyped, CapabilityFactory::second(CarveAccess::with_watermark(cap, end)));
    return cap.start().plus(offset);
}

}  // namespace detail

std::uint64_t object_size_bits(abi::ObjectType type, std::uint64_t user_bits) {
    switch (type) {
    case abi::ObjectType::Untyped:
        return user_bits;
    case abi::ObjectType::CapTable:
        return user_bits + abi::size_bits::slot;
    case abi::ObjectType::Tcb:
        return abi::size_bits::tcb;
    case abi::ObjectType::Endpoint:
        return abi::size_bits::endpoint;
    case abi::ObjectType::Notification:
        return abi::size_bits::notification;
    case abi::ObjectType::Page4K:
        return abi::size_bits::page;
    case abi::ObjectType::LargePage:
        return abi::size_bits::large_page;
    case abi::ObjectType::HugePage:
        return abi::size_bits::huge_page;
    case abi::ObjectType::PageTable:
    case abi::ObjectType::PageDirectory:
    case abi::ObjectType::Pdpt:
    case abi::ObjectType::Pml4:
    case abi::ObjectType::IoPageTable:
        return abi::size_bits::page_table;
    case abi::ObjectType::SchedContext:
    case abi::ObjectType::Reply:
    case abi::ObjectType::Vcpu:
    case abi::ObjectType::EptPml4:
    case abi::ObjectType::EptPdpt:
    case abi::ObjectType::EptPd:
    case abi::ObjectType::EptPt:
        return 0;
    }
    return 0;
}

bool may_be_device(abi::ObjectType type) {
    return type == abi::ObjectType::Untyped || type == abi::ObjectType::Page4K || type == abi::ObjectType::LargePage ||
           type == abi::ObjectType::HugePage;
}

bool reset_step(const Phase& phase, SlotRef untyped) {
    (void)phase;
    check(!untyped.has_children(), "an untyped was reset while objects live in it");
    const UntypedCap cap = untyped.capability().as<UntypedCap>().value();
    constexpr std::uint64_t chunk_bits = abi::config::reset_chunk_bits;
    const std::uint64_t used = cap.watermark();
    std::uint64_t keep = 0;
    if (used != 0 && !cap.is_device()) {
        // From the top down in aligned chunks, so that the watermark always bounds what is not yet clear.
        keep = cap.size_bits() <= chunk_bits ? 0 : align_down(used - 1, chunk_bits);
        // SAFETY: no capability to anything in [keep, used) exists, so no object lives there; it is RAM in the window.
        detail::shadow_open(cap.start().plus(keep).value(), used - keep);
        std::memset(detail::bytes_at(cap.start().plus(keep)), 0, used - keep);
        detail::shadow_close(cap.start().plus(keep).value(), used - keep);
    }
    detail::SlotAccess::set_second(untyped,
                                   detail::CapabilityFactory::second(detail::CarveAccess::with_watermark(cap, keep)));
    return keep == 0;
}

std::optional<SlotRange> SlotRange::in(const Phase& phase, const CNodeCap& cnode, std::uint64_t first,
                                       std::uint64_t count) {
    (void)phase;
    if (first >= cnode.slots() || count > cnode.slots() - first) {
        return std::nullopt;
    }
    // SAFETY: a CNode capability vouches for slots() slots from its offset on, and these are among them.
    return SlotRange{detail::SlotAccess::slot_of(cnode, first), count};
}

SlotRef SlotRange::at(const Phase& phase, std::uint64_t index) const {
    (void)phase;
    epoch_.verify_current();
    check(index < count_, "slot index beyond the range");
    // SAFETY: `in` bounded the range, and the index is in it.
    return detail::SlotAccess::ref(slots_[index]);
}

bool SlotRange::are_empty(const Phase& phase) const {
    (void)phase;
    epoch_.verify_current();
    for (std::uint64_t index = 0; index < count_; ++index) {
        // SAFETY: as in `at`.
        if (!detail::SlotAccess::ref(slots_[index]).is_empty()) {
            return false;
        }
    }
    return true;
}

}  // namespace frame
