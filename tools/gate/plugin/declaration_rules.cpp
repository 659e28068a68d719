// SPDX-License-Identifier: GPL-2.0-only
//
// Which kinds of declarations there may be, and what classes and functions may look like.

#include "gate.hpp"

#include "allow_lists.hpp"
#include "names.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclFriend.h"
#include "clang/AST/DeclTemplate.h"

namespace gate {
namespace {

/// Kinds that are denied by default, but deserve a better message than "construct".
void check_kind(Gate& gate, const clang::Decl& declaration) {
    const clang::SourceLocation at = declaration.getLocation();
    switch (declaration.getKind()) {
    case clang::Decl::FileScopeAsm:
        gate.refuse(at, "asm", "file-scope assembly; it belongs into frame/");
        return;
    case clang::Decl::LinkageSpec:
        gate.refuse(at, "c-linkage", "a linkage specification; C linkage belongs into frame/");
        return;
    case clang::Decl::Friend: {
        // A defaulted comparison opens nothing.
        const clang::NamedDecl* target = llvm::cast<clang::FriendDecl>(declaration).getFriendDecl();
        const auto* function = llvm::dyn_cast_or_null<clang::FunctionDecl>(target);
        if (function != nullptr && function->isDefaulted()) {
            return;
        }
        [[fallthrough]];
    }
    case clang::Decl::FriendTemplate:
        gate.refuse(at, "friend", "a friend declaration; give the class a member function instead");
        return;
    case clang::Decl::UsingDirective:
        gate.refuse(at, "using-directive",
                    "a using-directive; write the namespace, or a using-declaration for one name");
        return;
    case clang::Decl::Import:
    case clang::Decl::Export:
        gate.refuse(at, "module", "C++ modules; include a header instead");
        return;
    case clang::Decl::Label:
        gate.refuse(at, "goto", "a label; use a loop or a function");
        return;
    case clang::Decl::Typedef:
        gate.refuse(at, "construct", "a typedef; write `using name = type`");
        return;
    default:
        if (!allowed::declaration(declaration.getKind())) {
            gate.refuse(
                at, "construct",
                llvm::Twine("a declaration of kind ") + declaration.getDeclKindName() + " is outside the safe subset");
        }
    }
}

void check_namespace(Gate& gate, const clang::Decl& declaration) {
    const clang::DeclContext* context = declaration.getLexicalDeclContext();
    if (!context->getRedeclContext()->isTranslationUnit()) {
        return;
    }
    if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(&declaration)) {
        if (space->getName() == "kernel") {
            return;
        }
        gate.refuse(space->getLocation(), "namespace",
                    llvm::Twine("namespace '") + (space->isAnonymousNamespace() ? "(unnamed)" : space->getName()) +
                        "' at global scope; code of the kernel lives in namespace kernel");
        return;
    }
    if (llvm::isa<clang::StaticAssertDecl, clang::EmptyDecl, clang::LinkageSpecDecl, clang::ExportDecl,
                  clang::UsingDirectiveDecl, clang::FileScopeAsmDecl, clang::ImportDecl>(declaration)) {
        return;
    }
    const auto* specialization = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(&declaration);
    if (specialization != nullptr && annotated(*specialization->getSpecializedTemplate(), "frame.specialize")) {
        return;
    }
    gate.refuse(declaration.getLocation(), "namespace",
                "a declaration at global scope; code of the kernel lives in namespace kernel");
}

/// Explicit specialisations of trusted templates change what trusted code does; explicit instantiations ignore access.
void check_specialization(Gate& gate, const clang::Decl& declaration) {
    clang::TemplateSpecializationKind kind = clang::TSK_Undeclared;
    const clang::NamedDecl* subject = nullptr;
    const clang::Decl* primary = nullptr;
    if (const auto* record = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(&declaration)) {
        kind = record->getSpecializationKind();
        subject = record;
        primary = record->getSpecializedTemplate();
    } else if (const auto* variable = llvm::dyn_cast<clang::VarTemplateSpecializationDecl>(&declaration)) {
        kind = variable->getSpecializationKind();
        subject = variable;
        primary = variable->getSpecializedTemplate();
    } else if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration)) {
        kind = function->getTemplateSpecializationKind();
        subject = function;
        primary = function->getPrimaryTemplate();
    }
    if (kind == clang::TSK_ExplicitInstantiationDeclaration || kind == clang::TSK_ExplicitInstantiationDefinition) {
        gate.refuse(declaration.getLocation(), "explicit-instantiation",
                    "explicit instantiation ignores access control; let the template be instantiated by its use");
    }
    const bool explicitly =
        kind == clang::TSK_ExplicitSpecialization ||
        llvm::isa<clang::ClassTemplatePartialSpecializationDecl, clang::VarTemplatePartialSpecializationDecl>(
            declaration);
    if (explicitly && subject != nullptr && primary != nullptr && gate.trusted(*primary) &&
        !annotated(*primary, "frame.specialize")) {
        gate.refuse(declaration.getLocation(), "namespace",
                    llvm::Twine("specialisation of the trusted template '") + subject->getNameAsString() +
                        "'; only templates marked [[clang::annotate(\"frame.specialize\")]] may be specialised");
    }
}

