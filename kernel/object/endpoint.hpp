// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/links.hpp>

namespace kernel {

/// An endpoint: the queue of threads that wait to send to it, or to receive from it (seL4 manual, 4).
class alignas(16) Endpoint {
public:
    static constexpr std::uint64_t size_bits = abi::size_bits::endpoint;

    constexpr explicit Endpoint(const frame::Birth&) {}
    Endpoint(const Endpoint&) = delete;
    Endpoint& operator=(const Endpoint&) = delete;

    frame::EndpointLinks links;  ///< must come first
};
static_assert(frame::KernelObject<Endpoint>);

}  // namespace kernel
