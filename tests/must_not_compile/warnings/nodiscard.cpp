// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wunused-result
// needs: warnings
namespace kernel {
[[nodiscard]] bool& attempt(bool& flag [[clang::lifetimebound]]);
void run(bool& flag) { attempt(flag); }
}
