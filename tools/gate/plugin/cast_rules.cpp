// SPDX-License-Identifier: GPL-2.0-only
//
// Conversions, explicit and implicit: only those that cannot make a value of one type out of the bits of another.

#include "gate.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"

namespace gate {
namespace {

bool safe(clang::CastKind kind) {
    switch (kind) {
    case clang::CK_Dependent:  // seen again when instantiated
    case clang::CK_NoOp:
    case clang::CK_LValueToRValue:
    case clang::CK_IntegralCast:
    case clang::CK_IntegralToBoolean:
    case clang::CK_BooleanToSignedIntegral:
    case clang::CK_ConstructorConversion:
    case clang::CK_UserDefinedConversion:
    case clang::CK_DerivedToBase:
    case clang::CK_UncheckedDerivedToBase:
    case clang::CK_ToVoid:  // `discard`, if explicit
        return true;
    // Legal here because the resulting pointer is judged by pointer_rules.cpp.
    case clang::CK_FunctionToPointerDecay:
    case clang::CK_BuiltinFnToFnPtr:
    case clang::CK_ArrayToPointerDecay:
    case clang::CK_NullToPointer:
        return true;
    default:
        return false;
    }
}

/// An enum without enumerators is an integer with a name of its own (frame::Asid, frame::Badge): every value is valid.
bool is_number(clang::QualType type) {
    const clang::EnumDecl* kind = type->getAsEnumDecl();
    return kind != nullptr && kind->getDefinition() != nullptr && kind->isFixed() &&
           kind->getDefinition()->enumerators().empty();
}

/// Whether a value of another type becomes an enumerator. In `Kind{7}` the integer itself is given the enum type.
bool enum_from_other_type(const clang::CastExpr& cast) {
    const clang::QualType from = cast.getSubExpr()->getType();
    const clang::QualType to = cast.getType();
    return to->isEnumeralType() && !is_number(to) && !from->isDependentType() &&
           cast.getCastKind() == clang::CK_IntegralCast &&
           from->getCanonicalTypeUnqualified() != to->getCanonicalTypeUnqualified();
}

/// Whether the expression makes a zero, such as `Kind{}`, of an enum in which zero has no name.
bool nameless_zero(const clang::Stmt& statement) {
    const auto* expression = llvm::dyn_cast<clang::Expr>(&statement);
    const auto* list = llvm::dyn_cast<clang::InitListExpr>(&statement);
    const bool zero = llvm::isa<clang::ImplicitValueInitExpr, clang::CXXScalarValueInitExpr>(statement) ||
                      (list != nullptr && list->getNumInits() == 0);
    const clang::EnumDecl* kind = zero ? expression->getType()->getAsEnumDecl() : nullptr;
    if (kind == nullptr || kind->isDependentType() || is_number(expression->getType())) {
        return false;
    }
    for (const clang::EnumConstantDecl* constant : kind->enumerators()) {
        if (constant->getInitVal().isZero()) {
            return false;
        }
    }
    return true;
}

}  // namespace

void check_cast(Gate& gate, const clang::Stmt& statement) {
    const clang::SourceLocation at = statement.getBeginLoc();
    switch (statement.getStmtClass()) {
    case clang::Stmt::CXXReinterpretCastExprClass:
        gate.refuse(at, "cast", "reinterpret_cast; it belongs into frame/. Convert values with static_cast");
        return;
    case clang::Stmt::CXXConstCastExprClass:
        gate.refuse(at, "cast", "const_cast; take a mutable reference where you need one");
        return;
    case clang::Stmt::CStyleCastExprClass:
        gate.refuse(at, "cast", "a C-style cast; use static_cast, or braces for a conversion that cannot lose bits");
        return;
    case clang::Stmt::CXXDynamicCastExprClass:
        gate.refuse(at, "cast", "dynamic_cast; use std::variant");
        return;
    case clang::Stmt::BuiltinBitCastExprClass:
    case clang::Stmt::CXXAddrspaceCastExprClass:
    case clang::Stmt::AsTypeExprClass:
        gate.refuse(at, "cast", "a bit cast; decode values field by field, or do it in frame/");
        return;
    default:
        break;
    }
    if (nameless_zero(statement)) {
        gate.refuse(at, "enum-cast", "a zero of an enum in which zero has no name; give an enumerator");
    }
    const auto* cast = llvm::dyn_cast<clang::CastExpr>(&statement);
    if (cast == nullptr) {
        return;
    }
    if (!safe(cast->getCastKind())) {
        gate.refuse(at, "cast",
                    llvm::Twine("conversion of kind ") + cast->getCastKindName() +
                        " reinterprets memory; only conversions between integers and to a base class are safe");
    }
    const auto* named = llvm::dyn_cast<clang::ExplicitCastExpr>(cast);
    if (named != nullptr && named->getTypeAsWritten()->isRValueReferenceType() && cast->getSubExpr()->isLValue()) {
        gate.refuse(at, "cast", "a cast to an rvalue reference; write std::move, so that later uses are noticed");
    }
    if (enum_from_other_type(*cast)) {
        gate.refuse(at, "enum-cast",
                    "conversion to an enum could make a value that has no name; decode it with a switch");
    }
    if (cast->getCastKind() == clang::CK_ToVoid && llvm::isa<clang::ExplicitCastExpr>(cast)) {
        gate.refuse(at, "discard", "a cast to void hides a result; handle it, or name the variable [[maybe_unused]]");
    }
}

}  // namespace gate
