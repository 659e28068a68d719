// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/check.hpp>

namespace frame {

namespace detail {
struct PhaseFactory;
}

/// Passkey: only the frame constructs kernel objects and kernel state, so that none ever lives on a stack. It cannot be
/// copied, so nobody keeps one.
class Birth {
public:
    Birth(const Birth&) = delete;
    Birth& operator=(const Birth&) = delete;

private:
    friend struct detail::PhaseFactory;
    constexpr Birth() = default;
};

namespace detail {
/// The frame's own way to make the tokens that the kernel can only receive.
struct PhaseFactory {
    static constexpr Birth birth() { return {}; }
    template <class T>
    static constexpr T make() {
        return T{};
    }
};

#ifdef FRAME_HOST
/// All kernel state in one section, so that the modelled machine can be set back to a checkpoint.
#define FRAME_KERNEL_STATE [[gnu::section("kernel_state")]]
#else
#define FRAME_KERNEL_STATE
#endif

/// The one instance of a kernel state type. A template member, so that a type has storage where it is used.
template <class State>
struct StateStorage {
    FRAME_KERNEL_STATE static inline constinit State value{PhaseFactory::birth()};
};
}  // namespace detail

/// The number of the phase in which a reference was obtained. Empty in the kernel, where the phases' structure keeps
/// references fresh; on the host every use compares it with the current phase.
class Epoch {
public:
#ifdef FRAME_CHECKED
    static Epoch now() { return Epoch{current}; }
    void verify_current() const { check(number_ == current, "reference used after its phase ended"); }
    static void advance() { ++current; }

private:
    explicit Epoch(std::uint64_t number) : number_{number} {}
    std::uint64_t number_;
    static inline std::uint64_t current = 1;
#else
    static constexpr Epoch now() { return Epoch{}; }
    constexpr void verify_current() const {}
    static constexpr void advance() {}
#endif
};

/// A stretch of one kernel entry in which no memory changes its type, so that references hold: an object may lose its last
/// capability, but stays what it was. References are obtained from a phase and must not outlive it.
/// An act that may delete takes the phase (`Phase&&`) and so ends it; what is needed afterwards is a `SlotLocation`,
/// resolved again in a new phase.
class [[nodiscard]] Phase {
public:
    Phase(const Phase&) = delete;
    Phase& operator=(const Phase&) = delete;
    constexpr Phase(Phase&&) = default;
    constexpr Phase& operator=(Phase&&) = default;

    /// Ends the phase and begins the next one: every reference obtained so far is stale from here on.
    constexpr void advance() { Epoch::advance(); }
    /// Ends the phase and gives the next one to an act that may delete. When the act returns, go on with `advance`.
    constexpr Phase lend() {
        Epoch::advance();
        return Phase{};
    }

    /// The single instance of a kernel state type, constructible from `Birth`.
    template <class State>
    [[nodiscard]] State& state() const [[clang::lifetimebound]] {
        return detail::StateStorage<State>::value;
    }

private:
    friend class Entry;
    friend struct detail::PhaseFactory;
    constexpr Phase() = default;
};

/// Proof that this core entered the kernel and holds it. Made by the entry stubs, once per entry.
class Entry {
public:
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    /// Begins the next phase of this entry; a phase still open must not be used any more.
    Phase begin() {
        Epoch::advance();
        return Phase{};
    }

private:
    friend struct detail::PhaseFactory;
    constexpr Entry() = default;
};

}  // namespace frame
