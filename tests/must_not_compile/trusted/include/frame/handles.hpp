// SPDX-License-Identifier: GPL-2.0-only
//
// A miniature frame for the must-not-compile tests: the same shapes as the real one, nothing behind them.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include <frame/detail/raw.hpp>

namespace frame {

enum class Error { invalid_argument, range };

/// A kernel object.
struct Object {
    std::uint64_t words = 0;

    std::uint64_t size() const { return words; }
    void grow() { ++words; }
};

/// A reference to an object, valid within one phase.
template <typename T> class [[gsl::Pointer(T)]] Ref {
public:
    explicit Ref(T& object [[clang::lifetimebound]]) : object_(&object) {}
    T* operator->() const { return object_; }
    T& operator*() const { return *object_; }

private:
    T* object_;
};

/// Proof that this core holds the kernel.
class Entry {
public:
    Ref<Object> current() [[clang::lifetimebound]] { return Ref<Object>(object_); }
    std::expected<Ref<Object>, Error> lookup(std::uint64_t index) [[clang::lifetimebound]] {
        if (index != 0) {
            return std::unexpected(Error::range);
        }
        return Ref<Object>(object_);
    }

    [[clang::annotate("frame.unsafe")]] Object& forged(std::uint64_t address) {
        return *detail::pointer_from(address, &object_);
    }

private:
    Object object_{};
};

/// A token that is consumed by an act.
class Phase {
public:
    Phase() = default;
    Phase(Phase&&) = default;
    Phase& operator=(Phase&&) = default;
    void finish() && {}
};

/// A link between two objects, which may be stored.
class Link {
    Object* target_ = nullptr;

public:
    bool linked() const { return target_ != nullptr; }
};

/// Data that takes a C string, as string literals are.
std::uint64_t log(const char* text);
int print(const char* format, ...);
void consume(std::span<const std::uint64_t> words);

/// A description that is complete before the kernel sees it.
struct [[clang::annotate("frame.frozen")]] Description {
    std::optional<std::uint64_t> word{};
};

/// A template that only the frame specialises, and one that the kernel may.
template <typename T> struct Layout {
    static constexpr std::uint64_t size = sizeof(T);
};
template <typename T> struct [[clang::annotate("frame.specialize")]] Traits {
    static constexpr std::uint64_t bits = 0;
};

} // namespace frame
