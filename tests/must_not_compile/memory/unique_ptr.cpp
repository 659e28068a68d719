// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <memory>

namespace kernel {

int read(const std::unique_ptr<int>& word) { return *word; }

} // namespace kernel
