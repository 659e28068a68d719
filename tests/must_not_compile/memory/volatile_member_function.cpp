// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:volatile\]
namespace kernel {

namespace {
struct Device {
    int read() volatile { return 0; }
};
}

} // namespace kernel