void check_record(Gate& gate, const clang::CXXRecordDecl& record) {
    if (record.isUnion()) {
        gate.refuse(record.getLocation(), "union", "a union; use std::variant, or a type of the frame");
    }
    if (!record.isThisDeclarationADefinition() || record.isLambda()) {
        return;
    }
    if (record.isPolymorphic()) {
        gate.refuse(record.getLocation(), "virtual",
                    "a class with virtual functions; use std::variant, a template or a switch over an enum class");
    }
    for (const clang::CXXBaseSpecifier& base : record.bases()) {
        if (base.isVirtual()) {
            gate.refuse(base.getBeginLoc(), "virtual", "a virtual base class; use composition");
        }
        const clang::CXXRecordDecl* parent = base.getType()->getAsCXXRecordDecl();
        if (parent != nullptr && lives_in(*parent, "std") && !parent->isEmpty()) {
            gate.refuse(base.getBeginLoc(), "std-base",
                        llvm::Twine("std::") + parent->getName() + " as a base class; make it a member");
        }
    }
}

void check_operator_name(Gate& gate, const clang::FunctionDecl& function) {
    switch (function.getOverloadedOperator()) {
    case clang::OO_New:
    case clang::OO_Delete:
    case clang::OO_Array_New:
    case clang::OO_Array_Delete:
        gate.refuse(function.getLocation(), "new",
                    "an allocation function; objects come from untyped memory, by the frame");
        return;
    case clang::OO_Amp:
        if (function.param_size() + (llvm::isa<clang::CXXMethodDecl>(function) ? 1 : 0) == 1) {
            gate.refuse(function.getLocation(), "address-of", "an overloaded operator&; name the function");
        }
        return;
    case clang::OO_Comma:
    case clang::OO_Coawait:
        gate.refuse(function.getLocation(), "construct", "an overload of this operator; name the function");
        return;
    default:
        return;
    }
}

void check_function(Gate& gate, const clang::FunctionDecl& function) {
    check_operator_name(gate, function);
    if (function.isVariadic()) {
        gate.refuse(function.getLocation(), "varargs", "a C variadic function; use a parameter pack or std::span");
    }
    if (function.isExternC()) {
        gate.refuse(function.getLocation(), "c-linkage", "C linkage; it belongs into frame/");
    }
    if (const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(&function)) {
        if (method->isVirtualAsWritten()) {
            gate.refuse(method->getLocation(), "virtual", "a virtual function; use std::variant or a template");
        }
        if (method->isVolatile()) {
            gate.refuse(method->getLocation(), "volatile",
                        "a volatile member function; device access belongs into frame/");
        }
    }
}

}  // namespace

void check_declaration(Gate& gate, const clang::Decl& declaration) {
    check_kind(gate, declaration);
    check_namespace(gate, declaration);
    check_specialization(gate, declaration);
    if (const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(&declaration)) {
        check_record(gate, *record);
    }
    if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration)) {
        check_function(gate, *function);
    }
}

}  // namespace gate
