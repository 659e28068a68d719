// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
namespace kernel {

namespace {
struct Table {
    int entry = 0;
    int& get(int& fallback [[clang::lifetimebound]]) { return fallback > 0 ? entry : fallback; }
};
}

} // namespace kernel
