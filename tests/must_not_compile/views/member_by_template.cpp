// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:stored-view\]
#include <frame/handles.hpp>

namespace kernel {

namespace {
template <typename T> struct Box {
    T content;
};
}
int use(frame::Entry& entry) {
    const Box box{entry.current()};
    return static_cast<int>(box.content->size());
}

} // namespace kernel
