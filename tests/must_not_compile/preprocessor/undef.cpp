// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:macro\]
#include <frame/macros.hpp>

#undef FRAME_PUN
