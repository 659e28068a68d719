// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:alternative-reference\]
#include <optional>

namespace kernel {

void act(const int& inside, std::optional<int>& word);
void use(std::optional<int>& word) { act(*word, word); }

} // namespace kernel
