// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:using-directive\]
#include <cstdint>

namespace kernel {
using namespace std;
int use();
}
