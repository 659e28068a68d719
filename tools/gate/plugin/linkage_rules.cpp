// SPDX-License-Identifier: GPL-2.0-only
//
// One definition for the whole program. Two source files that declare the same name differently are type confusion that
// no compiler reports, so what several files can see is declared in a header, which is the same for all of them:
// a .cpp file defines the functions that headers declare, and keeps everything else in an unnamed namespace.
// (That a function defined in a .cpp file was declared before is -Wmissing-prototypes.)

#include "gate.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/Basic/SourceManager.h"

namespace gate {
namespace {

constexpr const char* remedy = "; declare it in a header, or put it into an unnamed namespace";

bool only_declares(const clang::FunctionDecl& function) {
    return !function.isThisDeclarationADefinition() && !function.isDefaulted() && !function.isDeleted();
}

}  // namespace

void check_linkage(Gate& gate, const clang::Decl& declaration) {
    const auto* named = llvm::dyn_cast<clang::NamedDecl>(&declaration);
    if (named == nullptr || !gate.context.getSourceManager().isInMainFile(
                                gate.context.getSourceManager().getExpansionLoc(named->getLocation()))) {
        return;
    }
    if (!named->getDeclContext()->isFileContext() || !named->getLexicalDeclContext()->isFileContext()) {
        // A block-scope function declaration names a function of another file as well.
        const auto* function = llvm::dyn_cast<clang::FunctionDecl>(named);
        if (function != nullptr && function->isLocalExternDecl()) {
            gate.refuse(function->getLocation(), "one-definition",
                        "a function declared inside a function; include the header that declares it");
        }
        const auto* variable = llvm::dyn_cast<clang::VarDecl>(named);
        if (variable != nullptr && variable->isLocalExternDecl()) {
            gate.refuse(variable->getLocation(), "one-definition",
                        "an extern variable inside a function; include the header that declares it");
        }
        return;
    }
    if (!named->hasExternalFormalLinkage()) {
        return;
    }
    const auto* specialization = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(named);
    if (specialization != nullptr && !specialization->isExplicitSpecialization()) {
        return;
    }
    if (const auto* tag = llvm::dyn_cast<clang::TagDecl>(named)) {
        if (tag->isThisDeclarationADefinition() && !tag->isImplicit()) {
            gate.refuse(tag->getLocation(), "one-definition",
                        llvm::Twine("type '") + tag->getName() + "' is visible to other files" + remedy);
        }
    } else if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(named)) {
        if (function->isTemplateInstantiation()) {
            return;
        }
        if (only_declares(*function)) {
            gate.refuse(function->getLocation(), "one-definition",
                        llvm::Twine("function '") + function->getNameAsString() +
                            "' is declared in a source file; include the header that declares it");
        } else if (function->getPreviousDecl() == nullptr &&
                   (function->isInlined() || function->getDescribedFunctionTemplate() != nullptr)) {
            gate.refuse(function->getLocation(), "one-definition",
                        llvm::Twine("inline function or template '") + function->getNameAsString() +
                            "' is visible to other files" + remedy);
        }
    } else if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(named)) {
        if (!llvm::isa<clang::VarTemplateSpecializationDecl>(variable)) {
            gate.refuse(variable->getLocation(), "one-definition",
                        llvm::Twine("variable '") + variable->getName() + "' is visible to other files" + remedy);
        }
    }
}

}  // namespace gate
