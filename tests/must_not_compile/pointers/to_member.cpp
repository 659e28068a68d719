// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:member-pointer\]
namespace kernel {

namespace {
struct Object {
    int value = 0;
};
}
int read(const Object& object) {
    const auto member = &Object::value;
    return object.*member;
}

} // namespace kernel
