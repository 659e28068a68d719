// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <frame/slot.hpp>
#include "tests/machine/machine.hpp"

namespace test {

/// Builds a system as the initial thread would: makes things in the root CNode, then moves them to the `space`, a CNode of
/// its own making in which a capability's address is its slot's number.
class Builder {
public:
    Builder(Machine& machine, std::uint64_t space_radix) : machine_{machine}, space_radix_{space_radix} {
        find_memory();
        retype(abi::ObjectType::CapTable, space_radix);
        space_ = last_;
    }

    /// Makes an object from the largest RAM untyped; its capability goes to a fresh slot of the root CNode.
    std::uint64_t retype(abi::ObjectType type, std::uint64_t bits = 0) { return retype_from(memory_, type, bits); }
    std::uint64_t retype_from(std::uint64_t untyped, abi::ObjectType type, std::uint64_t bits) {
        last_ = next_empty_++;
        machine_.must_call(untyped, abi::InvocationLabel::UntypedRetype, {abi::number(type), bits, 0, 0, last_, 1},
                           {abi::initial_cap::cnode});
        return last_;
    }
    void move(std::uint64_t to, std::uint64_t from) {
        machine_.must_call(space_, abi::InvocationLabel::CNodeMove, {to, space_radix_, from, 64},
                           {abi::initial_cap::cnode});
    }
    void copy(std::uint64_t to, std::uint64_t from) {
        machine_.must_call(space_, abi::InvocationLabel::CNodeCopy,
                           {to, space_radix_, from, 64, abi::cap_rights::make(1, 1, 1, 1)}, {abi::initial_cap::cnode});
    }
    void mint(std::uint64_t to, std::uint64_t from, std::uint64_t data) {
        machine_.must_call(space_, abi::InvocationLabel::CNodeMint,
                           {to, space_radix_, from, 64, abi::cap_rights::make(1, 1, 1, 1), data},
                           {abi::initial_cap::cnode});
    }
    [[nodiscard]] std::uint64_t space() const { return space_; }
    [[nodiscard]] std::uint64_t device() const { return device_; }
    Machine& machine() { return machine_; }

private:
    /// The largest untyped capabilities, and the first empty slot, as boot information would tell.
    void find_memory() {
        const frame::Phase phase = frame::detail::PhaseFactory::make<frame::Phase>();
        const auto root =
            machine_.running().slot(phase, frame::TcbSlot::cspace).capability().as<frame::CNodeCap>().value();
        std::uint64_t largest = 0;
        for (std::uint64_t index = 1; index < root.slots(); ++index) {
            const frame::SlotRef slot = frame::cnode_slot(phase, root, index);
            if (!slot.is_empty()) {
                next_empty_ = index + 1;
            }
            const auto untyped = slot.capability().as<frame::UntypedCap>();
            if (untyped && !untyped->is_device() && untyped->size_bits() > largest) {
                largest = untyped->size_bits();
                memory_ = index;
            }
            if (untyped && untyped->is_device() && untyped->size_bits() >= abi::size_bits::huge_page && device_ == 0) {
                device_ = index;
            }
        }
        if (memory_ == 0 || device_ == 0) {
            std::fprintf(stderr, "setting up: the machine has no memory to build of\n");
            std::abort();
        }
    }

    Machine& machine_;
    std::uint64_t space_radix_;
    std::uint64_t memory_ = 0;
    std::uint64_t device_ = 0;
    std::uint64_t space_ = 0;
    std::uint64_t next_empty_ = 0;
    std::uint64_t last_ = 0;
};

}  // namespace test
