// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:virtual\]
namespace kernel {

namespace {
struct Object {
    virtual int kind() const { return 0; }
};
}

} // namespace kernel
