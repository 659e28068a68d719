// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:include\]
#include "trusted/include/frame/handles.hpp"

namespace kernel {
int use();
}
