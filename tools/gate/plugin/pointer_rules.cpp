// SPDX-License-Identifier: GPL-2.0-only
//
// No expression may have pointer type, wherever the pointer comes from, except where the language cannot do without:
// `this` before `->` or under `*`, the result of a trusted operator-> before `->`, string literals on their way into a
// parameter, and the function of a direct call.

#include "gate.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"

namespace gate {
namespace {

/// Whether the expression is a string literal, or a choice between some.
bool literal_text(const clang::Expr* expression) {
    expression = expression->IgnoreUnlessSpelledInSource();
    if (const auto* choice = llvm::dyn_cast<clang::ConditionalOperator>(expression)) {
        return literal_text(choice->getTrueExpr()) && literal_text(choice->getFalseExpr());
    }
    return llvm::isa<clang::StringLiteral, clang::PredefinedExpr>(expression);
}

/// Marks what the parent makes harmless. Parents are visited before children.
void excuse_children(Gate& gate, const clang::Stmt& statement) {
    const auto excuse = [&gate](const clang::Expr* expression) {
        // The expression itself and what the compiler wrapped around it.
        for (const clang::Expr* inner = expression; inner != nullptr;) {
            gate.harmless.insert(inner);
            const clang::Expr* next = inner;
            if (const auto* parentheses = llvm::dyn_cast<clang::ParenExpr>(inner)) {
                next = parentheses->getSubExpr();
            } else if (const auto* implicit = llvm::dyn_cast<clang::ImplicitCastExpr>(inner)) {
                next = implicit->getSubExpr();
            }
            inner = next == inner ? nullptr : next;
        }
    };
    const auto arrow = [&](const clang::Expr* base) {
        const clang::Expr* plain = base->IgnoreParenImpCasts();
        const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(plain);
        if (llvm::isa<clang::CXXThisExpr>(plain) || (call != nullptr && call->getOperator() == clang::OO_Arrow)) {
            excuse(base);
        }
    };
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(&statement)) {
        if (member->isArrow()) {
            arrow(member->getBase());
        }
    } else if (const auto* dependent = llvm::dyn_cast<clang::CXXDependentScopeMemberExpr>(&statement)) {
        if (!dependent->isImplicitAccess() && dependent->isArrow()) {
            arrow(dependent->getBase());
        }
    } else if (const auto* overloaded = llvm::dyn_cast<clang::UnresolvedMemberExpr>(&statement)) {
        if (!overloaded->isImplicitAccess() && overloaded->isArrow()) {
            arrow(overloaded->getBase());
        }
    } else if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(&statement)) {
        if (unary->getOpcode() == clang::UO_Deref &&
            llvm::isa<clang::CXXThisExpr>(unary->getSubExpr()->IgnoreParenImpCasts())) {
            excuse(unary->getSubExpr());
        }
    } else if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&statement)) {
        if (call->getDirectCallee() != nullptr) {
            excuse(call->getCallee());
        }
    } else if (const auto* lambda = llvm::dyn_cast<clang::LambdaExpr>(&statement)) {
        for (const clang::Expr* capture : lambda->capture_inits()) {
            if (capture != nullptr && llvm::isa<clang::CXXThisExpr>(capture->IgnoreParenImpCasts())) {
                excuse(capture);  // the closure is a view, see views.cpp
            }
        }
    } else if (const auto* name = llvm::dyn_cast<clang::SourceLocExpr>(&statement)) {
        excuse(name);
    } else if (const auto* argument = llvm::dyn_cast<clang::CXXDefaultArgExpr>(&statement)) {
        if (gate.trusted(*argument->getParam())) {
            excuse(argument);
        }
    }
}

void check_operators(Gate& gate, const clang::Stmt& statement) {
    if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(&statement)) {
        if (unary->getOpcode() == clang::UO_AddrOf) {
            gate.refuse(unary->getOperatorLoc(), "address-of", "the address of an object; pass a reference or a view");
            gate.harmless.insert(unary);
        }
        if (unary->getOpcode() == clang::UO_Real || unary->getOpcode() == clang::UO_Imag) {
            gate.refuse(unary->getOperatorLoc(), "construct", "complex numbers are outside the safe subset");
        }
    } else if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&statement)) {
        if (binary->isPtrMemOp()) {
            gate.refuse(binary->getOperatorLoc(), "member-pointer", "access through a pointer to member; use a lambda");
        }
    } else if (const auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(&statement)) {
        if (!subscript->getLHS()->isTypeDependent() && !subscript->getRHS()->isTypeDependent()) {
            gate.refuse(subscript->getBeginLoc(), "index",
                        "an unchecked subscript; use std::array or std::span, whose index is checked");
        }
    }
}

}  // namespace

void check_pointers(Gate& gate, const clang::Stmt& statement) {
    excuse_children(gate, statement);
    check_operators(gate, statement);
    const auto* expression = llvm::dyn_cast<clang::Expr>(&statement);
    if (expression == nullptr || expression->getType().isNull() || gate.harmless.contains(expression)) {
        return;
    }
    const clang::QualType type = expression->getType();
    if (type->isFunctionPointerType()) {
        const auto* cast = llvm::dyn_cast<clang::CastExpr>(expression);
        if (cast == nullptr || cast->getCastKind() != clang::CK_BuiltinFnToFnPtr) {
            gate.refuse(expression->getBeginLoc(), "function-pointer",
                        "a function as a value; take it as a template parameter, or pass a lambda");
        }
    } else if (type->isPointerType() && !literal_text(expression)) {
        gate.refuse(expression->getBeginLoc(), "raw-pointer",
                    "an expression of pointer type; use a reference, a view or a handle of the frame");
    } else if (type->isMemberPointerType()) {
        gate.refuse(expression->getBeginLoc(), "member-pointer", "a pointer to member; use a lambda");
    } else if (type.isVolatileQualified()) {
        gate.refuse(expression->getBeginLoc(), "volatile", "a volatile object; the frame accesses it");
    } else if (type->isRealFloatingType()) {
        gate.refuse(expression->getBeginLoc(), "float", "floating-point arithmetic; use integers");
    }
}

}  // namespace gate
