// SPDX-License-Identifier: GPL-2.0-only
//
// Where views and references may point. Views are never stored, except in local variables and in view classes, so a
// dangling one can come into being in three ways only: it is returned (or stored in a view object) although it refers
// to something local, it is bound to a temporary, or a variable is re-seated to something that ends earlier. So each
// view is traced back, through variables and calls, to what it refers to:
//   - a result: static objects, or a parameter (or `this`) that the function's first declaration, which callers see,
//     marks [[clang::lifetimebound]];
//   - a member of a view class: the same, for the constructor;
//   - a local variable: anything but a temporary that ends with the statement; re-seated, also nothing that was
//     declared after it.
// Calls are followed along lifetimebound parameters; calls of std and of lambdas along all parameters.

#include "gate.hpp"

#include "annotations.hpp"
#include "assignments.hpp"
#include "names.hpp"
#include "views.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Attr.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace gate {
namespace {

constexpr const char* rule = "lifetime";

/// Whether a class template instance stores values of `type` as they are (std::expected<Ref<T>, Error> and Error).
bool stores_by_value(clang::QualType holder, clang::QualType type) {
    const auto* record = holder->getAsCXXRecordDecl();
    const auto* specialization = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(record);
    if (specialization == nullptr) {
        return false;
    }
    for (const clang::TemplateArgument& argument : specialization->getTemplateArgs().asArray()) {
        const llvm::ArrayRef<clang::TemplateArgument> all =
            argument.getKind() == clang::TemplateArgument::Pack ? argument.pack_elements() : llvm::ArrayRef(argument);
        for (const clang::TemplateArgument& element : all) {
            if (element.getKind() == clang::TemplateArgument::Type &&
                (element.getAsType()->getCanonicalTypeUnqualified() == type->getCanonicalTypeUnqualified() ||
                 stores_by_value(element.getAsType(), type))) {
                return true;
            }
        }
    }
    return false;
}

/// Traces one view, reference or closure back to what it refers to, and reports what must not be referred to.
class Tracer {
public:
    /// Traces what a function (or constructor) hands out.
    Tracer(Gate& gate, const clang::FunctionDecl& function) : gate_(gate), returned_from_(&function) {}

    /// Traces the initialiser of a local variable.
    explicit Tracer(Gate& gate) : gate_(gate) {}

    /// Traces what a local variable is re-seated to.
    Tracer(Gate& gate, const clang::VarDecl& reseated) : gate_(gate), reseated_(&reseated) {}

    void trace(const clang::Expr* expression) {
        if (expression == nullptr || expression->isTypeDependent()) {
            return;
        }
        expression = expression->IgnoreParens();
        if (const auto* full = llvm::dyn_cast<clang::FullExpr>(expression)) {
            trace(full->getSubExpr());
        } else if (const auto* bound = llvm::dyn_cast<clang::CXXBindTemporaryExpr>(expression)) {
            trace(bound->getSubExpr());
        } else if (const auto* temporary = llvm::dyn_cast<clang::MaterializeTemporaryExpr>(expression)) {
            trace_temporary(*temporary);
        } else if (const auto* cast = llvm::dyn_cast<clang::CastExpr>(expression)) {
            if (cast->getCastKind() != clang::CK_LValueToRValue || is_view(cast->getType())) {
                trace(cast->getSubExpr());
            }
        } else if (const auto* choice = llvm::dyn_cast<clang::AbstractConditionalOperator>(expression)) {
            trace(choice->getTrueExpr());
            trace(choice->getFalseExpr());
        } else if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(expression)) {
            trace(binary->getOpcode() == clang::BO_Comma ? binary->getRHS() : binary->getLHS());
        } else if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(expression)) {
            trace(unary->getSubExpr());
        } else if (llvm::isa<clang::CXXThisExpr>(expression)) {
            trace_this(expression->getExprLoc());
        } else if (const auto* initialiser = llvm::dyn_cast<clang::CXXDefaultInitExpr>(expression)) {
            trace(initialiser->getExpr());
        } else if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(expression)) {
            trace_declaration(reference->getDecl(), reference->getExprLoc());
        } else if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(expression)) {
            if (llvm::isa<clang::FieldDecl>(member->getMemberDecl())) {
                trace(member->getBase());
            }
        } else if (const auto* construction = llvm::dyn_cast<clang::CXXConstructExpr>(expression)) {
            trace_construction(*construction);
        } else if (const auto* call = llvm::dyn_cast<clang::CallExpr>(expression)) {
            trace_call(*call);
        } else if (const auto* list = llvm::dyn_cast<clang::InitListExpr>(expression)) {
            for (const clang::Expr* element : list->inits()) {
                if (is_view(element->getType()) || element->isGLValue()) {
                    trace(element);
                }
            }
        } else if (const auto* list = llvm::dyn_cast<clang::CXXStdInitializerListExpr>(expression)) {
            trace(list->getSubExpr());
        } else if (const auto* lambda = llvm::dyn_cast<clang::LambdaExpr>(expression)) {
            trace_lambda(*lambda);
        }
    }

    /// An argument of a standard function or constructor whose result may refer to it, unless it is copied into it.
    void trace_stored(const clang::Expr* argument, clang::QualType result) {
        const clang::QualType type = argument->getType().getNonReferenceType();
        if (!result->isReferenceType() && !is_view(type)) {
            const auto name = std_class(type);
            const bool tag = name && (*name == "unexpected" || *name == "nullopt_t" || name->starts_with("in_place"));
            if (type->isScalarType() || tag || stores_by_value(result, type)) {
                return;
            }
        }
        if (argument->isGLValue() || is_view(type)) {
            trace(argument);
        }
    }

