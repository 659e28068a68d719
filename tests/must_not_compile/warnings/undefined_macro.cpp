// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wundef
// needs: warnings
#if CONFIG_MISSPELT
#endif

namespace kernel {
int use();
}
