// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace clang {
class Expr;
class Stmt;
class VarDecl;
}  // namespace clang

namespace gate {

/// An expression that gives a view another thing to refer to: an assignment, or emplace() of an optional view.
struct Reseating {
    const clang::Expr* target = nullptr;                 ///< the view, as written
    llvm::SmallVector<const clang::Expr*, 2> sources{};  ///< what it refers to from now on
    const clang::VarDecl* variable = nullptr;            ///< local variable that is, or contains, the target; or null
};

/// If the statement re-seats a view, what and how; else an object without target.
Reseating reseating(const clang::Stmt& statement);

/// Calls `action` for each statement in the function of the local variable that re-seats the variable or a part of it.
void for_each_reseating(const clang::VarDecl& variable, llvm::function_ref<void(const Reseating&)> action);

}  // namespace gate
