// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:pragma\]
#pragma clang unsafe_buffer_usage begin
namespace kernel {
int use();
}
#pragma clang unsafe_buffer_usage end
