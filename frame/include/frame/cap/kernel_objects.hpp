// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>

#include <frame/address.hpp>
#include <frame/capability.hpp>
#include <frame/check.hpp>

namespace frame {

class CNode;
namespace detail {
struct CarveAccess;
struct SlotAccess;
}  // namespace detail

/// A capability to untyped memory (seL4 manual, 2.4). The watermark counts the bytes, from the start, that objects
/// occupy.
class UntypedCap final : public CapabilityOf<UntypedCap, abi::CapabilityTag::Untyped> {
    using SizeBits = Field<5, 6>;
    using Device = Field<11, 1>;
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;

public:
    [[nodiscard]] PhysicalAddress start() const { return PhysicalAddress{address_bits()}; }
    [[nodiscard]] std::uint64_t size_bits() const { return first<SizeBits>(); }
    [[nodiscard]] std::uint64_t size() const { return power_of_two(size_bits()); }
    [[nodiscard]] PhysicalRange range() const { return PhysicalRange{start(), start().plus(size())}; }
    [[nodiscard]] bool is_device() const { return first<Device>() != 0; }
    /// Bytes from the start that are in use; 0 to size().
    [[nodiscard]] std::uint64_t watermark() const { return second_word(); }
    [[nodiscard]] std::uint64_t free_bytes() const { return size() - watermark(); }

private:
    friend struct detail::CarveAccess;
    friend struct detail::SlotAccess;
    [[nodiscard]] UntypedCap with_watermark(std::uint64_t bytes) const { return with_second(bytes); }
    [[nodiscard]] static UntypedCap make(PhysicalAddress start, std::uint64_t bits, bool device,
                                         std::uint64_t watermark) {
        return detail::CapabilityFactory::make<UntypedCap>(
            start.value(), SizeBits::make(bits) | Device::make(device ? 1 : 0), watermark);
    }
};

/// A capability to a CNode, with the guard that address resolution compares (seL4 manual, 3.3.1).
class CNodeCap final : public CapabilityOf<CNodeCap, abi::CapabilityTag::CNode> {
    using Radix = Field<5, 6>;
    using LevelBits = Field<11, 6>;  // less one, so that a CNode that resolves whole addresses has all of them set
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;

public:
    /// The number of index bits: the CNode has `1 << radix` slots.
    [[nodiscard]] std::uint64_t radix() const { return first<Radix>(); }
    [[nodiscard]] std::uint64_t slots() const { return power_of_two(radix()); }
    [[nodiscard]] std::uint64_t guard_size() const { return level_bits() - radix(); }
    [[nodiscard]] std::uint64_t guard() const { return second_word() >> radix(); }
    /// What an address in the CNode starts with: the guard, above an index of 0.
    [[nodiscard]] std::uint64_t prefix() const { return second_word(); }
    /// How many bits of an address the CNode resolves, 1 to 64: its guard's and its index.
    [[nodiscard]] std::uint64_t level_bits() const { return first<LevelBits>() + 1; }
    /// Whether a capability is one to a CNode that resolves whole addresses, as a CSpace of one CNode does: kind and level
    /// in one comparison.
    [[nodiscard]] static bool is_whole_space(const Capability& cap) {
        return (detail::CapabilityFactory::first(cap) & (detail::TagField::mask | LevelBits::mask)) ==
               (detail::TagField::make(static_cast<std::uint64_t>(kind)) | LevelBits::mask);
    }
    /// The same CNode behind another guard, of at most 64 bits less the radix; bits of `guard` beyond `size` are dropped.
    [[nodiscard]] CNodeCap with_guard(std::uint64_t guard, std::uint64_t size) const {
        check(size + radix() <= LevelBits::max + 1, "a guard that leaves no room for the index");
        return rebuilt<CNodeCap>(LevelBits::set(first_word(), size + radix() - 1), (guard & low_mask(size)) << radix());
    }

private:
    friend struct detail::CarveAccess;
    [[nodiscard]] static CNodeCap make(std::uint64_t offset, std::uint64_t radix) {
        return detail::CapabilityFactory::make<CNodeCap>(offset, Radix::make(radix) | LevelBits::make(radix - 1), 0);
    }
    friend struct detail::SlotAccess;
};

/// The capability slots inside a TCB (seL4 manual, 6).
enum class TcbSlot : std::uint8_t { cspace = 0, vspace = 1, reply = 2, caller = 3, ipc_buffer = 4 };
inline constexpr std::size_t tcb_slot_count = 5;

/// A capability to a thread control block.
class ThreadCap final : public CapabilityOf<ThreadCap, abi::CapabilityTag::Thread> {
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;

public:
    [[nodiscard]] Ref<kernel::Tcb> tcb(const Phase& phase [[clang::lifetimebound]]) const {
        (void)phase;
        return object_as<kernel::Tcb>();
    }

private:
    friend struct detail::CarveAccess;
    [[nodiscard]] static ThreadCap make(std::uint64_t offset) {
        return detail::CapabilityFactory::make<ThreadCap>(offset, 0, 0);
    }
};

/// What is left of the last capability to a CNode or TCB while its slots are being deleted. It holds the memory until
/// the last slot is empty; nobody can invoke it.
class ZombieCap final : public CapabilityOf<ZombieCap, abi::CapabilityTag::Zombie> {
    using Radix = Field<5, 6>;
    using OfTcb = Field<11, 1>;
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;

public:
    /// Slots, counted from the first, that may still hold a capability.
    [[nodiscard]] std::uint64_t remaining() const { return second_word(); }
    [[nodiscard]] bool is_of_tcb() const { return first<OfTcb>() != 0; }
    [[nodiscard]] std::uint64_t radix() const { return first<Radix>(); }

private:
    friend struct detail::SlotAccess;
    /// The zombie that the last capability to a CNode or TCB becomes, all slots remaining.
    [[nodiscard]] static ZombieCap of(const CNodeCap& cap) {
        return detail::CapabilityFactory::make<ZombieCap>(detail::CapabilityFactory::address(cap),
                                                          Radix::make(cap.radix()), cap.slots());
    }
    [[nodiscard]] static ZombieCap of(const ThreadCap& cap) {
        return detail::CapabilityFactory::make<ZombieCap>(detail::CapabilityFactory::address(cap), OfTcb::mask,
                                                          tcb_slot_count);
    }
    [[nodiscard]] ZombieCap shrunk() const { return with_second(remaining() - 1); }
    [[nodiscard]] std::uint64_t offset() const { return address_bits(); }
};

}  // namespace frame
