// SPDX-License-Identifier: GPL-2.0-only
//
// Which names of trusted code may be used: std:: by allow-list, frame:: except its insides, nothing of the C library.

#include "gate.hpp"

#include "allow_lists.hpp"
#include "names.hpp"

#include "clang/AST/ASTConcept.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/ExprConcepts.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/Support/Path.h"

namespace gate {
namespace {

/// Declarations that exist at compile time only, by the header that has them (libc++ and libstdc++ layouts).
bool compile_time_only(Gate& gate, const clang::NamedDecl& declaration) {
    if (llvm::isa<clang::ConceptDecl>(declaration)) {
        return true;
    }
    const clang::SourceManager& sources = gate.context.getSourceManager();
    const llvm::StringRef file = sources.getFilename(sources.getExpansionLoc(declaration.getLocation()));
    const llvm::StringRef name = llvm::sys::path::filename(file);
    const llvm::StringRef directory = llvm::sys::path::filename(llvm::sys::path::parent_path(file));
    return directory == "__type_traits" || directory == "__concepts" || directory == "__compare" ||
           name == "type_traits" || name == "concepts" || name == "compare";
}

bool is_operator(const clang::NamedDecl& declaration) {
    return declaration.getDeclName().getNameKind() == clang::DeclarationName::CXXOperatorName;
}

/// Free operators of std: comparisons, and the bit operators of std::byte.
bool allowed_std_operator(const clang::FunctionDecl& function) {
    switch (function.getOverloadedOperator()) {
    case clang::OO_EqualEqual:
    case clang::OO_ExclaimEqual:
    case clang::OO_Less:
    case clang::OO_LessEqual:
    case clang::OO_Greater:
    case clang::OO_GreaterEqual:
    case clang::OO_Spaceship:
        return true;
    default:
        break;
    }
    const clang::QualType first =
        function.getNumParams() == 0 ? clang::QualType() : function.getParamDecl(0)->getType().getNonReferenceType();
    const auto* tag = first.isNull() ? nullptr : first->getAsTagDecl();
    return tag != nullptr && tag->getName() == "byte" && lives_in(*tag, "std");
}

void refuse_std(Gate& gate, clang::SourceLocation at, const llvm::Twine& name) {
    gate.refuse(at, "std-name",
                llvm::Twine("std::") + name +
                    " is not on the allow-list (tools/gate/allow/std_names.def); use a checked equivalent");
}

/// A name at namespace scope, or a type.
void check_std_name(Gate& gate, clang::SourceLocation at, const clang::NamedDecl& declaration) {
    if (compile_time_only(gate, declaration)) {
        return;
    }
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration);
    if (function != nullptr && is_operator(declaration)) {
        if (!allowed_std_operator(*function)) {
            refuse_std(gate, at, declaration.getNameAsString());
        }
        return;
    }
    const std::string path = qualified_name(declaration).path;
    if (!allowed::std_name(path)) {
        refuse_std(gate, at, path);
    }
}

/// A member of a standard class. `object` is the type through which it is reached, which may derive from the class
/// that declares it.
void check_std_member(Gate& gate, clang::SourceLocation at, const clang::NamedDecl& member, clang::QualType object) {
    const auto* owner = llvm::dyn_cast<clang::CXXRecordDecl>(member.getDeclContext());
    if (owner == nullptr || compile_time_only(gate, *owner)) {
        return;
    }
    const auto* method = llvm::dyn_cast<clang::FunctionDecl>(&member);
    if (method != nullptr && method->getOverloadedOperator() == clang::OO_Call) {
        return;  // function objects: the object itself was named, and checked then
    }
    if (method != nullptr && is_operator(member) && allowed_std_operator(*method)) {
        return;
    }
    std::string name = qualified_name(*owner).path;
    if (owner->getName().starts_with("_")) {
        if (const auto derived = std_class(object)) {
            name = *derived;
        }
    }
    if (!allowed::std_member(name, member.getNameAsString())) {
        refuse_std(gate, at, llvm::Twine(name) + "::" + member.getNameAsString());
    }
}

void check_frame_name(Gate& gate, clang::SourceLocation at, const clang::NamedDecl& declaration) {
    if (inside_namespace(declaration, "detail")) {
        gate.refuse(at, "frame-detail",
                    llvm::Twine("'") + declaration.getNameAsString() +
                        "' belongs to the inside of the frame; use the public names of frame/include");
    }
    if (annotated(declaration, "frame.unsafe")) {
        gate.refuse(at, "frame-unsafe",
                    llvm::Twine("'") + declaration.getNameAsString() +
                        "' is marked frame.unsafe: its caller must prove something. Only the frame may use it");
    }
}

/// Names at global scope that trusted headers bring in: the C library, compiler builtins.
void check_global_name(Gate& gate, clang::SourceLocation at, const clang::NamedDecl& declaration) {
    if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration)) {
        if (function->getBuiltinID() != 0 && function->getName().starts_with("__")) {
            if (!allowed::builtin(function->getName())) {
                gate.refuse(at, "builtin",
                            llvm::Twine("compiler builtin ") + function->getName() +
                                "; use <bit>, <utility> or <numeric>, or do it in frame/");
            }
            return;
        }
        gate.refuse(at, function->isExternC() ? "c-linkage" : "global-name",
                    llvm::Twine("'") + function->getNameAsString() +
                        "' is a function of no namespace; use what frame:: and std:: offer");
    } else if (llvm::isa<clang::VarDecl>(declaration)) {
        gate.refuse(at, "global-name", llvm::Twine("global variable '") + declaration.getNameAsString() + "'");
    } else if (llvm::isa<clang::TypedefNameDecl>(declaration)) {
        if (!allowed::std_name(declaration.getName())) {
            gate.refuse(at, "global-name",
                        llvm::Twine("type '") + declaration.getNameAsString() +
                            "' of the C library; use what frame:: and std:: offer");
        }
    }
}

