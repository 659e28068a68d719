// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:alternative-reference\]
#include <optional>

namespace kernel {

namespace {
struct Counter {
    int value = 0;
    int get() { return value; }
};
void clear(std::optional<Counter>& counter) { counter.reset(); }
}
int use() {
    std::optional<Counter> counter{Counter{}};
    Counter& inside = *counter;
    clear(counter);
    return inside.get();
}

} // namespace kernel