private:
    bool returning() const { return returned_from_ != nullptr; }
    bool constructing() const { return llvm::isa_and_nonnull<clang::CXXConstructorDecl>(returned_from_); }
    bool in_lambda() const { return returning() && is_lambda_call(*returned_from_); }

    void trace_temporary(const clang::MaterializeTemporaryExpr& temporary) {
        if (is_view(temporary.getSubExpr()->getType())) {
            trace(temporary.getSubExpr());
        } else if (temporary.getStorageDuration() == clang::SD_FullExpression || returning()) {
            gate_.refuse(temporary.getExprLoc(), rule,
                         "a view of a temporary that ends with this statement; give the object a name first");
        }
    }

    void trace_this(clang::SourceLocation at) {
        if (!returning() || in_lambda()) {
            return;
        }
        if (constructing()) {
            gate_.refuse(at, rule, "the object refers to a part of itself, which a copy would not follow");
        } else if (!this_is_lifetimebound(*returned_from_)) {
            gate_.refuse(at, rule,
                         "the result refers to *this, so the member function needs [[clang::lifetimebound]] after its "
                         "parameter list");
        }
    }

    void trace_parameter(const clang::ParmVarDecl& parameter, clang::SourceLocation at) {
        if (!is_view(parameter.getType())) {
            refuse_local(parameter, at);
            return;
        }
        const auto* function = llvm::dyn_cast<clang::FunctionDecl>(parameter.getDeclContext());
        const bool own = function != nullptr && returned_from_ != nullptr &&
                         function->getCanonicalDecl() == returned_from_->getCanonicalDecl();
        if (!own || in_lambda()) {
            return;  // a lambda's parameters count as lifetimebound where it is called; outer ones outlive the lambda
        }
        if (!is_lifetimebound(*function, parameter.getFunctionScopeIndex())) {
            gate_.refuse(at, rule,
                         llvm::Twine(constructing() ? "the object refers" : "the result refers") + " to parameter '" +
                             parameter.getName() + "', so that needs [[clang::lifetimebound]]");
        }
    }

    void trace_declaration(const clang::ValueDecl* declaration, clang::SourceLocation at) {
        if (const auto* binding = llvm::dyn_cast<clang::BindingDecl>(declaration)) {
            declaration = binding->getDecomposedDecl();
        }
        const auto* variable = llvm::dyn_cast_or_null<clang::VarDecl>(declaration);
        if (variable == nullptr || variable->hasGlobalStorage()) {
            return;
        }
        if (const auto* parameter = llvm::dyn_cast<clang::ParmVarDecl>(variable)) {
            if (returning()) {
                trace_parameter(*parameter, at);
                if (is_view(parameter->getType()) && !parameter->getType()->isReferenceType()) {
                    trace_variable(*parameter);  // it may have been re-seated
                }
            }
            return;
        }
        if (is_view(variable->getType())) {
            trace_variable(*variable);
        } else if (returning()) {
            refuse_local(*variable, at);
        } else if (reseated_ != nullptr && !declared_before(*variable, *reseated_)) {
            gate_.refuse(at, rule,
                         llvm::Twine("'") + reseated_->getName() + "' is made to refer to '" + variable->getName() +
                             "', which ends earlier; declare '" + variable->getName() + "' before it");
        }
    }

    /// A local view refers to whatever it was initialised with and ever re-seated to.
    void trace_variable(const clang::VarDecl& variable) {
        if (!visited_.insert(&variable).second) {
            return;
        }
        trace(variable.getInit());
        for_each_reseating(variable, [this](const Reseating& change) {
            for (const clang::Expr* source : change.sources) {
                trace_stored(source, change.target->getType());
            }
        });
    }

    /// Both are visible at one place of one function: the one that was declared first ends last.
    bool declared_before(const clang::VarDecl& first, const clang::VarDecl& second) const {
        return gate_.context.getSourceManager().isBeforeInTranslationUnit(first.getLocation(), second.getLocation());
    }

    /// The result refers to a variable that holds its value: wrong, unless the function is a lambda that captured the
    /// variable by reference.
    void refuse_local(const clang::VarDecl& variable, clang::SourceLocation at) {
        const bool outer = in_lambda() && variable.getDeclContext() != returned_from_ && !variable.isInitCapture();
        if (outer && captured_by_reference(variable)) {
            return;
        }
        gate_.refuse(at, rule,
                     llvm::Twine(constructing() ? "the object refers" : "the result refers") +
                         " to the local variable '" + variable.getName() + "', which ends here; use a value");
    }

    bool captured_by_reference(const clang::VarDecl& variable) const {
        const auto* method = llvm::cast<clang::CXXMethodDecl>(returned_from_);
        for (const clang::LambdaCapture& capture : method->getParent()->captures()) {
            if (capture.capturesVariable() && capture.getCapturedVar() == &variable) {
                return capture.getCaptureKind() == clang::LCK_ByRef;
            }
        }
        return true;  // not captured: only its constant value is used
    }

    void trace_construction(const clang::CXXConstructExpr& construction) {
        const clang::CXXConstructorDecl& constructor = *construction.getConstructor();
        if (!is_view(construction.getType()) || construction.getNumArgs() == 0) {
            return;
        }
        if (constructor.isCopyOrMoveConstructor()) {
            trace(construction.getArg(0));
        } else if (lives_in(constructor, "std")) {
            for (const clang::Expr* argument : construction.arguments()) {
                trace_stored(argument, construction.getType());
            }
        } else {
            for (unsigned index = 0; index < constructor.getNumParams() && index < construction.getNumArgs(); ++index) {
                if (is_lifetimebound(constructor, index)) {
                    trace(construction.getArg(index));
                }
            }
        }
    }

    void trace_call(const clang::CallExpr& call) {
        const clang::FunctionDecl* callee = call.getDirectCallee();
        if (callee == nullptr) {
            return;
        }
        const clang::QualType result = call.getCallReturnType(gate_.context);
        if (!is_view(result)) {
            return;
        }
        const bool follow_all = lives_in(*callee, "std") || is_lambda_call(*callee);
        // Arguments of an operator call include the object.
        const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(callee);
        const bool object_is_argument = method != nullptr && method->isImplicitObjectMemberFunction() &&
                                        llvm::isa<clang::CXXOperatorCallExpr>(call);
        const clang::Expr* object = nullptr;
        if (const auto* member_call = llvm::dyn_cast<clang::CXXMemberCallExpr>(&call)) {
            object = member_call->getImplicitObjectArgument();
        } else if (object_is_argument && call.getNumArgs() > 0) {
            object = call.getArg(0);
        }
        if (object != nullptr && (follow_all || this_is_lifetimebound(*callee))) {
            trace(object);
        }
        for (unsigned index = object_is_argument ? 1 : 0; index < call.getNumArgs(); ++index) {
            const unsigned parameter = index - (object_is_argument ? 1 : 0);
            if (follow_all) {
                trace_stored(call.getArg(index), result);
            } else if (parameter < callee->getNumParams() && is_lifetimebound(*callee, parameter)) {
                trace(call.getArg(index));
            }
        }
    }

    void trace_lambda(const clang::LambdaExpr& lambda) {
        auto value = lambda.capture_init_begin();
        for (const clang::LambdaCapture& capture : lambda.captures()) {
            const clang::Expr* captured = *value++;
            if (capture.capturesThis()) {
                trace_this(capture.getLocation());
            } else if (capture.capturesVariable()) {
                if (capture.getCaptureKind() == clang::LCK_ByRef) {
                    trace_declaration(capture.getCapturedVar(), capture.getLocation());
                } else if (captured != nullptr && is_view(captured->getType())) {
                    trace(captured);
                }
            }
        }
    }

    Gate& gate_;
    const clang::FunctionDecl* returned_from_ = nullptr;
    const clang::VarDecl* reseated_ = nullptr;
    llvm::SmallPtrSet<const clang::VarDecl*, 8> visited_;
};

