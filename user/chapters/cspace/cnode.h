/* SPDX-License-Identifier: BSD-2-Clause */
/// The methods of the root CNode in short.
#pragma once

#include "support.h"

static inline seL4_Error copy(seL4_CPtr to, seL4_CPtr from, seL4_CapRights_t rights) {
    return (seL4_Error)seL4_CNode_Copy(ROOT, to, DEPTH, ROOT, from, DEPTH, rights);
}

static inline seL4_Error move(seL4_CPtr to, seL4_CPtr from) {
    return (seL4_Error)seL4_CNode_Move(ROOT, to, DEPTH, ROOT, from, DEPTH);
}

static inline seL4_Error delete (seL4_CPtr slot) { return (seL4_Error)seL4_CNode_Delete(ROOT, slot, DEPTH); }

static inline seL4_Error revoke(seL4_CPtr slot) { return (seL4_Error)seL4_CNode_Revoke(ROOT, slot, DEPTH); }
