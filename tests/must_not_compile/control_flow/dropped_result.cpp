// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:discard\]
namespace kernel {

bool attempt();
void run() { attempt(); }

} // namespace kernel
