// SPDX-License-Identifier: GPL-2.0-only
//
// What an optional, expected or variant holds can vanish or change its type while a reference to it exists: through an
// assignment, emplace or reset by any alias. So a reference to the contents may be formed only where the object keeps
// its state for its whole life: a const local or by-value parameter, a temporary, or a local that its function only
// looks into. Of any other object, the contents may be copied out, looked at by trusted code, and assigned, but not
// bound to a reference, `this` included.

#include "gate.hpp"

#include "annotations.hpp"
#include "names.hpp"
#include "views.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"
#include "llvm/ADT/StringSet.h"

namespace gate {
namespace {

bool immutable(const clang::Expr* object);

/// Whether the expression names the variable itself.
bool names(const clang::Expr* expression, const clang::VarDecl& variable) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(expression->IgnoreParenImpCasts());
    return reference != nullptr && reference->getDecl() == &variable;
}

/// Members that neither change an optional or expected nor hand its contents to a callback.
bool keeps_state(const clang::FunctionDecl& member) {
    if (llvm::isa<clang::CXXConversionDecl>(member)) {
        return true;  // operator bool
    }
    static const llvm::StringSet<> keepers{"has_value", "value", "error", "value_or", "error_or", "index"};
    return member.getDeclName().isIdentifier() && keepers.contains(member.getName());
}

/// The operand that a statement only looks into, if it does so with the variable; else null.
const clang::Stmt* looked_into(const clang::Stmt& statement, const clang::VarDecl& variable) {
    if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(&statement)) {
        const bool access = call->getOperator() == clang::OO_Star || call->getOperator() == clang::OO_Arrow;
        return access && call->getNumArgs() == 1 && names(call->getArg(0), variable) ? call->getArg(0) : nullptr;
    }
    if (const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(&statement)) {
        const clang::Expr* object = call->getImplicitObjectArgument();
        const clang::CXXMethodDecl* method = call->getMethodDecl();
        const bool looks = object != nullptr && method != nullptr && names(object, variable) && keeps_state(*method);
        return looks ? call->getCallee() : nullptr;
    }
    if (const auto* construction = llvm::dyn_cast<clang::CXXConstructExpr>(&statement)) {
        const bool copy =
            construction->getConstructor()->isCopyConstructor() && names(construction->getArg(0), variable);
        return copy ? construction->getArg(0) : nullptr;
    }
    return nullptr;
}

/// Whether every use of the variable below the statement only looks into it.
bool only_looked_into(const clang::Stmt* statement, const clang::VarDecl& variable) {
    if (statement == nullptr) {
        return true;
    }
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(statement);
    if (reference != nullptr && reference->getDecl() == &variable) {
        return false;
    }
    const clang::Stmt* const harmless = looked_into(*statement, variable);
    for (const clang::Stmt* child : statement->children()) {
        if (child != harmless && !only_looked_into(child, variable)) {
            return false;
        }
    }
    return true;
}

/// Whether the function of a local variable never changes which alternative it holds, nor lets anyone else.
bool keeps_state(const clang::VarDecl& variable) {
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(variable.getDeclContext());
    return !variable.hasGlobalStorage() && function != nullptr && only_looked_into(function->getBody(), variable);
}

bool immutable_variable(const clang::ValueDecl* declaration) {
    if (const auto* binding = llvm::dyn_cast<clang::BindingDecl>(declaration)) {
        declaration = binding->getDecomposedDecl();
    }
    const auto* variable = llvm::dyn_cast_or_null<clang::VarDecl>(declaration);
    if (variable == nullptr) {
        return false;
    }
    const clang::QualType type = variable->getType();
    if (!type->isReferenceType()) {
        return type.isConstQualified() || (is_alternative(type) && keeps_state(*variable));
    }
    const clang::CXXRecordDecl* record = type->getPointeeType()->getAsCXXRecordDecl();
    if (record != nullptr && annotated(*record, "frame.frozen")) {
        return true;  // storage_rules.cpp: nobody outside the frame has a mutable one
    }
    const bool alias = !llvm::isa<clang::ParmVarDecl>(variable) && !variable->isCXXForRangeDecl();
    return alias && type->getPointeeType().isConstQualified() && variable->getInit() != nullptr &&
           immutable(variable->getInit());
}

