// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:frozen\]
#include <cstdint>

#include <frame/handles.hpp>

namespace kernel {

std::uint64_t use() {
    frame::Description description{};
    const frame::Description& alias = description;
    const std::uint64_t& inside = *alias.word;
    description.word.reset();
    return inside;
}

} // namespace kernel
