// SPDX-License-Identifier: GPL-2.0-only
#include "frame/host/arena.hpp"

#include <sys/mman.h>

#include <array>
#include <unordered_map>

#include <frame/check.hpp>
#include <frame/detail/object_memory.hpp>
#include <frame/paging_structures.hpp>
#include <frame/slot.hpp>
#include <frame/thread_block.hpp>
#include "frame/host/poison.hpp"
#include "frame/host/raw_copy.hpp"

namespace frame {

namespace {

using Number = host::Arena::Number;

/// Bytes that one entry of the shadow stands for: the size of the smallest object.
constexpr std::uint64_t granule_size = 16;

/// What is known of the memory now, without the memory itself.
struct Knowledge {
    std::vector<host::ObjectRecord> objects{1};  ///< by number; 0 is nobody
    std::vector<Number> live{};
    std::vector<std::uint32_t> place_in_live{0};                  ///< by number, where it is in `live`
    std::unordered_map<std::uint64_t, Number> named_by_static{};  ///< by offset of slots outside the arena
};

/// A copy of everything, for `restore`.
struct Checkpoint {
    bool exists = false;
    Knowledge knowledge{};
    std::vector<unsigned char> memory{};
    std::vector<Number> granules{};
    std::vector<Number> named{};
    std::vector<unsigned char> poison{};
};

/// The arena's extent, the shadow beside it, and what happened to it since the checkpoint.
struct State {
    std::uint64_t size = 0;
    Number* granules = nullptr;  ///< which object lives in each 16 bytes
    Number* named = nullptr;     ///< which object the capability in each 32 bytes names, where slots are
    Knowledge now{};
    Checkpoint kept{};
    std::vector<PhysicalRange> touched{};  ///< memory that changed its type, or was cleared, since the checkpoint
};

State& state() {
    // SAFETY: made once and never deleted, so that no destructor runs while tests still use it.
    static State* const the_state = new State;
    return *the_state;
}

void* map_memory(void* where, std::uint64_t size, int flags) {
    void* const memory =
        mmap(where, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
    // SAFETY: MAP_FAILED is a number that mmap documents; it is only compared.
    check(memory != MAP_FAILED, "no room for the modelled machine's memory");
    return memory;
}

bool is_in_arena(std::uint64_t offset, std::uint64_t size) {
    return offset < state().size && size <= state().size - offset;
}

Number& granule_at(std::uint64_t offset) {
    // SAFETY: callers stay inside the arena, for all of which there is a shadow.
    return state().granules[offset / granule_size];
}

Number& named_at(std::uint64_t offset) {
    if (!is_in_arena(offset, sizeof(Slot))) {
        return state().now.named_by_static[offset];
    }
    // SAFETY: as in granule_at.
    return state().named[offset / sizeof(Slot)];
}

void mark(std::uint64_t offset, std::uint64_t size, Number number) {
    for (std::uint64_t at = offset; at < offset + size; at += granule_size) {
        granule_at(at) = number;
    }
}

void note_touched(std::uint64_t offset, std::uint64_t size) {
    if (state().kept.exists) {
        state().touched.push_back(PhysicalRange{PhysicalAddress{offset}, PhysicalAddress{offset + size}});
    }
}

}  // namespace

namespace host {

void Arena::create(std::uint64_t size) {
    check(state().size == 0, "the modelled machine has its memory already");
    // SAFETY: an address range that neither the program nor AddressSanitizer uses; the call fails if something is there.
    void* const where = reinterpret_cast<void*>(detail::window_base);
    check(map_memory(where, size, MAP_FIXED_NOREPLACE) == where, "the kernel window's place is taken");
    host::poison(where, size);
    // SAFETY: fresh zero memory, and zero says that nothing lives there.
    state().granules = static_cast<Number*>(map_memory(nullptr, size / granule_size * sizeof(Number), 0));
    state().named = static_cast<Number*>(map_memory(nullptr, size / sizeof(Slot) * sizeof(Number), 0));
    state().size = size;
}

std::uint64_t Arena::size() { return state().size; }

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

std::span<const Arena::Number> Arena::live() { return state().now.live; }

const ObjectRecord& Arena::object(Number number) { return state().now.objects.at(number); }

Arena::Number Arena::number_at(std::uint64_t offset) { return detail::shadow_identity(offset); }

Arena::Number Arena::made() { return static_cast<Number>(state().now.objects.size() - 1); }

Arena::Number Arena::named_by(const Slot& slot) { return named_at(detail::offset_of(&slot)); }

void Arena::checkpoint() {
    State& all = state();
    Checkpoint& kept = all.kept;
    kept.memory.resize(all.size);
    kept.poison.resize(is_poisonable ? all.size / poison_granule : 0);
    kept.granules.resize(all.size / granule_size);
    kept.named.resize(all.size / sizeof(Slot));
    raw_copy(kept.memory.data(), detail::bytes_at(PhysicalAddress{0}), kept.memory.size());
    raw_copy(kept.poison.data(), poison_of(0), kept.poison.size());
    raw_copy(kept.granules.data(), all.granules, kept.granules.size() * sizeof(Number));
    raw_copy(kept.named.data(), all.named, kept.named.size() * sizeof(Number));
    kept.knowledge = all.now;
    kept.exists = true;
    all.touched.clear();
}

namespace {

void restore_range(std::uint64_t start, std::uint64_t end) {
    State& all = state();
    const Checkpoint& kept = all.kept;
    // SAFETY of the copies: the range lies in the arena, all of which the checkpoint has.
    raw_copy(detail::bytes_at(PhysicalAddress{start}), kept.memory.data() + start, end - start);
    if constexpr (is_poisonable) {
        raw_copy(poison_of(start), kept.poison.data() + start / poison_granule, (end - start) / poison_granule);
    }
    raw_copy(all.granules + start / granule_size, kept.granules.data() + start / granule_size,
             (end - start) / granule_size * sizeof(Number));
    const std::uint64_t first_slot = start / sizeof(Slot);
    const std::uint64_t end_slot = (end + sizeof(Slot) - 1) / sizeof(Slot);
    raw_copy(all.named + first_slot, kept.named.data() + first_slot, (end_slot - first_slot) * sizeof(Number));
}

}  // namespace

void Arena::restore() {
    State& all = state();
    check(all.kept.exists, "the machine was set back without a checkpoint");
    for (const PhysicalRange range : all.touched) {
        restore_range(range.start.value(), range.end.value());
    }
    all.touched.clear();
    // Live objects change without notice; dead memory does not.
    for (const Number number : all.kept.knowledge.live) {
        const ObjectRecord& object = all.kept.knowledge.objects[number];
        if (is_in_arena(object.offset, object.size)) {
            restore_range(object.offset, object.offset + object.size);
        }
    }
    all.now = all.kept.knowledge;
}

}  // namespace host

namespace detail {

std::uint32_t shadow_identity(std::uint64_t offset) { return is_in_arena(offset, 1) ? granule_at(offset) : 0; }

void shadow_make(std::uint64_t offset, std::uint64_t size, const void* tag) {
    if (!is_in_arena(offset, size)) {
        return;  // device memory
    }
    for (std::uint64_t at = offset; at < offset + size; at += granule_size) {
        check(granule_at(at) == 0, "an object was made where another one lives");
    }
    host::unpoison(bytes_at(PhysicalAddress{offset}), size);
    Knowledge& now = state().now;
    const auto number = static_cast<Number>(now.objects.size());
    now.objects.push_back({.offset = offset, .size = size, .tag = tag, .is_alive = true});
    now.place_in_live.push_back(static_cast<std::uint32_t>(now.live.size()));
    now.live.push_back(number);
    mark(offset, size, number);
    note_touched(offset, size);
}

void shadow_kill(std::uint64_t offset, std::uint64_t size) {
    if (!is_in_arena(offset, size)) {
        return;
    }
    Knowledge& now = state().now;
    const Number number = granule_at(offset);
    check(number != 0, "an object died twice");
    host::ObjectRecord& object = now.objects[number];
    check(object.offset == offset && object.size == size, "an object died whose extent is another one's");
    object.is_alive = false;
    const std::uint32_t place = now.place_in_live[number];
    now.live[place] = now.live.back();
    now.place_in_live[now.live[place]] = place;
    now.live.pop_back();
    mark(offset, size, 0);
    host::poison(bytes_at(PhysicalAddress{offset}), size);
    note_touched(offset, size);
}

void shadow_open(std::uint64_t offset, std::uint64_t size) {
    for (std::uint64_t at = offset; at < offset + size; at += granule_size) {
        check(granule_at(at) == 0, "memory was cleared while an object lives in it");
    }
    host::unpoison(bytes_at(PhysicalAddress{offset}), size);
    note_touched(offset, size);
}

void shadow_close(std::uint64_t offset, std::uint64_t size) { host::poison(bytes_at(PhysicalAddress{offset}), size); }

void shadow_verify_live(std::uint64_t offset, std::uint64_t size, const void* tag, Identity identity) {
    if (!is_in_arena(offset, size)) {
        check(offset >= state().size, "a reference crosses the end of memory");
        return;  // kernel state, which never dies
    }
    const Number number = granule_at(offset);
    check(number != 0, "a reference to an object that is dead or was never made");
    const host::ObjectRecord& object = state().now.objects[number];
    check(object.tag == tag && object.offset == offset, "a reference to an object of another type");
    check(number == identity.number(), "a reference to an object that died: its memory holds another one");
}

void shadow_verify_slot(const void* slot, Identity identity) {
    const std::uint64_t offset = offset_of(slot);
    if (!is_in_arena(offset, sizeof(Slot))) {
        return;
    }
    const Number number = granule_at(offset);
    check(number != 0, "a reference to a slot of a dead object");
    const host::ObjectRecord& object = state().now.objects[number];
    check(object.is<Slot>() || object.is<kernel::Tcb>(), "a reference to a slot in an object without slots");
    check(number == identity.number(), "a reference to a slot of an object that died: its memory holds another one");
}

void shadow_verify_user(std::uint64_t offset) {
    check(is_in_arena(offset, sizeof(std::uint64_t)), "user memory outside the machine's memory");
    check(state().now.objects[granule_at(offset)].tag == &type_tag<UserMemory>, "user memory where no frame lives");
}

namespace {

/// Whether a capability of this kind stands for an object in memory; untyped memory is none.
bool names_object(abi::CapabilityTag tag) {
    return tag == abi::CapabilityTag::Endpoint || tag == abi::CapabilityTag::Notification ||
           tag == abi::CapabilityTag::Reply || tag == abi::CapabilityTag::CNode || tag == abi::CapabilityTag::Thread ||
           tag == abi::CapabilityTag::Zombie || tag == abi::CapabilityTag::Frame ||
           tag == abi::CapabilityTag::PageTable || tag == abi::CapabilityTag::PageDirectory ||
           tag == abi::CapabilityTag::Pdpt || tag == abi::CapabilityTag::Pml4 || tag == abi::CapabilityTag::AsidPool;
}

Number object_of(const Capability& cap) {
    return names_object(cap.tag()) ? shadow_identity(CapabilityFactory::address(cap)) : 0;
}

}  // namespace

void note_named(const Slot& slot, const Capability& cap) { named_at(offset_of(&slot)) = object_of(cap); }

void verify_named(const Slot& slot, const Capability& cap) {
    if (names_object(cap.tag())) {
        check(named_at(offset_of(&slot)) == object_of(cap), "a capability names an object that is dead");
    }
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
