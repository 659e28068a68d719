// SPDX-License-Identifier: GPL-2.0-only
//
// Statements and expressions that are refused for what they are, switches over enums, and dropped results.

#include "gate.hpp"

#include "allow_lists.hpp"
#include "names.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Attr.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"

namespace gate {
namespace {

void check_kind(Gate& gate, const clang::Stmt& statement) {
    const clang::SourceLocation at = statement.getBeginLoc();
    switch (statement.getStmtClass()) {
    case clang::Stmt::GCCAsmStmtClass:
    case clang::Stmt::MSAsmStmtClass:
        gate.refuse(at, "asm", "inline assembly; it belongs into frame/");
        return;
    case clang::Stmt::GotoStmtClass:
    case clang::Stmt::IndirectGotoStmtClass:
    case clang::Stmt::LabelStmtClass:
    case clang::Stmt::AddrLabelExprClass:
        gate.refuse(at, "goto", "goto; use a loop or a function");
        return;
    case clang::Stmt::CXXNewExprClass:
    case clang::Stmt::CXXDeleteExprClass:
        gate.refuse(at, "new", "new and delete; there is no heap. Objects come from untyped memory, by the frame");
        return;
    case clang::Stmt::CXXPseudoDestructorExprClass:
        gate.refuse(at, "destructor-call", "an explicit destructor call; let the object's scope end");
        return;
    case clang::Stmt::CXXThrowExprClass:
    case clang::Stmt::CXXTryStmtClass:
    case clang::Stmt::CXXCatchStmtClass:
        gate.refuse(at, "exception", "exceptions; return std::expected");
        return;
    case clang::Stmt::CXXTypeidExprClass:
        gate.refuse(at, "rtti", "typeid; use std::variant");
        return;
    case clang::Stmt::FloatingLiteralClass:
    case clang::Stmt::ImaginaryLiteralClass:
        gate.refuse(at, "float", "a floating-point literal; use integers");
        return;
    case clang::Stmt::StmtExprClass:
        gate.refuse(at, "construct", "a statement expression; use a lambda");
        return;
    case clang::Stmt::VAArgExprClass:
        gate.refuse(at, "varargs", "va_arg; use a parameter pack or std::span");
        return;
    case clang::Stmt::OffsetOfExprClass:
        gate.refuse(at, "builtin", "offsetof; layouts are the business of abi/ and frame/");
        return;
    case clang::Stmt::CoroutineBodyStmtClass:
    case clang::Stmt::CoawaitExprClass:
    case clang::Stmt::CoyieldExprClass:
    case clang::Stmt::CoreturnStmtClass:
    case clang::Stmt::DependentCoawaitExprClass:
        gate.refuse(at, "coroutine", "a coroutine; write the states down as an enum class");
        return;
    // Casts have rules of their own.
    case clang::Stmt::CXXReinterpretCastExprClass:
    case clang::Stmt::CXXConstCastExprClass:
    case clang::Stmt::CStyleCastExprClass:
    case clang::Stmt::CXXDynamicCastExprClass:
    case clang::Stmt::BuiltinBitCastExprClass:
    case clang::Stmt::CXXAddrspaceCastExprClass:
    case clang::Stmt::AsTypeExprClass:
        return;
    default:
        if (!allowed::statement(statement.getStmtClass())) {
            gate.refuse(
                at, "construct",
                llvm::Twine("a construct of kind ") + statement.getStmtClassName() + " is outside the safe subset");
        }
    }
}

/// The enum that a switch condition stands for, also if the condition converts it to an integer first; null if none.
clang::QualType switched_enum(const clang::Expr* condition) {
    for (;;) {
        condition = condition->IgnoreParenImpCasts();
        if (condition->getType()->isEnumeralType()) {
            return condition->getType();
        }
        if (const auto* cast = llvm::dyn_cast<clang::ExplicitCastExpr>(condition)) {
            condition = cast->getSubExpr();
            continue;
        }
        const auto* call = llvm::dyn_cast<clang::CallExpr>(condition);
        const clang::FunctionDecl* callee = call == nullptr ? nullptr : call->getDirectCallee();
        if (callee != nullptr && callee->getNumParams() == 1 && callee->getDeclName().isIdentifier() &&
            callee->getName() == "to_underlying") {
            condition = call->getArg(0);
            continue;
        }
        return {};
    }
}

void check_switch(Gate& gate, const clang::SwitchStmt& statement) {
    if (statement.getCond() == nullptr || switched_enum(statement.getCond()).isNull()) {
        return;
    }
    for (const clang::SwitchCase* label = statement.getSwitchCaseList(); label != nullptr;
         label = label->getNextSwitchCase()) {
        if (llvm::isa<clang::DefaultStmt>(label)) {
            gate.refuse(label->getBeginLoc(), "switch-default",
                        "`default` in a switch over an enum; name every case, so that a new one breaks the build");
        }
    }
}

void check_dropped(Gate& gate, const clang::Stmt* statement) {
    const auto* expression = llvm::dyn_cast_or_null<clang::Expr>(statement);
    if (expression == nullptr || expression->isTypeDependent()) {
        return;
    }
    expression = expression->IgnoreParens();
    if (const auto* cleanups = llvm::dyn_cast<clang::ExprWithCleanups>(expression)) {
        expression = cleanups->getSubExpr();
    }
    expression = expression->IgnoreImplicit();
    const auto* call = llvm::dyn_cast<clang::CallExpr>(expression);
    if (call == nullptr || llvm::isa<clang::CXXOperatorCallExpr>(call) || call->getType()->isVoidType()) {
        return;
    }
    const clang::FunctionDecl* callee = call->getDirectCallee();
    if (callee != nullptr && lives_in(*callee, "std") && !call->hasUnusedResultAttr(gate.context)) {
        return;
    }
    if (!call->getCallReturnType(gate.context)->isReferenceType()) {
        gate.refuse(call->getBeginLoc(), "discard",
                    "the result of a call is dropped; handle it, or make the function return void");
    }
}

void check_discards(Gate& gate, const clang::Stmt& statement) {
    if (const auto* block = llvm::dyn_cast<clang::CompoundStmt>(&statement)) {
        for (const clang::Stmt* part : block->body()) {
            check_dropped(gate, part);
        }
    } else if (const auto* branch = llvm::dyn_cast<clang::IfStmt>(&statement)) {
        check_dropped(gate, branch->getThen());
        check_dropped(gate, branch->getElse());
    } else if (const auto* loop = llvm::dyn_cast<clang::ForStmt>(&statement)) {
        check_dropped(gate, loop->getInit());
        check_dropped(gate, loop->getInc());
        check_dropped(gate, loop->getBody());
    } else if (const auto* loop = llvm::dyn_cast<clang::WhileStmt>(&statement)) {
        check_dropped(gate, loop->getBody());
    } else if (const auto* loop = llvm::dyn_cast<clang::DoStmt>(&statement)) {
        check_dropped(gate, loop->getBody());
    } else if (const auto* loop = llvm::dyn_cast<clang::CXXForRangeStmt>(&statement)) {
        check_dropped(gate, loop->getBody());
    } else if (const auto* label = llvm::dyn_cast<clang::SwitchCase>(&statement)) {
        check_dropped(gate, label->getSubStmt());
    } else if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&statement)) {
        if (binary->getOpcode() == clang::BO_Comma) {
            check_dropped(gate, binary->getLHS());
        }
    }
}

