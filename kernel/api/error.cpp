// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/api/error.hpp"

namespace kernel {

LookupFault::Words LookupFault::words() const {
    switch (kind) {
    case abi::LookupFailure::NoFailure:
    case abi::LookupFailure::InvalidRoot:
        return {.words = {abi::number(kind)}, .count = 1};
    case abi::LookupFailure::MissingCapability:
        return {.words = {abi::number(kind), bits_left}, .count = 2};
    case abi::LookupFailure::DepthMismatch:
        return {.words = {abi::number(kind), bits_left, bits_found}, .count = 3};
    case abi::LookupFailure::GuardMismatch:
        return {.words = {abi::number(kind), bits_left, guard_found, bits_found}, .count = 4};
    }
    return {};
}

}  // namespace kernel
