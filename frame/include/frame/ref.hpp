// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include <frame/detail/identity.hpp>
#include <frame/detail/window.hpp>
#include <frame/phase.hpp>

namespace kernel {
class Tcb;
class Endpoint;
class Notification;
}  // namespace kernel

namespace frame {

template <class T>
class Ref;

namespace detail {
struct RefFactory;

#ifdef FRAME_CHECKED
/// Host only: stops unless [offset, offset + size) holds a live object made as type `tag`, and the same one as when the
/// reference to it was made.
void shadow_verify_live(std::uint64_t offset, std::uint64_t size, const void* tag, Identity identity);
template <class T>
inline constexpr char type_tag = 0;
#endif
}  // namespace detail

/// What a type must be to live in memory that a user donated: its size is the ABI's, zero is a valid inert state,
/// nothing runs when it goes.
template <class T>
concept KernelObject =
    std::is_standard_layout_v<T> && std::is_trivially_destructible_v<T> && !std::is_copy_constructible_v<T> &&
    !std::is_move_constructible_v<T> && sizeof(T) == (std::uint64_t{1} << T::size_bits) && alignof(T) <= sizeof(T);

/// A reference to a live kernel object: valid in the phase it was obtained in, never stored. The lifetime analysis and
/// the safety gate keep it on the stack; checked builds verify epoch and type at every use.
template <class T>
class [[gsl::Pointer]] Ref {
public:
    [[nodiscard]] T* operator->() const {
        verify_live();
        return object_;
    }
    [[nodiscard]] T& operator*() const {
        verify_live();
        return *object_;
    }
    /// The same object? Objects are compared by identity, never by contents.
    friend bool operator==(Ref a, Ref b) { return a.object_ == b.object_; }

    /// The object's address in the kernel window: for messages to people.
    [[nodiscard]] KernelAddress address() const {
        // SAFETY: pointer to integer only.
        return KernelAddress{reinterpret_cast<std::uint64_t>(object_)};
    }

private:
    friend struct detail::RefFactory;
    explicit Ref(T* object) : object_{object}, epoch_{Epoch::now()}, identity_{detail::Identity::at(object)} {}
    void verify_live() const {
#ifdef FRAME_CHECKED
        epoch_.verify_current();
        detail::shadow_verify_live(detail::offset_of(object_), sizeof(T), &detail::type_tag<T>, identity_);
#endif
    }

    T* object_;
    [[no_unique_address]] Epoch epoch_;
    [[no_unique_address]] detail::Identity identity_;
};

namespace detail {
/// The frame's own doors between references, pointers and window offsets.
struct RefFactory {
    template <class T>
    static Ref<T> from_pointer(T* object) {
        return Ref<T>{object};
    }
    template <class T>
    static Ref<T> from_offset(std::uint64_t offset) {
        // SAFETY: the offset comes from a capability or link of that type, which only carving fills in.
        return Ref<T>{pointer_at<T>(offset)};
    }
    template <class T>
    static T* pointer(Ref<T> ref) {
        return ref.object_;
    }
    template <class T>
    static std::uint64_t offset(Ref<T> ref) {
        return offset_of(ref.object_);
    }
};
}  // namespace detail

}  // namespace frame
