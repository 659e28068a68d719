// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <abi/abi.hpp>
#include <frame/address.hpp>

namespace frame {

/// What a breakpoint waits for, as DR7's R/W fields say it (Intel SDM vol. 3B, 17.2.4).
enum class BreakpointKind : std::uint8_t { execute = 0, write = 1, access = 3 };

/// One of a thread's breakpoints. `bytes` is 1, 2, 4 or 8, and counts for data only; the address is a multiple of it.
struct Breakpoint {
    UserAddress address{};
    BreakpointKind kind = BreakpointKind::execute;
    std::uint8_t bytes = 1;
    bool is_enabled = false;
    friend constexpr bool operator==(const Breakpoint&, const Breakpoint&) = default;
};

/// What the processor is told about breakpoints: DR0 to DR3, and DR7. All-zero: none.
struct BreakpointRegisters {
    static constexpr std::size_t count = abi::breakpoint::hardware_count;
    std::array<std::uint64_t, count> addresses{};
    std::uint64_t control = 0;  ///< DR7 without the bit that is always set
    friend constexpr bool operator==(const BreakpointRegisters&, const BreakpointRegisters&) = default;
};

/// Why the processor raised a debug exception, or that the program asked for one (INT3).
struct DebugEvent {
    bool is_software_break = false;
    bool is_single_step = false;
    std::uint8_t breakpoints = 0;  ///< bit n: breakpoint n was hit
};

/// What a thread has of the processor's debug facilities: four breakpoints, and single stepping. Whatever is asked for,
/// no breakpoint ever names an address of the kernel's, and none of the bits that concern more than user addresses
/// (general detect, I/O, transactions) is set. All-zero: nothing.
class DebugState {
public:
    static constexpr std::size_t count = BreakpointRegisters::count;

    constexpr DebugState() = default;
    DebugState(const DebugState&) = delete;
    DebugState& operator=(const DebugState&) = delete;

    /// Breakpoint `index`, below `count`.
    [[nodiscard]] Breakpoint get(std::size_t index) const {
        const std::uint64_t fields = registers_.control >> field_shift(index);
        Breakpoint found{.address = UserAddress{registers_.addresses[index]},
                         .is_enabled = (registers_.control & enable_bit(index)) != 0};
        if ((fields & kind_mask) == kind_field(BreakpointKind::write)) {
            found.kind = BreakpointKind::write;
        } else if ((fields & kind_mask) == kind_field(BreakpointKind::access)) {
            found.kind = BreakpointKind::access;
        }
        constexpr std::array<std::uint8_t, 4> bytes{1, 2, 8, 4};
        found.bytes = bytes[(fields >> length_shift) & 3];
        return found;
    }
    /// Replaces breakpoint `index`; one at an address that is not a user's is stored as none at all.
    void set(std::size_t index, const Breakpoint& wanted) {
        clear(index);
        if (wanted.address.value() >= end_of_user_addresses) {
            return;
        }
        registers_.addresses[index] = wanted.address.value();
        registers_.control |= (kind_field(wanted.kind) | length_field(wanted)) << field_shift(index);
        if (wanted.is_enabled) {
            registers_.control |= enable_bit(index);
        }
    }
    void clear(std::size_t index) {
        registers_.addresses[index] = 0;
        registers_.control &= ~(enable_bit(index) | (fields_mask << field_shift(index)));
    }

    /// The breakpoints are in force while any of 32 users, the breakpoints among them, holds them so.
    void hold(std::uint32_t user) { held_ |= bit_of(user); }
    void release(std::uint32_t user) { held_ &= ~bit_of(user); }
    /// What the processor is to be told while the thread runs.
    [[nodiscard]] BreakpointRegisters in_force() const { return held_ != 0 ? registers_ : BreakpointRegisters{}; }

    /// From now on the thread raises a debug exception after each instruction, of which the one after `instructions` of
    /// them counts; or, if 0, it runs freely.
    void step(std::uint64_t instructions) {
        is_stepping_ = instructions != 0;
        steps_left_ = instructions;
    }
    [[nodiscard]] bool is_stepping() const { return is_stepping_; }
    /// Counts one instruction; returns whether it was the last, or nobody counts.
    [[nodiscard]] bool finish_step() {
        if (steps_left_ > 0) {
            --steps_left_;
        }
        return steps_left_ == 0;
    }

private:
    static constexpr std::uint64_t end_of_user_addresses = 0x8000'0000'0000;
    // DR7: two enable bits per breakpoint from bit 0, then four bits per breakpoint from bit 16: R/W and LEN.
    static constexpr std::uint64_t kind_mask = 3;
    static constexpr unsigned length_shift = 2;
    static constexpr std::uint64_t fields_mask = 0xf;
    [[nodiscard]] static constexpr unsigned field_shift(std::size_t index) {
        return 16 + 4 * static_cast<unsigned>(index);
    }
    /// The one that task switches would leave alone (Gn).
    [[nodiscard]] static constexpr std::uint64_t enable_bit(std::size_t index) {
        return std::uint64_t{2} << (2 * index);
    }
    [[nodiscard]] static constexpr std::uint64_t kind_field(BreakpointKind kind) {
        return static_cast<std::uint64_t>(kind);
    }
    /// For instructions the length must say one byte.
    [[nodiscard]] static constexpr std::uint64_t length_field(const Breakpoint& wanted) {
        const std::uint64_t code = wanted.bytes == 8 ? 2 : wanted.bytes == 4 ? 3 : wanted.bytes == 2 ? 1 : 0;
        return wanted.kind == BreakpointKind::execute ? 0 : code << length_shift;
    }
    [[nodiscard]] static constexpr std::uint32_t bit_of(std::uint32_t user) {
        return user < 32 ? std::uint32_t{1} << user : 0;
    }

    BreakpointRegisters registers_{};
    std::uint64_t steps_left_ = 0;
    alignas(8) std::uint32_t held_ = 0;
    alignas(8) bool is_stepping_ = false;
};
static_assert(sizeof(DebugState) == 64, "what follows in a TCB counts on it (thread_block.hpp)");

/// Whether this processor can watch eight bytes at once; only some say so (Intel SDM vol. 3B, 17.2.4, note).
[[nodiscard]] bool can_watch_eight_bytes();

}  // namespace frame
