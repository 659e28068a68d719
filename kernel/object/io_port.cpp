// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/object/io_port.hpp"

#include <frame/io_port.hpp>
#include "kernel/cap/lookup.hpp"

namespace kernel {

namespace {

/// The bits of word `word` of a bitmap that stand for ports in [first, last]; the word has some.
constexpr std::uint64_t ports_in_word(std::uint64_t word, std::uint64_t first, std::uint64_t last) {
    constexpr std::uint64_t all = ~std::uint64_t{0};
    const std::uint64_t from_first = word == first / 64 ? all << (first % 64) : all;
    const std::uint64_t to_last = word == last / 64 ? all >> (63 - last % 64) : all;
    return from_first & to_last;
}

constexpr std::uint64_t in_arguments = abi::args::x86_io_port_in8::length;
constexpr std::uint64_t out_arguments = abi::args::x86_io_port_out8::length;

/// An access to a port: how wide, and which way.
struct Access {
    std::uint32_t bytes = 1;
    bool out = false;
};

std::optional<Access> access_of(abi::InvocationLabel label) {
    using enum abi::InvocationLabel;
    if (label == X86IOPortIn8) {
        return Access{.bytes = 1, .out = false};
    }
    if (label == X86IOPortIn16) {
        return Access{.bytes = 2, .out = false};
    }
    if (label == X86IOPortIn32) {
        return Access{.bytes = 4, .out = false};
    }
    if (label == X86IOPortOut8) {
        return Access{.bytes = 1, .out = true};
    }
    if (label == X86IOPortOut16) {
        return Access{.bytes = 2, .out = true};
    }
    if (label == X86IOPortOut32) {
        return Access{.bytes = 4, .out = true};
    }
    return std::nullopt;
}

std::uint64_t input(std::uint16_t port, std::uint32_t bytes) {
    switch (bytes) {
    case 1:
        return frame::port_in8(port);
    case 2:
        return frame::port_in16(port);
    default:
        return frame::port_in32(port);
    }
}

void output(std::uint16_t port, std::uint32_t bytes, std::uint64_t value) {
    switch (bytes) {
    case 1:
        frame::port_out8(port, static_cast<std::uint8_t>(value));
        return;
    case 2:
        frame::port_out16(port, static_cast<std::uint16_t>(value));
        return;
    default:
        frame::port_out32(port, static_cast<std::uint32_t>(value));
        return;
    }
}

}  // namespace

bool IoPortAllocation::is_free(std::uint16_t first, std::uint16_t last) const {
    for (std::uint64_t word = first / 64U; word <= last / 64U; ++word) {
        if ((taken_[word] & ports_in_word(word, first, last)) != 0) {
            return false;
        }
    }
    return true;
}

void IoPortAllocation::take(std::uint16_t first, std::uint16_t last) {
    for (std::uint64_t word = first / 64U; word <= last / 64U; ++word) {
        taken_[word] |= ports_in_word(word, first, last);
    }
}

void IoPortAllocation::release(std::uint16_t first, std::uint16_t last) {
    for (std::uint64_t word = first / 64U; word <= last / 64U; ++word) {
        taken_[word] &= ~ports_in_word(word, first, last);
    }
}

void release_io_ports(const frame::Phase& phase, const frame::IoPortCap& cap) {
    phase.state<IoPortAllocation>().release(cap.first_port(), cap.last_port());
}

Outcome invoke_io_port_control(const frame::Phase& phase, const Invocation& invocation) {
    using Args = abi::args::x86_io_port_control_issue;
    if (invocation.label() != abi::InvocationLabel::X86IOPortControlIssue) {
        return error::illegal_operation();
    }
    const std::optional<frame::SlotRef> root = invocation.extra_cap(Args::caps::root);
    if (invocation.length() < Args::length || !root) {
        return error::truncated_message();
    }
    // The words carry 16-bit numbers; whatever else is in them does not count.
    const auto first = static_cast<std::uint16_t>(invocation.argument(Args::first_port));
    const auto last = static_cast<std::uint16_t>(invocation.argument(Args::last_port));
    if (last < first) {
        return error::invalid_argument(Args::last_port);
    }
    IoPortAllocation& allocation = phase.state<IoPortAllocation>();
    if (!allocation.is_free(first, last)) {
        return error::revoke_first();
    }
    const Result<frame::SlotRef> slot = lookup_operand(phase, root->capability(), invocation.argument(Args::index),
                                                       invocation.argument(Args::depth), Side::destination);
    if (!slot) {
        return std::unexpected{slot.error()};
    }
    if (!slot->is_empty()) {
        return error::delete_first();
    }
    invocation.commit(phase);
    allocation.take(first, last);
    const frame::IoPortControlCap control = invocation.slot().capability().as<frame::IoPortControlCap>().value();
    slot->insert_copy(invocation.slot(), frame::IoPortCap::derive(control, first, last));
    return Done{};
}

Outcome invoke_io_port(const frame::Phase& phase, const Invocation& invocation) {
    using Args = abi::args::x86_io_port_out8;  // every access places its words alike
    const std::optional<abi::InvocationLabel> label = invocation.label();
    const std::optional<Access> access = label ? access_of(*label) : std::nullopt;
    if (!access) {
        return error::illegal_operation();
    }
    if (invocation.length() < (access->out ? out_arguments : in_arguments)) {
        return error::truncated_message();
    }
    const frame::IoPortCap cap = invocation.slot().capability().as<frame::IoPortCap>().value();
    const auto port = static_cast<std::uint16_t>(invocation.argument(Args::port));
    const std::uint32_t last = port + access->bytes - 1;
    if (port < cap.first_port() || last > cap.last_port()) {
        return error::illegal_operation();
    }
    invocation.commit(phase);
    if (access->out) {
        output(port, access->bytes, invocation.argument(Args::data));
        return Done{};
    }
    invocation.set_result(phase, 0, input(port, access->bytes));
    return Done{.results = 1};
}

}  // namespace kernel
