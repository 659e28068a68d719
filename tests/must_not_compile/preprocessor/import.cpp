// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:include\]
#import <cstdint>

namespace kernel {
int use();
}