/// Calls `action` for each return statement of a body, without those of lambdas and classes inside it.
template <typename Action> void for_each_return(const clang::Stmt* statement, const Action& action) {
    if (statement == nullptr || llvm::isa<clang::LambdaExpr>(statement)) {
        return;
    }
    if (const auto* result = llvm::dyn_cast<clang::ReturnStmt>(statement)) {
        action(*result);
        return;
    }
    for (const clang::Stmt* child : statement->children()) {
        for_each_return(child, action);
    }
}

/// Whether the variable belongs to the innermost function or lambda that is being visited: a lambda may hold copies of
/// what it captured, which end before the variable does.
bool declared_in_innermost_function(Gate& gate, const clang::VarDecl& variable) {
    for (unsigned level = 1; const clang::Stmt* enclosing = gate.ancestor(level); ++level) {
        if (const auto* lambda = llvm::dyn_cast<clang::LambdaExpr>(enclosing)) {
            const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(variable.getDeclContext());
            return method != nullptr && method->getParent() == lambda->getLambdaClass();
        }
    }
    return true;
}

void check_function(Gate& gate, const clang::FunctionDecl& function) {
    if (function.isImplicit() || function.isDefaulted() || function.isDeleted() || function.isDependentContext()) {
        return;
    }
    const clang::QualType result = function.getReturnType();
    if (result->isDependentType() || result->isUndeducedType() || !is_view(result)) {
        return;
    }
    if (function.isThisDeclarationADefinition()) {
        for_each_return(function.getBody(), [&](const clang::ReturnStmt& statement) {
            Tracer(gate, function).trace(statement.getRetValue());
        });
    }
}

