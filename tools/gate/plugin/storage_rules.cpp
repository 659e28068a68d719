// SPDX-License-Identifier: GPL-2.0-only
//
// Variables and members: always initialised, no mutable static state, views stored only in views.

#include "gate.hpp"

#include "annotations.hpp"
#include "names.hpp"
#include "views.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/ExprCXX.h"

namespace gate {
namespace {

/// Whether objects of the type hold indeterminate values when default-initialised.
bool left_uninitialised_by_default(clang::QualType type) {
    if (type->isDependentType() || type->isReferenceType()) {
        return false;
    }
    const clang::CXXRecordDecl* record = type->getBaseElementTypeUnsafe()->getAsCXXRecordDecl();
    if (record == nullptr) {
        return true;
    }
    if (!record->hasDefinition() || record->hasUserProvidedDefaultConstructor() || !record->hasDefaultConstructor()) {
        return false;  // such a constructor is checked where it is defined
    }
    for (const clang::CXXBaseSpecifier& base : record->bases()) {
        if (left_uninitialised_by_default(base.getType())) {
            return true;
        }
    }
    for (const clang::FieldDecl* field : record->fields()) {
        if (!field->hasInClassInitializer() && left_uninitialised_by_default(field->getType())) {
            return true;
        }
    }
    return false;
}

bool has_initialiser(const clang::VarDecl& variable) {
    const clang::Expr* value = variable.getInit();
    if (value == nullptr) {
        return false;
    }
    const auto* construction = llvm::dyn_cast<clang::CXXConstructExpr>(value->IgnoreImplicit());
    return construction == nullptr || variable.getInitStyle() != clang::VarDecl::CallInit ||
           construction->getNumArgs() != 0 || !left_uninitialised_by_default(variable.getType());
}

void check_static(Gate& gate, const clang::VarDecl& variable) {
    const clang::SourceLocation at = variable.getLocation();
    if (variable.getTLSKind() != clang::VarDecl::TLS_None) {
        gate.refuse(at, "thread-local", "thread-local storage; per-core state is reached through the entry token");
        return;
    }
    const clang::QualType type = variable.getType();
    if (!type.isConstQualified() && !variable.isConstexpr() && !type->isReferenceType()) {
        gate.refuse(at, "global", "mutable static storage; the kernel's state is reached through the entry token");
    } else if (!type->isDependentType() && !variable.isConstexpr() && variable.getInit() != nullptr &&
               !variable.getInit()->isValueDependent() && !variable.hasConstantInitialization()) {
        gate.refuse(at, "global", "static storage that is initialised at run time; make it constexpr");
    }
    if (!variable.isConstexpr() && is_view(type)) {
        gate.refuse(at, "stored-view", "a reference or view in static storage; pass it as a parameter");
    }
}

void check_local(Gate& gate, const clang::VarDecl& variable) {
    const clang::SourceLocation at = variable.getLocation();
    const clang::QualType type = variable.getType();
    if (type->isDependentType()) {
        return;
    }
    if (!llvm::isa<clang::DecompositionDecl>(variable) && !variable.isInvalidDecl() && !has_initialiser(variable)) {
        gate.refuse(at, "uninit",
                    llvm::Twine("'") + variable.getName() + "' is not initialised; write `{}` or a value");
    }
}

/// Objects of classes that the frame marks frame.frozen never change once the kernel sees them, so that references into
/// their optionals stay valid. The kernel then must not have mutable ones.
void check_frozen(Gate& gate, clang::QualType type, clang::SourceLocation at) {
    const clang::QualType object = type.getNonReferenceType();
    const clang::CXXRecordDecl* record = object->getAsCXXRecordDecl();
    if (record != nullptr && !object.isConstQualified() && annotated(*record, "frame.frozen")) {
        gate.refuse(at, "frozen", llvm::Twine("a mutable '") + record->getName() + "', which is frozen; make it const");
    }
}

void check_variable(Gate& gate, const clang::VarDecl& variable) {
    if (llvm::isa<clang::ParmVarDecl>(variable)) {
        return;
    }
    if (variable.hasGlobalStorage()) {
        check_static(gate, variable);
    } else if (!variable.isInitCapture() && !variable.isCXXForRangeDecl()) {
        check_local(gate, variable);
    }
}

void check_field(Gate& gate, const clang::FieldDecl& field) {
    const auto* owner = llvm::dyn_cast<clang::CXXRecordDecl>(field.getDeclContext());
    if (owner != nullptr && owner->isLambda()) {
        return;
    }
    const clang::SourceLocation at = field.getLocation();
    const clang::QualType type = field.getType();
    if (field.isMutable()) {
        gate.refuse(at, "mutable", "a mutable member; make the member function non-const");
    }
    if (field.isBitField()) {
        gate.refuse(at, "bit-field", "a bit-field; use masks and shifts, or the layout types that abi/ generates");
    }
    if (is_view(type) && (owner == nullptr || !is_marked_view(*owner))) {
        gate.refuse(
            at, "stored-view",
            "a reference or view as a member; pass it as a parameter, store a link of the frame, or make the class "
            "a view: [[gsl::Pointer]]");
    }
    // Constructors that are written out are checked one by one, and a variable of aggregate type must have an
    // initialiser list, which leaves nothing out. Any other class may be default-initialised by its users.
    const bool implicitly = owner == nullptr || (!owner->isAggregate() && owner->hasDefaultConstructor() &&
                                                 !owner->hasUserProvidedDefaultConstructor());
    if (implicitly && !field.hasInClassInitializer() && left_uninitialised_by_default(type)) {
        gate.refuse(at, "uninit-member",
                    llvm::Twine("member '") + field.getName() + "' has no default initialiser; write `{}` or a value");
    }
}

/// Every constructor that is written out gives every member a value before its body begins.
void check_constructor(Gate& gate, const clang::CXXConstructorDecl& constructor) {
    if (!constructor.isThisDeclarationADefinition() || !constructor.isUserProvided() ||
        constructor.isDelegatingConstructor() || constructor.isDependentContext()) {
        return;
    }
    for (const clang::FieldDecl* field : constructor.getParent()->fields()) {
        if (field->hasInClassInitializer() || !left_uninitialised_by_default(field->getType())) {
            continue;
        }
        const bool written = llvm::any_of(constructor.inits(), [field](const clang::CXXCtorInitializer* initialiser) {
            return initialiser->isWritten() && initialiser->getAnyMember() == field;
        });
        if (!written) {
            gate.refuse(constructor.getLocation(), "uninit-member",
                        llvm::Twine("this constructor leaves member '") + field->getName() + "' uninitialised");
        }
    }
}

void check_bases(Gate& gate, const clang::CXXRecordDecl& record) {
    if (!record.isThisDeclarationADefinition()) {
        return;
    }
    for (const clang::CXXBaseSpecifier& base : record.bases()) {
        if (is_view(base.getType()) && !is_marked_view(record)) {
            gate.refuse(base.getBeginLoc(), "stored-view",
                        "a view as a base class; pass it as a parameter, or make the class a view: [[gsl::Pointer]]");
        }
        if (!record.isAggregate() && left_uninitialised_by_default(base.getType())) {
            gate.refuse(base.getBeginLoc(), "uninit-member", "a base class whose members have no default initialisers");
        }
    }
}

}  // namespace

void check_storage(Gate& gate, const clang::Decl& declaration) {
    if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(&declaration)) {
        check_frozen(gate, variable->getType(), variable->getLocation());
        check_variable(gate, *variable);
    } else if (const auto* field = llvm::dyn_cast<clang::FieldDecl>(&declaration)) {
        check_frozen(gate, field->getType(), field->getLocation());
        check_field(gate, *field);
    } else if (const auto* constructor = llvm::dyn_cast<clang::CXXConstructorDecl>(&declaration)) {
        check_constructor(gate, *constructor);
    } else if (const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(&declaration)) {
        if (!record->isLambda()) {
            check_bases(gate, *record);
        }
    }
}

}  // namespace gate
