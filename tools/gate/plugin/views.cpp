// SPDX-License-Identifier: GPL-2.0-only

#include "views.hpp"

#include "annotations.hpp"
#include "names.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Attr.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "llvm/ADT/StringSet.h"

namespace gate {
namespace {

/// Types nest finitely; this bounds the work for hostile ones. Beyond it the answer is the strict one.
constexpr int max_depth = 12;

/// Standard classes that refer to memory of others but that clang does not mark.
bool standard_view(llvm::StringRef path) {
    static const llvm::StringSet<> views{"span",
                                         "basic_string_view",
                                         "reference_wrapper",
                                         "function_ref",
                                         "mdspan",
                                         "initializer_list",
                                         "ranges::subrange",
                                         "ranges::ref_view",
                                         "bitset::reference"};
    if (views.contains(path) || path.contains("iter")) {
        return true;
    }
    return path.starts_with("ranges::") && path.ends_with("_view") && path != "ranges::iota_view";
}

bool view(clang::QualType type, int depth);

bool any_view(llvm::ArrayRef<clang::TemplateArgument> arguments, int depth) {
    for (const clang::TemplateArgument& argument : arguments) {
        if (argument.getKind() == clang::TemplateArgument::Type && view(argument.getAsType(), depth)) {
            return true;
        }
        if (argument.getKind() == clang::TemplateArgument::Pack && any_view(argument.pack_elements(), depth)) {
            return true;
        }
    }
    return false;
}

bool view_class(const clang::CXXRecordDecl& record, int depth) {
    if (is_marked_view(record)) {
        return true;
    }
    if (record.isLambda()) {
        for (const clang::FieldDecl* field : record.fields()) {
            if (view(field->getType(), depth)) {
                return true;
            }
        }
        for (const clang::LambdaCapture& capture : record.captures()) {
            if (capture.getCaptureKind() == clang::LCK_ByRef || capture.capturesThis()) {
                return true;
            }
        }
        return false;
    }
    if (const auto path = std_class(&record)) {
        if (standard_view(*path)) {
            return true;
        }
        const auto* specialization = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(&record);
        return specialization != nullptr && any_view(specialization->getTemplateArgs().asArray(), depth);
    }
    if (!record.hasDefinition() || record.hasAttr<clang::OwnerAttr>()) {
        return false;
    }
    for (const clang::CXXBaseSpecifier& base : record.bases()) {
        if (view(base.getType(), depth)) {
            return true;
        }
    }
    for (const clang::FieldDecl* field : record.fields()) {
        // A raw pointer or reference alone says nothing about ownership: kernel objects are linked by them.
        const clang::QualType type = field->getType();
        if (!type->isReferenceType() && !type->isPointerType() && view(type, depth)) {
            return true;
        }
    }
    return false;
}

bool view(clang::QualType type, int depth) {
    if (type.isNull()) {
        return false;
    }
    if (depth > max_depth) {
        return true;
    }
    const clang::QualType canonical = type.getCanonicalType();
    if (canonical->isReferenceType()) {
        return true;
    }
    if (canonical->isPointerType()) {
        return !canonical->isFunctionPointerType();
    }
    if (const auto* array = llvm::dyn_cast<clang::ArrayType>(canonical.getTypePtr())) {
        return view(array->getElementType(), depth + 1);
    }
    const clang::CXXRecordDecl* record = canonical->getAsCXXRecordDecl();
    return record != nullptr && view_class(*record, depth + 1);
}

}  // namespace

bool is_view(clang::QualType type) { return view(type, 0); }

bool is_alternative(clang::QualType type) {
    const auto path = std_class(type);
    return path && (*path == "optional" || *path == "expected" || *path == "variant");
}

}  // namespace gate
