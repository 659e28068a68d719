// SPDX-License-Identifier: GPL-2.0-only

#include "assignments.hpp"

#include "names.hpp"
#include "views.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"

namespace gate {
namespace {

/// The local variable whose own storage holds the object: found through members, and elements and contents of standard
/// types; not through references.
const clang::VarDecl* holder(const clang::Expr* object) {
    object = object->IgnoreParenImpCasts();
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(object)) {
        const auto* variable = llvm::dyn_cast<clang::VarDecl>(reference->getDecl());
        const bool local = variable != nullptr && !variable->hasGlobalStorage() && !variable->isInitCapture();
        return local && !variable->getType()->isReferenceType() ? variable : nullptr;
    }
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(object)) {
        const bool part = !member->isArrow() && !member->getMemberDecl()->getType()->isReferenceType();
        return part ? holder(member->getBase()) : nullptr;
    }
    const clang::Expr* owner = nullptr;
    if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(object)) {
        const bool part = call->getOperator() == clang::OO_Subscript || call->getOperator() == clang::OO_Star;
        owner = part ? call->getArg(0) : nullptr;
    } else if (const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(object)) {
        owner = call->getImplicitObjectArgument();
    }
    if (owner == nullptr) {
        return nullptr;
    }
    // An array or optional holds its elements; a span or a Ref only refers to them.
    const auto type = std_class(owner->getType());
    return type && (*type == "array" || is_alternative(owner->getType())) ? holder(owner) : nullptr;
}

void find_reseatings(const clang::Stmt* statement, const clang::VarDecl& variable,
                     llvm::function_ref<void(const Reseating&)> action) {
    if (statement == nullptr) {
        return;
    }
    const Reseating found = reseating(*statement);
    if (found.target != nullptr && found.variable == &variable) {
        action(found);
    }
    for (const clang::Stmt* child : statement->children()) {
        find_reseatings(child, variable, action);
    }
}

}  // namespace

Reseating reseating(const clang::Stmt& statement) {
    Reseating result;
    if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(&statement)) {
        if (call->isAssignmentOp() && call->getNumArgs() == 2 && is_view(call->getArg(0)->getType())) {
            result.target = call->getArg(0);
            result.sources.push_back(call->getArg(1));
        }
    } else if (const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(&statement)) {
        const clang::CXXMethodDecl* method = call->getMethodDecl();
        const clang::Expr* object = call->getImplicitObjectArgument();
        if (method != nullptr && object != nullptr && method->getDeclName().isIdentifier() &&
            lives_in(*method, "std") && is_view(object->getType()) &&
            (method->getName() == "emplace" || method->getName() == "swap")) {
            result.target = object;
            result.sources.append(call->arguments().begin(), call->arguments().end());
        }
    }
    if (result.target != nullptr) {
        result.variable = holder(result.target);
    }
    return result;
}

void for_each_reseating(const clang::VarDecl& variable, llvm::function_ref<void(const Reseating&)> action) {
    if (variable.getType().isConstQualified()) {
        return;
    }
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(variable.getDeclContext());
    if (function != nullptr) {
        find_reseatings(function->getBody(), variable, action);
    }
}

}  // namespace gate