/// A constructor of a view class stores views: what they refer to must be known to whoever makes the object.
void check_constructor(Gate& gate, const clang::CXXConstructorDecl& constructor) {
    if (!constructor.isThisDeclarationADefinition() || constructor.isDependentContext() || constructor.isDefaulted()) {
        return;
    }
    for (const clang::CXXCtorInitializer* initialiser : constructor.inits()) {
        const bool view = initialiser->isAnyMemberInitializer()
                              ? is_view(initialiser->getAnyMember()->getType())
                              : is_view(clang::QualType(initialiser->getBaseClass(), 0));
        if (view) {
            Tracer(gate, constructor).trace(initialiser->getInit());
        }
    }
}

}  // namespace

void check_reseating(Gate& gate, const clang::Stmt& statement) {
    const Reseating change = reseating(statement);
    if (change.target == nullptr) {
        return;
    }
    if (change.variable == nullptr || !declared_in_innermost_function(gate, *change.variable)) {
        gate.refuse(
            change.target->getExprLoc(), "view-assign",
            "a view that is no local variable of this function is re-seated; nobody could tell how long what it "
            "then refers to lives. Return the new view instead");
        return;
    }
    for (const clang::Expr* source : change.sources) {
        Tracer(gate, *change.variable).trace_stored(source, change.target->getType());
    }
}

void check_lifetimes(Gate& gate, const clang::Decl& declaration) {
    if (const auto* constructor = llvm::dyn_cast<clang::CXXConstructorDecl>(&declaration)) {
        check_constructor(gate, *constructor);
    } else if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration)) {
        check_function(gate, *function);
    } else if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(&declaration)) {
        const bool local = variable->isLocalVarDecl() && !variable->isStaticLocal() && !variable->isCXXForRangeDecl();
        if (local && !variable->getType()->isDependentType() && is_view(variable->getType())) {
            Tracer(gate).trace(variable->getInit());
        }
    }
}

}  // namespace gate
