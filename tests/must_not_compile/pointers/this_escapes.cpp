// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
namespace kernel {

namespace {
struct Object {
    int value = 0;
    auto self() { return this; }
};
}
int value(Object& object) { return object.self()->value; }

} // namespace kernel
