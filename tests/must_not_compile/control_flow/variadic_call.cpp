// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:varargs\]
#include <frame/handles.hpp>

namespace kernel {

int log(int word) { return frame::print("word", word); }

} // namespace kernel
