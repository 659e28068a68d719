// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <abi/abi.hpp>
#include <frame/bits.hpp>
#include <frame/ref.hpp>

namespace frame {

class SlotRef;
namespace detail {
struct CapabilityFactory;
struct SlotAccess;

/// Fields of a capability's first word, shared by every kind.
///
/// ```
///   63    59 58               47 46                                    0
///  +--------+-------------------+---------------------------------------+
///  |  tag   | kind's own flags  | window offset or physical address     |
///  +--------+-------------------+---------------------------------------+
/// ```
/// The second word belongs to the kind: badge, guard, watermark, mapping.
using TagField = Field<59, 5>;
using AddressField = Field<0, 47>;
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
    [[nodiscard]] std::uint64_t address_bits() const { return detail::AddressField::get(first_); }

    template <class T>
    [[nodiscard]] Ref<T> object_as() const {
        epoch_.verify_current();
        return detail::RefFactory::from_offset<T>(address_bits());
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
        return Kind{Capability{
            TagField::make(static_cast<std::uint64_t>(Kind::kind)) | AddressField::make(address) | flags, second}};
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
