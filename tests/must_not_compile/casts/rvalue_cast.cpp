// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
#include <frame/handles.hpp>

namespace kernel {

void finish(frame::Phase& phase) { static_cast<frame::Phase&&>(phase).finish(); }

} // namespace kernel
