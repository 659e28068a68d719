// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <abi/abi.hpp>
#include <frame/slot.hpp>

namespace frame::detail {
struct CarveAccess;
}

/// Turning donated memory into objects. Memory belongs to whoever holds an untyped capability; the derivation tree says
/// which part of it is in use, so it is the allocator, and these functions are the only ones that give memory a type.
namespace frame {

/// `count` neighbouring slots of a CNode, from `first`.
class [[gsl::Pointer]] SlotRange {
public:
    /// Slots [first, first + count) of the CNode; nothing if the CNode has fewer.
    [[nodiscard]] static std::optional<SlotRange> in(const Phase& phase [[clang::lifetimebound]], const CNodeCap& cnode,
                                                     std::uint64_t first, std::uint64_t count);
    [[nodiscard]] std::uint64_t size() const { return count_; }
    [[nodiscard]] SlotRef at(const Phase& phase [[clang::lifetimebound]], std::uint64_t index) const;
    /// Whether none of them holds a capability.
    [[nodiscard]] bool are_empty(const Phase& phase) const;

private:
    friend struct detail::CarveAccess;
    SlotRange(Slot* slots, std::uint64_t count) : slots_{slots}, count_{count}, epoch_{Epoch::now()} {}
    Slot* slots_;
    std::uint64_t count_;
    [[no_unique_address]] Epoch epoch_;
};

/// The size of one object of a type in bits, `user_bits` counting where the type lets the user choose; 0 where it does
/// not exist (seL4 manual, 2.4.2).
[[nodiscard]] std::uint64_t object_size_bits(abi::ObjectType type, std::uint64_t user_bits);

/// Whether device memory may become objects of this type: it must never hold what the kernel relies on.
[[nodiscard]] bool may_be_device(abi::ObjectType type);

/// One bounded step of making an untyped without children whole again: clears a chunk of what was in use and lowers the
/// watermark. Returns true when nothing is in use any more. The untyped must have no children.
[[nodiscard]] bool reset_step(const Phase& phase, SlotRef untyped);

/// What to make of an untyped's free memory.
struct Carving {
    abi::ObjectType type;
    std::uint64_t user_bits;  ///< size for untyped (log2 bytes) and CNodes (log2 slots), ignored for other types
};

/// Makes `destinations.size()` objects from the untyped's free memory, zeroed and aligned, each with its capability in
/// its slot, and raises the watermark over them. The free memory must suffice and the slots must be empty: decoding has
/// checked. Ends the phase: memory changed its type. Every new TCB is passed to `initialise`.
template <class Initialise>
void carve(Phase&& phase, SlotRef untyped, Carving what, const SlotRange& destinations, Initialise&& initialise);

namespace detail {
/// Makes one object at `start` and the capability to it.
[[nodiscard]] Capability make_object(Carving what, PhysicalAddress start, bool device);
/// Makes the objects of a carving, and the capabilities to them.
void make_objects(SlotRef untyped, Carving what, const SlotRange& destinations);
/// Marks as used what `count` objects of a size take from the watermark on, aligned; returns where they start.
[[nodiscard]] PhysicalAddress take(SlotRef untyped, std::uint64_t size_bits, std::uint64_t count);
}  // namespace detail

template <class Initialise>
void carve(Phase&& phase, SlotRef untyped, Carving what, const SlotRange& destinations, Initialise&& initialise) {
    detail::make_objects(untyped, what, destinations);
    if (what.type == abi::ObjectType::Tcb) {
        for (std::uint64_t index = 0; index < destinations.size(); ++index) {
            initialise(phase, destinations.at(phase, index).capability().template as<ThreadCap>().value().tcb(phase));
        }
    }
    ++detail::carvings;
    phase.advance();
}

}  // namespace frame
