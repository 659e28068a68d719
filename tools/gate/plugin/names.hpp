// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace clang {
class CXXRecordDecl;
class Decl;
class NamedDecl;
class QualType;
}  // namespace clang

namespace gate {

/// Where a declaration lives: the outermost namespace and the path below it, without inline and unnamed namespaces.
/// `std::ranges::fill` is {"std", "ranges::fill"}; a declaration at global scope has an empty root.
struct QualifiedName {
    std::string root;
    std::string path;
};
QualifiedName qualified_name(const clang::NamedDecl& declaration);

/// Whether the declaration lives in the top-level namespace `root` (or below it).
bool lives_in(const clang::Decl& declaration, llvm::StringRef root);

/// Whether a namespace called `name` lies between the declaration and its top-level namespace.
bool inside_namespace(const clang::Decl& declaration, llvm::StringRef name);

/// The path of a standard class below std:: ("optional"), or nothing if `type` is no class of namespace std.
/// Looks through references and qualifiers.
std::optional<std::string> std_class(clang::QualType type);
std::optional<std::string> std_class(const clang::CXXRecordDecl* record);

/// Whether the declaration or the class or template that it belongs to carries [[clang::annotate("...")]].
bool annotated(const clang::Decl& declaration, llvm::StringRef annotation);

}  // namespace gate
