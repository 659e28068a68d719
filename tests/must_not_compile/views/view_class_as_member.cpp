// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:stored-view\]
#include <span>

namespace kernel {

namespace {
struct [[gsl::Pointer]] Cursor {
    std::span<const int> words;
};
struct Holder {
    Cursor cursor;
};
}

} // namespace kernel
