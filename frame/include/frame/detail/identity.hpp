// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/check.hpp>
#include <frame/detail/window.hpp>

/// Which object something refers to, beyond where it is: donated memory is used again and again, often for the same type.
/// Checked builds number every object that is ever made; references remember the number, and links in memory carry part
/// of it above the address. In the kernel all of this is empty, and vanishes.
namespace frame::detail {

#ifdef FRAME_CHECKED

/// The number of the object that lives at a window offset; 0 where none lives, and for the kernel's own state.
[[nodiscard]] std::uint32_t shadow_identity(std::uint64_t offset);

/// The object that lived at a place when this was made.
class Identity {
public:
    static Identity at(const void* place) { return Identity{shadow_identity(offset_of(place))}; }
    [[nodiscard]] std::uint32_t number() const { return number_; }
    /// Whether it still lives there.
    [[nodiscard]] bool holds(const void* place) const { return shadow_identity(offset_of(place)) == number_; }

private:
    explicit Identity(std::uint32_t number) : number_{number} {}
    std::uint32_t number_;
};

/// Links are addresses, or window offsets, below 2^48. What is above tells the object.
inline constexpr unsigned link_tag_shift = 48;
/// Few enough bits for the narrowest link, which also carries two flags (slot.hpp).
inline constexpr std::uint64_t link_tag_mask = (std::uint64_t{1} << 14) - 1;
inline constexpr std::uint64_t link_place_mask = (std::uint64_t{1} << link_tag_shift) - 1;

[[nodiscard]] inline std::uint64_t link_tag(std::uint64_t offset) {
    return std::uint64_t{shadow_identity(offset)} & link_tag_mask;
}
/// What a link to the object at window offset `offset` holds, if it says the place as `place`.
[[nodiscard]] inline std::uint64_t link_word(std::uint64_t place, std::uint64_t offset) {
    return (place & link_place_mask) | (link_tag(offset) << link_tag_shift);
}
/// The place in a link word, whatever lives there now.
[[nodiscard]] inline std::uint64_t link_place(std::uint64_t word) { return word & link_place_mask; }
/// Stops unless the object that the link meant still lives at `offset`.
inline void verify_link(std::uint64_t word, std::uint64_t offset) {
    check(((word >> link_tag_shift) & link_tag_mask) == link_tag(offset), "a link leads to an object that is dead");
}

#else

class Identity {
public:
    static constexpr Identity at(const void*) { return Identity{}; }
};
[[nodiscard]] constexpr std::uint64_t link_word(std::uint64_t place, std::uint64_t) { return place; }
[[nodiscard]] constexpr std::uint64_t link_place(std::uint64_t word) { return word; }
constexpr void verify_link(std::uint64_t, std::uint64_t) {}

#endif

/// A link by address in the kernel window.
[[nodiscard]] inline std::uint64_t link_to_address(std::uint64_t address) {
    return link_word(address, address - window_base);
}
/// The address in a link, whose object must still live.
[[nodiscard]] inline std::uint64_t linked_address(std::uint64_t word) {
    const std::uint64_t address = link_place(word);
    verify_link(word, address - window_base);
    return address;
}
/// A link by window offset.
[[nodiscard]] inline std::uint64_t link_to_offset(std::uint64_t offset) { return link_word(offset, offset); }
[[nodiscard]] inline std::uint64_t linked_offset(std::uint64_t word) {
    const std::uint64_t offset = link_place(word);
    verify_link(word, offset);
    return offset;
}

}  // namespace frame::detail
