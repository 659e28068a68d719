// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:mutable\]
namespace kernel {

namespace {
struct Entry {
    mutable int count = 0;
};
}

} // namespace kernel
