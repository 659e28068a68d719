// SPDX-License-Identifier: GPL-2.0-only

#include "names.hpp"

#include "clang/AST/Attr.h"
#include "clang/AST/Decl.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "llvm/ADT/SmallVector.h"

namespace gate {
namespace {

const clang::NamespaceDecl* outermost_namespace(const clang::Decl& declaration) {
    const clang::NamespaceDecl* outermost = llvm::dyn_cast<clang::NamespaceDecl>(&declaration);
    for (const clang::DeclContext* context = declaration.getDeclContext(); context != nullptr;
         context = context->getParent()) {
        if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(context)) {
            outermost = space;
        }
    }
    return outermost;
}

bool carries(const clang::Decl& declaration, llvm::StringRef annotation) {
    for (const clang::Decl* redeclaration : declaration.redecls()) {
        for (const auto* attribute : redeclaration->specific_attrs<clang::AnnotateAttr>()) {
            if (attribute->getAnnotation() == annotation) {
                return true;
            }
        }
    }
    return false;
}

/// The template from which an instantiated declaration was made, or the template that describes it; null if none.
const clang::Decl* pattern_of(const clang::Decl& declaration) {
    if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration)) {
        return function->getTemplateInstantiationPattern();
    }
    if (const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(&declaration)) {
        return record->getTemplateInstantiationPattern();
    }
    if (const auto* redeclarable = llvm::dyn_cast<clang::TemplateDecl>(&declaration)) {
        return redeclarable->getTemplatedDecl();
    }
    return nullptr;
}

}  // namespace

QualifiedName qualified_name(const clang::NamedDecl& declaration) {
    QualifiedName result;
    llvm::SmallVector<std::string, 8> parts{declaration.getNameAsString()};
    for (const clang::DeclContext* context = declaration.getDeclContext(); context != nullptr;
         context = context->getParent()) {
        if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(context)) {
            if (!space->isInline() && !space->isAnonymousNamespace()) {
                parts.push_back(space->getNameAsString());
            }
        } else if (const auto* tag = llvm::dyn_cast<clang::TagDecl>(context)) {
            parts.push_back(tag->getNameAsString());
        }
    }
    if (parts.size() > 1) {
        result.root = parts.pop_back_val();
    }
    while (!parts.empty()) {
        result.path += parts.pop_back_val();
        if (!parts.empty()) {
            result.path += "::";
        }
    }
    return result;
}

bool lives_in(const clang::Decl& declaration, llvm::StringRef root) {
    const clang::NamespaceDecl* outermost = outermost_namespace(declaration);
    return outermost != nullptr && outermost->getName() == root;
}

bool inside_namespace(const clang::Decl& declaration, llvm::StringRef name) {
    for (const clang::DeclContext* context = declaration.getDeclContext(); context != nullptr;
         context = context->getParent()) {
        const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(context);
        if (space != nullptr && space->getName() == name) {
            return true;
        }
    }
    return false;
}

std::optional<std::string> std_class(const clang::CXXRecordDecl* record) {
    if (record == nullptr || !lives_in(*record, "std")) {
        return std::nullopt;
    }
    return qualified_name(*record).path;
}

std::optional<std::string> std_class(clang::QualType type) {
    if (type.isNull()) {
        return std::nullopt;
    }
    return std_class(type.getNonReferenceType()->getAsCXXRecordDecl());
}

bool annotated(const clang::Decl& declaration, llvm::StringRef annotation) {
    if (carries(declaration, annotation)) {
        return true;
    }
    const clang::Decl* pattern = pattern_of(declaration);
    if (pattern != nullptr && carries(*pattern, annotation)) {
        return true;
    }
    const auto* owner = llvm::dyn_cast_or_null<clang::CXXRecordDecl>(declaration.getDeclContext());
    return owner != nullptr && annotated(*owner, annotation);
}

}  // namespace gate