bool immutable_member(const clang::MemberExpr& member) {
    const auto* field = llvm::dyn_cast<clang::FieldDecl>(member.getMemberDecl());
    if (field == nullptr || field->getType()->isReferenceType()) {
        return false;
    }
    const clang::Expr* base = member.getBase()->IgnoreParenImpCasts();
    if (!member.isArrow()) {
        return immutable(base);
    }
    const auto* arrow = llvm::dyn_cast<clang::CXXOperatorCallExpr>(base);
    return arrow != nullptr && arrow->getOperator() == clang::OO_Arrow && is_alternative(arrow->getArg(0)->getType()) &&
           immutable(arrow->getArg(0));
}

/// Whether the object can have no mutable alias: nothing changes its contents while it lives.
bool immutable(const clang::Expr* object) {
    object = object->IgnoreParenImpCasts();
    if (const auto* full = llvm::dyn_cast<clang::FullExpr>(object)) {
        return immutable(full->getSubExpr());
    }
    if (object->isPRValue() || llvm::isa<clang::MaterializeTemporaryExpr>(object)) {
        return true;
    }
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(object)) {
        return immutable_variable(reference->getDecl());
    }
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(object)) {
        return immutable_member(*member);
    }
    // Elements and contents of an immutable standard object are immutable, unless it is a view of something else.
    const clang::Expr* owner = nullptr;
    if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(object)) {
        const bool access = call->getOperator() == clang::OO_Subscript || call->getOperator() == clang::OO_Star;
        owner = access ? call->getArg(0) : nullptr;
    } else if (const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(object)) {
        owner = call->getImplicitObjectArgument();
    }
    return owner != nullptr && std_class(owner->getType()) && !is_view(owner->getType().getNonReferenceType()) &&
           immutable(owner);
}

bool copies(const clang::Stmt& statement) {
    const auto* construction = llvm::dyn_cast<clang::CXXConstructExpr>(&statement);
    return construction != nullptr && construction->getConstructor()->isCopyOrMoveConstructor();
}

/// Whether a call only looks at its operands: trusted code, or operators that the compiler wrote.
bool only_looks(Gate& gate, const clang::FunctionDecl* callee) {
    return callee != nullptr && (gate.trusted(*callee) || callee->isDefaulted());
}

/// Whether a trusted function could call back into code that changes the object.
bool passes_closure(const clang::CallExpr& call) {
    for (const clang::Expr* argument : call.arguments()) {
        const clang::CXXRecordDecl* record = argument->getType()->getAsCXXRecordDecl();
        if (record != nullptr && record->isLambda()) {
            return true;
        }
    }
    return false;
}

/// Whether the pointer comes out of an optional or expected itself, rather than out of a handle that is its contents.
bool is_alternative_arrow(const clang::Expr& base) {
    const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(base.IgnoreParenImpCasts());
    return call != nullptr && call->getOperator() == clang::OO_Arrow && is_alternative(call->getArg(0)->getType());
}

/// Whether the result of a trusted call may refer to the contents, which are in its operand `child`.
bool may_return_contents(Gate& gate, const clang::CallExpr& call, const clang::Stmt& child) {
    const clang::FunctionDecl& callee = *call.getDirectCallee();
    if (!is_view(call.getCallReturnType(gate.context))) {
        return false;
    }
    if (lives_in(callee, "std") || callee.isDefaulted()) {
        return true;
    }
    const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(&callee);
    const bool operator_on_object =
        method != nullptr && method->isImplicitObjectMemberFunction() && llvm::isa<clang::CXXOperatorCallExpr>(call);
    for (unsigned index = 0; index < call.getNumArgs(); ++index) {
        if (call.getArg(index) != &child) {
            continue;
        }
        if (operator_on_object) {
            return index == 0 ? this_is_lifetimebound(callee) : is_lifetimebound(callee, index - 1);
        }
        return index >= callee.getNumParams() || is_lifetimebound(callee, index);
    }
    return this_is_lifetimebound(callee);  // the object of a member call
}

enum class Verdict { safe, unsafe, look_at_parent };

