// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <cstdint>
#include <memory>

namespace kernel {

void renew(std::uint64_t& word) { std::construct_at(&word, 3u); }

} // namespace kernel
