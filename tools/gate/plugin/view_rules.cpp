// SPDX-License-Identifier: GPL-2.0-only
//
// How views come into being. (Where they may point is lifetime_rules.cpp.)

#include "gate.hpp"

#include "names.hpp"
#include "views.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"

namespace gate {
namespace {

unsigned written_arguments(const clang::CXXConstructExpr& construction) {
    unsigned count = 0;
    for (const clang::Expr* argument : construction.arguments()) {
        count += llvm::isa<clang::CXXDefaultArgExpr>(argument) ? 0 : 1;
    }
    return count;
}

/// span and string_view are made from a whole array, view or literal. A pointer or iterator with a length, or a range
/// type of the kernel whose size() may lie, would put the length into the caller's hands.
void check_construction(Gate& gate, const clang::CXXConstructExpr& construction) {
    const auto path = std_class(construction.getType());
    if (!path || (*path != "span" && *path != "basic_string_view") ||
        construction.getConstructor()->isCopyOrMoveConstructor() || construction.getNumArgs() == 0) {
        return;
    }
    const clang::Expr* source = construction.getArg(0);
    const clang::QualType type = source->getType().getNonReferenceType();
    const clang::CXXRecordDecl* record = type->getAsCXXRecordDecl();
    const bool whole = (record != nullptr && gate.trusted(*record)) || type->isArrayType() ||
                       llvm::isa<clang::StringLiteral>(source->IgnoreParenImpCasts());
    if (written_arguments(construction) != 1 || !whole) {
        gate.refuse(construction.getBeginLoc(), "view-construction",
                    llvm::Twine("a ") + (*path == "span" ? "span" : "string_view") +
                        " of anything but a whole std::array, view or literal; use first(), subspan() or substr()");
    }
}

/// The value that std::array::fill or std::ranges::fill puts into every element, or null.
const clang::Expr* filling_value(const clang::CallExpr& call) {
    const clang::FunctionDecl* callee = call.getDirectCallee();
    if (callee == nullptr || !lives_in(*callee, "std") || call.getNumArgs() == 0) {
        return nullptr;
    }
    bool fills = callee->getDeclName().isIdentifier() && callee->getName() == "fill";
    if (const auto* object_call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(&call)) {
        // std::ranges::fill is an object with a call operator.
        const auto* object = llvm::dyn_cast<clang::DeclRefExpr>(object_call->getArg(0)->IgnoreParenImpCasts());
        fills = object_call->getOperator() == clang::OO_Call && object != nullptr &&
                object->getDecl()->getDeclName().isIdentifier() && object->getDecl()->getName() == "fill";
    }
    return fills ? call.getArg(call.getNumArgs() - 1) : nullptr;
}

}  // namespace

void check_views(Gate& gate, const clang::Stmt& statement) {
    if (const auto* construction = llvm::dyn_cast<clang::CXXConstructExpr>(&statement)) {
        check_construction(gate, *construction);
    } else if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&statement)) {
        const clang::FunctionDecl* callee = call->getDirectCallee();
        if (callee != nullptr && callee->getDeclName().isIdentifier() && callee->getName() == "exchange" &&
            lives_in(*callee, "std") && call->getNumArgs() > 0 && is_view(call->getArg(0)->getType())) {
            gate.refuse(call->getBeginLoc(), "view-assign", "a view is re-seated by exchange; assign it");
        }
        if (const clang::Expr* value = filling_value(*call); value != nullptr && is_view(value->getType())) {
            gate.refuse(call->getBeginLoc(), "view-assign", "views are re-seated by fill; assign them one by one");
        }
    }
}

}  // namespace gate
