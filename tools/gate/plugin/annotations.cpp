// SPDX-License-Identifier: GPL-2.0-only

#include "annotations.hpp"

#include "clang/AST/Attr.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/TypeLoc.h"

namespace gate {

bool this_is_lifetimebound(const clang::FunctionDecl& function) {
    const clang::TypeSourceInfo* info = function.getFirstDecl()->getTypeSourceInfo();
    // Written after the parameter list, it is an attribute of the function's type.
    for (clang::TypeLoc type = info == nullptr ? clang::TypeLoc() : info->getTypeLoc(); !type.isNull();) {
        const auto attributed = type.getAsAdjusted<clang::AttributedTypeLoc>();
        if (!attributed) {
            break;
        }
        if (llvm::isa_and_nonnull<clang::LifetimeBoundAttr>(attributed.getAttr())) {
            return true;
        }
        type = attributed.getModifiedLoc();
    }
    const clang::FunctionDecl* pattern = function.getTemplateInstantiationPattern();
    return pattern != nullptr && pattern != &function && this_is_lifetimebound(*pattern);
}

bool is_lifetimebound(const clang::FunctionDecl& function, unsigned parameter) {
    return function.getFirstDecl()->getParamDecl(parameter)->hasAttr<clang::LifetimeBoundAttr>();
}

bool is_marked_view(const clang::CXXRecordDecl& record) {
    for (const clang::Decl* redeclaration : record.redecls()) {
        if (redeclaration->hasAttr<clang::PointerAttr>()) {
            return true;
        }
    }
    const clang::CXXRecordDecl* pattern = record.getTemplateInstantiationPattern();
    return pattern != nullptr && pattern != &record && is_marked_view(*pattern);
}

bool is_lambda_call(const clang::FunctionDecl& function) {
    const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(&function);
    return method != nullptr && method->getParent()->isLambda();
}

}  // namespace gate