void check_calls(Gate& gate, const clang::CallExpr& call) {
    const clang::FunctionDecl* callee = call.getDirectCallee();
    if (callee == nullptr) {
        const bool unresolved = call.isTypeDependent() || call.getCallee()->isTypeDependent() ||
                                call.getCallee()->getType()->isSpecificBuiltinType(clang::BuiltinType::BoundMember) ||
                                llvm::isa<clang::CXXPseudoDestructorExpr>(call.getCallee()->IgnoreParens());
        if (!unresolved) {
            gate.refuse(call.getBeginLoc(), "function-pointer",
                        "an indirect call; take the function as a template parameter, or pass a lambda");
        }
        return;
    }
    if (callee->isVariadic() && callee->getBuiltinID() == 0) {
        gate.refuse(call.getBeginLoc(), "varargs", "a call of a C variadic function; nobody checks its arguments");
    }
    if (llvm::isa<clang::CXXDestructorDecl>(callee)) {
        gate.refuse(call.getBeginLoc(), "destructor-call", "an explicit destructor call; let the object's scope end");
    }
}

}  // namespace

void check_statement(Gate& gate, const clang::Stmt& statement) {
    check_kind(gate, statement);
    check_discards(gate, statement);
    if (const auto* choice = llvm::dyn_cast<clang::SwitchStmt>(&statement)) {
        check_switch(gate, *choice);
    } else if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&statement)) {
        check_calls(gate, *call);
    } else if (const auto* attributed = llvm::dyn_cast<clang::AttributedStmt>(&statement)) {
        for (const clang::Attr* attribute : attributed->getAttrs()) {
            check_attribute(gate, *attribute, attributed->getBeginLoc());
        }
    }
}

}  // namespace gate