/// A use of a private member of a trusted class gets past the compiler only through holes in the language's access
/// rules (explicit specialisation, explicit instantiation).
void check_access(Gate& gate, clang::SourceLocation at, const clang::NamedDecl& declaration) {
    const auto* owner = llvm::dyn_cast<clang::CXXRecordDecl>(declaration.getDeclContext());
    if (owner != nullptr && declaration.getAccess() == clang::AS_private) {
        gate.refuse(at, "private-access",
                    llvm::Twine("'") + declaration.getNameAsString() + "' is private to the trusted class '" +
                        owner->getName() + "'");
    }
}

bool is_global(const clang::NamedDecl& declaration) {
    return declaration.getDeclContext()->getRedeclContext()->isTranslationUnit();
}

/// Names that are the compiler's own, such as the types behind __builtin_va_list.
bool from_compiler(const clang::NamedDecl& declaration) {
    return declaration.isImplicit() && declaration.getLocation().isInvalid() &&
           !llvm::isa<clang::FunctionDecl>(declaration);
}

bool is_builtin_function(const clang::NamedDecl& declaration) {
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration);
    return function != nullptr && function->getBuiltinID() != 0;
}

}  // namespace

void check_trusted_name(Gate& gate, clang::SourceLocation at, const clang::NamedDecl& declaration,
                        clang::QualType object) {
    if (llvm::isa<clang::TemplateTypeParmDecl, clang::NonTypeTemplateParmDecl, clang::TemplateTemplateParmDecl,
                  clang::NamespaceDecl, clang::EnumConstantDecl>(declaration) ||
        from_compiler(declaration)) {
        return;
    }
    if (!gate.trusted(declaration) && !is_builtin_function(declaration)) {
        return;
    }
    if (is_global(declaration)) {
        check_global_name(gate, at, declaration);
        return;
    }
    check_frame_name(gate, at, declaration);
    check_access(gate, at, declaration);
    if (!lives_in(declaration, "std")) {
        return;
    }
    if (llvm::isa<clang::CXXRecordDecl>(declaration.getDeclContext())) {
        check_std_member(gate, at, declaration, object);
    } else {
        check_std_name(gate, at, declaration);
    }
}