/// What one enclosing expression does with a reference to the contents, which is (in) its child.
Verdict judge(Gate& gate, const clang::Stmt& parent, const clang::Stmt& child) {
    if (copies(parent)) {
        return Verdict::safe;
    }
    if (const auto* cast = llvm::dyn_cast<clang::ImplicitCastExpr>(&parent)) {
        const bool reads = cast->getCastKind() == clang::CK_LValueToRValue && !cast->getType()->isPointerType();
        return reads ? Verdict::safe : Verdict::look_at_parent;
    }
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(&parent)) {
        if (member->isArrow() && !is_alternative_arrow(*member->getBase())) {
            return Verdict::safe;  // out of the object, through a handle of the frame
        }
        const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(member->getMemberDecl());
        return method == nullptr || only_looks(gate, method) ? Verdict::look_at_parent : Verdict::unsafe;
    }
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&parent)) {
        if (!only_looks(gate, call->getDirectCallee()) || passes_closure(*call)) {
            return Verdict::unsafe;
        }
        return may_return_contents(gate, *call, child) ? Verdict::look_at_parent : Verdict::safe;
    }
    if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&parent)) {
        return binary->isAssignmentOp() && binary->getLHS() == &child ? Verdict::safe : Verdict::unsafe;
    }
    if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(&parent)) {
        return unary->isIncrementDecrementOp() ? Verdict::safe : Verdict::unsafe;
    }
    if (llvm::isa<clang::CompoundStmt, clang::ExprWithCleanups, clang::IfStmt, clang::ForStmt>(parent)) {
        return Verdict::safe;  // the end of the statement
    }
    return llvm::isa<clang::ParenExpr, clang::ConditionalOperator, clang::ConstantExpr>(parent)
               ? Verdict::look_at_parent
               : Verdict::unsafe;
}

/// Whether the contents, which are being visited, are copied, assigned or looked at on the spot.
bool consumed_on_the_spot(Gate& gate, const clang::Stmt& contents) {
    const clang::Stmt* child = &contents;
    for (unsigned level = 1; const clang::Stmt* parent = gate.ancestor(level); ++level) {
        const Verdict verdict = judge(gate, *parent, *child);
        if (verdict != Verdict::look_at_parent) {
            return verdict == Verdict::safe;
        }
        child = parent;
    }
    return false;
}

void refuse(Gate& gate, clang::SourceLocation at) {
    gate.refuse(at, "alternative-reference",
                "a reference into an optional, expected or variant that could change under it; make the object const, "
                "or copy the contents out");
}

bool calls_back(llvm::StringRef member) {
    return member == "and_then" || member == "transform" || member == "or_else" || member == "transform_error";
}

bool accesses_contents(llvm::StringRef member) {
    return member == "value" || member == "error" || member == "begin" || member == "end" || calls_back(member);
}

void check_access(Gate& gate, const clang::Expr& access, const clang::Expr* object, bool passes_to_callback) {
    if (!immutable(object) && (passes_to_callback || !consumed_on_the_spot(gate, access))) {
        refuse(gate, access.getExprLoc());
    }
}

void check_free_function(Gate& gate, const clang::CallExpr& call) {
    const clang::FunctionDecl* callee = call.getDirectCallee();
    if (callee == nullptr || !callee->getDeclName().isIdentifier() || !lives_in(*callee, "std")) {
        return;
    }
    if (callee->getName() == "get" && call.getNumArgs() == 1 && is_alternative(call.getArg(0)->getType())) {
        check_access(gate, call, call.getArg(0), false);
    }
    if (callee->getName() == "visit") {
        for (unsigned index = 1; index < call.getNumArgs(); ++index) {
            check_access(gate, call, call.getArg(index), true);
        }
    }
}

}  // namespace

void check_alternatives(Gate& gate, const clang::Stmt& statement) {
    if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(&statement)) {
        const bool access = (call->getOperator() == clang::OO_Star || call->getOperator() == clang::OO_Arrow) &&
                            call->getNumArgs() == 1 && is_alternative(call->getArg(0)->getType());
        if (access) {
            check_access(gate, *call, call->getArg(0), false);
        }
    } else if (const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(&statement)) {
        const clang::CXXMethodDecl* method = call->getMethodDecl();
        const clang::Expr* object = call->getImplicitObjectArgument();
        if (method != nullptr && object != nullptr && is_alternative(object->getType()) &&
            method->getDeclName().isIdentifier() && accesses_contents(method->getName())) {
            check_access(gate, *call, object, calls_back(method->getName()));
        }
    } else if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&statement)) {
        check_free_function(gate, *call);
    } else if (const auto* loop = llvm::dyn_cast<clang::CXXForRangeStmt>(&statement)) {
        const clang::Expr* range = loop->getRangeInit();
        if (range != nullptr && is_alternative(range->getType()) && loop->getLoopVariable() != nullptr &&
            loop->getLoopVariable()->getType()->isReferenceType() && !immutable(range)) {
            refuse(gate, range->getExprLoc());
        }
    }
}

}  // namespace gate
