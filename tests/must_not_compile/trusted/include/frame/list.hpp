// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// Expands a list that the including file may provide.
#ifdef FRAME_LIST
#define FRAME_LIST_ENTRY(expression) inline unsigned listed(unsigned long& word) { return expression; }
FRAME_LIST(FRAME_LIST_ENTRY)
#undef FRAME_LIST_ENTRY
#endif
