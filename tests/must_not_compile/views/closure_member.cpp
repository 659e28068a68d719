// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:stored-view\]
namespace kernel {

namespace {
template <typename Function> struct Later {
    Function function;
};
}
int use() {
    int word = 3;
    const Later later{[&word] { return word; }};
    return later.function();
}

} // namespace kernel
