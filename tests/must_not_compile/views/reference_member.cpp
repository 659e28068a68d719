// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:stored-view\]
namespace kernel {

namespace {
struct Holder {
    int& word;
};
}

} // namespace kernel
