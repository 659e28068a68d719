// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:macro\]
// The trusted header would expand the macro, and its text would count as trusted.
#define FRAME_LIST(entry) entry(reinterpret_cast<unsigned&>(word))
#include <frame/list.hpp>

namespace kernel {
int use();
}