void check_names(Gate& gate, const clang::Stmt& statement) {
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&statement)) {
        clang::QualType object;
        // For an operator call, the class is that of the first operand.
        for (unsigned level = 1; level <= 2; ++level) {
            const auto* call = llvm::dyn_cast_or_null<clang::CXXOperatorCallExpr>(gate.ancestor(level));
            if (call != nullptr && call->getNumArgs() > 0 && call->getCallee()->IgnoreImpCasts() == reference) {
                object = call->getArg(0)->IgnoreParenImpCasts()->getType();
            }
        }
        check_trusted_name(gate, reference->getBeginLoc(), *reference->getDecl(), object);
    } else if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(&statement)) {
        clang::QualType object = member->getBase()->IgnoreParenImpCasts()->getType();
        if (object->isPointerType()) {
            object = object->getPointeeType();
        }
        check_trusted_name(gate, member->getMemberLoc(), *member->getMemberDecl(), object);
    } else if (const auto* construction = llvm::dyn_cast<clang::CXXConstructExpr>(&statement)) {
        const clang::CXXConstructorDecl* constructor = construction->getConstructor();
        if (gate.trusted(*constructor) && !lives_in(*constructor, "std")) {
            check_frame_name(gate, construction->getBeginLoc(), *constructor);
        }
    } else if (const auto* overloads = llvm::dyn_cast<clang::OverloadExpr>(&statement)) {
        for (const clang::NamedDecl* candidate : overloads->decls()) {
            const clang::NamedDecl* target = candidate->getUnderlyingDecl();
            if (!llvm::isa<clang::CXXMethodDecl>(target) && !llvm::isa<clang::UnresolvedMemberExpr>(overloads)) {
                check_trusted_name(gate, overloads->getNameLoc(), *target, {});
            }
        }
    } else if (const auto* concept_use = llvm::dyn_cast<clang::ConceptSpecializationExpr>(&statement)) {
        check_trusted_name(gate, concept_use->getBeginLoc(), *concept_use->getNamedConcept(), {});
    }
}

void check_type_names(Gate& gate, clang::TypeLoc type) {
    const clang::NamedDecl* declaration = nullptr;
    if (const auto name = type.getAs<clang::TypedefTypeLoc>()) {
        declaration = name.getDecl();
    } else if (const auto used = type.getAs<clang::UsingTypeLoc>()) {
        declaration = used.getDecl()->getTargetDecl();
    } else if (const auto specialization = type.getAs<clang::TemplateSpecializationTypeLoc>()) {
        declaration = specialization.getTypePtr()->getTemplateName().getAsTemplateDecl();
    } else if (const auto deduced = type.getAs<clang::DeducedTemplateSpecializationTypeLoc>()) {
        declaration = deduced.getTypePtr()->getTemplateName().getAsTemplateDecl();
    } else if (const auto tag = type.getAs<clang::TagTypeLoc>()) {
        declaration = tag.getDecl();
    }
    if (declaration == nullptr) {
        return;
    }
    // Member types of standard classes (value_type and so on) stand for types that are judged where values have them.
    const auto* owner = llvm::dyn_cast<clang::CXXRecordDecl>(declaration->getDeclContext());
    if (owner != nullptr && gate.trusted(*declaration) && lives_in(*declaration, "std")) {
        return;
    }
    check_trusted_name(gate, type.getBeginLoc(), *declaration, {});
}

void check_declared_names(Gate& gate, const clang::Decl& declaration) {
    if (const auto* shadow = llvm::dyn_cast<clang::UsingDecl>(&declaration)) {
        for (const clang::UsingShadowDecl* target : shadow->shadows()) {
            check_trusted_name(gate, shadow->getLocation(), *target->getTargetDecl(), {});
        }
    }
}

}  // namespace gate
