// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "llvm/ADT/StringRef.h"

namespace gate::allowed {

/// Whether `name`, as written below std::, is in std_names.def.
bool std_name(llvm::StringRef name);

/// Whether `member` of the standard class `owner` (as written below std::) is in std_names.def.
bool std_member(llvm::StringRef owner, llvm::StringRef member);

/// Whether <name> is in headers.def.
bool header(llvm::StringRef name);

/// Whether the compiler builtin is in builtins.def.
bool builtin(llvm::StringRef name);

/// Whether clang's attr::Kind is in attributes.def.
bool attribute(unsigned kind);

/// Whether a Stmt::StmtClass, Decl::Kind or TypeLoc class is in nodes.def.
bool statement(unsigned statement_class);
bool declaration(unsigned declaration_kind);
bool type(unsigned type_location_class);

}  // namespace gate::allowed
