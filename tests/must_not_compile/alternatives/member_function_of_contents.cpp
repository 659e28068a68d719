// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:alternative-reference\]
#include <optional>

namespace kernel {

namespace {
struct Counter {
    int value = 0;
    int bump(std::optional<Counter>& owner) {
        owner.reset();
        return ++value;
    }
};
}
int use(std::optional<Counter>& counter) { return counter->bump(counter); }

} // namespace kernel
