// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <abi/abi.hpp>
#include <frame/bits.hpp>
#include <frame/detail/window.hpp>
#include <frame/ref.hpp>

namespace frame {

class SlotRef;
namespace detail {
struct CapabilityFactory;
struct SlotAccess;

/// Fields of a capability's first word, shared by every kind.
///
/// ```
///   63                                    17 16                5 4     0
///  +---------------------------------------+-------------------+--------+
///  | address                               | kind's own flags  |  tag   |
///  +---------------------------------------+-------------------+--------+
/// ```
/// The address is the low bits of where the object is in the kernel window: one arithmetic shift makes the pointer of it.
/// What lies beyond the window (frames and untyped memory may) has such an address too, modulo the field, that is only
/// good for getting the physical address back. The second word belongs to the kind: badge, guard, watermark, mapping.
using TagField = Field<0, 5>;
using AddressField = Field<17, 47>;
inline constexpr unsigned address_shift = 17;

/// The first word's part for a window offset or physical address, and back.
[[nodiscard]] constexpr std::uint64_t address_word(std::uint64_t offset) {
    return (window_base + offset) << address_shift;
}
[[nodiscard]] constexpr std::uint64_t address_in(std::uint64_t word) {
    return (word - (window_base << address_shift)) >> address_shift;
}
/// Where in the kernel window the object is, which must be one that lies there.
[[nodiscard]] constexpr std::uint64_t kernel_address_in(std::uint64_t word) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(word) >> address_shift);
}
}  // namespace detail

/// A capability, read from a slot. A value to look into, not a right by itself: only a slot confers authority, and only
/// the frame makes capabilities, by carving or by deriving from another one.
class [[gsl::Pointer]] Capability {
public:
    /// The null capability.
    Capability() : epoch_{Epoch::now()} {}

    [[nodiscard]] abi::CapabilityTag tag() const {
        // SAFETY: every first word was made by a typed constructor below, whose tag is an enumerator.
        return static_cast<abi::CapabilityTag>(detail::TagField::get(first_));
    }
    [[nodiscard]] bool is_null() const { return first_ == 0; }

    /// This capability, known from an earlier phase, as one of the current phase: `slot` vouches for it by holding a
    /// capability to the same object. Nothing if it does not.
    [[nodiscard]] std::optional<Capability> vouched_by(SlotRef slot [[clang::lifetimebound]]) const;

    template <class Kind>
    [[nodiscard]] bool is() const {
        return tag() == Kind::kind;
    }
    /// This capability as `Kind`, if it is one.
    template <class Kind>
    [[nodiscard]] std::optional<Kind> as() const {
        if (!is<Kind>()) {
            return std::nullopt;
        }
        return Kind{*this};
    }

protected:
    friend struct detail::CapabilityFactory;
    Capability(std::uint64_t first, std::uint64_t second) : first_{first}, second_{second}, epoch_{Epoch::now()} {}

    template <class Layout>
    [[nodiscard]] std::uint64_t first() const {
        return Layout::get(first_);
    }
    template <class Layout>
    [[nodiscard]] std::uint64_t second() const {
        return Layout::get(second_);
    }
    template <class Kind>
    [[nodiscard]] static Kind rebuilt(std::uint64_t first_word, std::uint64_t second_word) {
        return Kind{Capability{first_word, second_word}};
    }
    [[nodiscard]] std::uint64_t first_word() const { return first_; }
    [[nodiscard]] std::uint64_t second_word() const { return second_; }
    [[nodiscard]] std::uint64_t address_bits() const { return detail::address_in(first_); }

    template <class T>
    [[nodiscard]] Ref<T> object_as() const {
        epoch_.verify_current();
        // SAFETY: the kind says the type, and only carving makes capabilities to objects.
        return detail::RefFactory::from_pointer(detail::object_at<T>(detail::kernel_address_in(first_)));
    }

private:
    std::uint64_t first_ = 0;
    std::uint64_t second_ = 0;
    [[no_unique_address]] Epoch epoch_;
};

namespace detail {
/// The frame's own door between capabilities and the words that a slot stores.
struct CapabilityFactory {
    static Capability from_words(std::uint64_t first, std::uint64_t second) { return Capability{first, second}; }
    template <class Kind>
    static Kind make(std::uint64_t address, std::uint64_t flags, std::uint64_t second) {
        return Kind{
            Capability{TagField::make(static_cast<std::uint64_t>(Kind::kind)) | address_word(address) | flags, second}};
    }
    /// `cap`, whose tag the caller has looked at, as `Kind`.
    template <class Kind>
    static Kind as(const Capability& cap) {
        verify(cap.is<Kind>(), "a capability was taken for one of another kind");
        return Kind{cap};
    }
    static std::uint64_t first(const Capability& cap) { return cap.first_; }
    static std::uint64_t second(const Capability& cap) { return cap.second_; }
    static std::uint64_t address(const Capability& cap) { return cap.address_bits(); }
};
}  // namespace detail

/// Base of every kind of capability: the same two words, with the kind's tag known.
template <class Self, abi::CapabilityTag tag_value>
class CapabilityOf : public Capability {
public:
    static constexpr abi::CapabilityTag kind = tag_value;

protected:
    friend class Capability;
    friend struct detail::CapabilityFactory;
    explicit CapabilityOf(const Capability& cap) : Capability{cap} {}
    [[nodiscard]] Self with_first(std::uint64_t word) const { return rebuilt<Self>(word, this->second_word()); }
    [[nodiscard]] Self with_second(std::uint64_t word) const { return rebuilt<Self>(this->first_word(), word); }
};

}  // namespace frame
