// SPDX-License-Identifier: GPL-2.0-only
#include "frame/host/arena.hpp"

#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

#include <frame/check.hpp>
#include <frame/detail/object_memory.hpp>
#include <frame/paging_structures.hpp>
#include <frame/slot.hpp>
#include <frame/thread_block.hpp>

namespace frame {

namespace {

/// What lives in 16 bytes, the size of the smallest object.
struct Granule {
    const void* tag;      ///< the type's tag, null where nothing lives
    std::uint64_t start;  ///< window offset of the object
};
constexpr std::uint64_t granule_size = 16;

/// The arena's extent, and the shadow beside it.
struct Extent {
    std::uint64_t size = 0;
    Granule* shadow = nullptr;
};
constinit Extent extent;

void* map_memory(void* where, std::uint64_t size, int flags) {
    void* const memory =
        mmap(where, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
    // SAFETY: MAP_FAILED is a number that mmap documents; it is only compared.
    check(memory != MAP_FAILED, "no room for the modelled machine's memory");
    return memory;
}

bool is_in_arena(std::uint64_t offset, std::uint64_t size) {
    return offset < extent.size && size <= extent.size - offset;
}

Granule& granule_at(std::uint64_t offset) {
    // SAFETY: callers stay inside the arena, for all of which there is a shadow.
    return extent.shadow[offset / granule_size];
}

void mark(std::uint64_t offset, std::uint64_t size, const void* tag) {
    for (std::uint64_t at = offset; at < offset + size; at += granule_size) {
        granule_at(at) = Granule{tag, offset};
    }
}

}  // namespace

namespace host {

void Arena::create(std::uint64_t size) {
    check(extent.size == 0, "the modelled machine has its memory already");
    // SAFETY: an address range that neither the program nor AddressSanitizer uses; the call fails if something is there.
    void* const where = reinterpret_cast<void*>(detail::window_base);
    check(map_memory(where, size, MAP_FIXED_NOREPLACE) == where, "the kernel window's place is taken");
    ASAN_POISON_MEMORY_REGION(where, size);
    // SAFETY: fresh zero memory, and all-zero granules say that nothing lives there.
    extent.shadow = static_cast<Granule*>(map_memory(nullptr, size / granule_size * sizeof(Granule), 0));
    extent.size = size;
}

std::uint64_t Arena::size() { return extent.size; }

std::uint64_t Arena::read_user(PhysicalAddress address) {
    detail::shadow_verify_user(address.value());
    // SAFETY: verified to be in a live frame, which holds nothing of the kernel's.
    return *detail::pointer_at<const std::uint64_t>(address.value());
}

void Arena::write_user(PhysicalAddress address, std::uint64_t word) {
    detail::shadow_verify_user(address.value());
    // SAFETY: as in read_user.
    *detail::pointer_at<std::uint64_t>(address.value()) = word;
}

}  // namespace host

namespace detail {

void shadow_make(std::uint64_t offset, std::uint64_t size, const void* tag) {
    if (!is_in_arena(offset, size)) {
        return;  // device memory
    }
    for (std::uint64_t at = offset; at < offset + size; at += granule_size) {
        check(granule_at(at).tag == nullptr, "an object was made where another one lives");
    }
    ASAN_UNPOISON_MEMORY_REGION(bytes_at(PhysicalAddress{offset}), size);
    mark(offset, size, tag);
}

void shadow_kill(std::uint64_t offset, std::uint64_t size) {
    if (is_in_arena(offset, size)) {
        mark(offset, size, nullptr);
        ASAN_POISON_MEMORY_REGION(bytes_at(PhysicalAddress{offset}), size);
    }
}

void shadow_open(std::uint64_t offset, std::uint64_t size) {
    for (std::uint64_t at = offset; at < offset + size; at += granule_size) {
        check(granule_at(at).tag == nullptr, "memory was cleared while an object lives in it");
    }
    ASAN_UNPOISON_MEMORY_REGION(bytes_at(PhysicalAddress{offset}), size);
}

void shadow_close(std::uint64_t offset, std::uint64_t size) {
    ASAN_POISON_MEMORY_REGION(bytes_at(PhysicalAddress{offset}), size);
}

void shadow_verify_live(std::uint64_t offset, std::uint64_t size, const void* tag) {
    if (!is_in_arena(offset, size)) {
        check(offset >= extent.size, "a reference crosses the end of memory");
        return;  // kernel state, which never dies
    }
    check(granule_at(offset).tag != nullptr, "a reference to an object that is dead or was never made");
    check(granule_at(offset).tag == tag && granule_at(offset).start == offset,
          "a reference to an object of another type");
}

void shadow_verify_slot(const void* slot) {
    const std::uint64_t offset = offset_of(slot);
    if (!is_in_arena(offset, sizeof(Slot))) {
        return;
    }
    const void* const tag = granule_at(offset).tag;
    check(tag != nullptr, "a reference to a slot of a dead object");
    check(tag == &type_tag<Slot> || tag == &type_tag<kernel::Tcb>, "a reference to a slot in an object without slots");
}

void shadow_verify_user(std::uint64_t offset) {
    check(is_in_arena(offset, sizeof(std::uint64_t)), "user memory outside the machine's memory");
    check(granule_at(offset).tag == &type_tag<UserMemory>, "user memory where no frame lives");
}

void mark_dead(const Capability& cap) {
    const auto kill = [&](std::uint64_t bits) { shadow_kill(CapabilityFactory::address(cap), power_of_two(bits)); };
    switch (cap.tag()) {
    case abi::CapabilityTag::Endpoint:
        return kill(abi::size_bits::endpoint);
    case abi::CapabilityTag::Notification:
        return kill(abi::size_bits::notification);
    case abi::CapabilityTag::Zombie:
        return kill(cap.as<ZombieCap>()->is_of_tcb() ? std::uint64_t{abi::size_bits::tcb}
                                                     : cap.as<ZombieCap>()->radix() + abi::size_bits::slot);
    case abi::CapabilityTag::Frame:
        return kill(cap.as<FrameCap>()->size_bits());
    case abi::CapabilityTag::PageTable:
    case abi::CapabilityTag::PageDirectory:
    case abi::CapabilityTag::Pdpt:
    case abi::CapabilityTag::Pml4:
    case abi::CapabilityTag::AsidPool:
        return kill(abi::size_bits::page);
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::Untyped:
    case abi::CapabilityTag::Reply:
    case abi::CapabilityTag::CNode:
    case abi::CapabilityTag::Thread:
    case abi::CapabilityTag::IrqControl:
    case abi::CapabilityTag::IrqHandler:
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::SchedContext:
    case abi::CapabilityTag::SchedControl:
    case abi::CapabilityTag::AsidControl:
    case abi::CapabilityTag::IoSpace:
    case abi::CapabilityTag::IoPageTable:
    case abi::CapabilityTag::IoPort:
    case abi::CapabilityTag::IoPortControl:
    case abi::CapabilityTag::Vcpu:
    case abi::CapabilityTag::EptPt:
    case abi::CapabilityTag::EptPd:
    case abi::CapabilityTag::EptPdpt:
    case abi::CapabilityTag::EptPml4:
        return;
    }
}

}  // namespace detail

}  // namespace frame
