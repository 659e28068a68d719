// SPDX-License-Identifier: GPL-2.0-only
//
// Trusted, but no public header: reachable only because the repository's root is in the header search path.
#pragma once
