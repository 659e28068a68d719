// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// A macro is judged where it is expanded: a trusted header cannot lend its trust to the kernel.
#define FRAME_PUN(type, object) reinterpret_cast<type&>(object)
