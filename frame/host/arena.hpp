// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <frame/address.hpp>
#include <frame/slot.hpp>

namespace frame::host {

/// An object that was made in donated memory.
struct ObjectRecord {
    std::uint64_t offset = 0;   ///< window offset of its first byte
    std::uint64_t size = 0;     ///< bytes
    const void* tag = nullptr;  ///< `detail::type_tag` of its type
    bool is_alive = false;

    template <class T>
    [[nodiscard]] bool is() const {
        return tag == &detail::type_tag<T>;
    }
};

/// The memory of the modelled machine: physical addresses [0, size), mapped where the kernel window is. What no object
/// lives in is poisoned for AddressSanitizer, and a shadow records for every 16 bytes which object lives there. Each
/// object ever made has a number of its own, so a stale reference stops the process at once although the memory holds an
/// object of the same type again; a mistyped one does, too.
class Arena {
public:
    /// Numbers of objects, from 1.
    using Number = std::uint32_t;

    /// Maps `size` bytes of empty memory, a multiple of the page size. Once per process.
    static void create(std::uint64_t size);
    [[nodiscard]] static std::uint64_t size();

    /// What a user program would find in memory, for tests that play one. The word must be in a live frame.
    [[nodiscard]] static std::uint64_t read_user(PhysicalAddress address);
    static void write_user(PhysicalAddress address, std::uint64_t word);

    /// The objects that live now, in no particular order.
    [[nodiscard]] static std::span<const Number> live();
    [[nodiscard]] static const ObjectRecord& object(Number number);
    /// The number of the object that lives at a window offset, 0 if none does.
    [[nodiscard]] static Number number_at(std::uint64_t offset);
    /// How many objects were made so far.
    [[nodiscard]] static Number made();
    /// The object that the capability in `slot` named when it was written there, 0 for none.
    [[nodiscard]] static Number named_by(const Slot& slot);

    /// Remembers all memory and what lives in it, to be set back to by `restore` as often as wanted. One at a time.
    static void checkpoint();
    static void restore();
};

}  // namespace frame::host
