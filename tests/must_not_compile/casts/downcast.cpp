// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
#include <cstdint>

namespace kernel {

namespace {
struct Object {
    int kind = 0;
};
struct Thread : Object {
    int priority = 0;
};
} // namespace
int priority(Object& object) { return static_cast<Thread&>(object).priority; }

} // namespace kernel
