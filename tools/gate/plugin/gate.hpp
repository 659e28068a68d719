// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "report.hpp"

#include "clang/AST/TypeLoc.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

#include <memory>
#include <vector>

namespace clang {
class ASTContext;
class Attr;
class Decl;
class Expr;
class FunctionDecl;
class NamedDecl;
class Preprocessor;
class Stmt;
}  // namespace clang

namespace gate {

/// Functions and whom they call, in the order of the source.
using CallGraph = llvm::MapVector<const clang::FunctionDecl*, llvm::SetVector<const clang::FunctionDecl*>>;

/// What the rules share while one translation unit is walked.
struct Gate {
    Report& report;
    clang::ASTContext& context;

    /// Statements that enclose the one being visited, outermost first, itself last.
    const std::vector<const clang::Stmt*>* enclosing = nullptr;

    /// Pointer-typed expressions that are fine where they stand: `this` before `->`, the function of a direct call.
    llvm::DenseSet<const clang::Stmt*> harmless{};

    /// The function whose body is being visited, or null; and who calls whom so far.
    const clang::FunctionDecl* function = nullptr;
    CallGraph calls{};

    bool trusted(const clang::Decl& declaration) const;
    bool trusted(clang::SourceLocation location) const;

    /// The n-th enclosing statement of the one being visited (1 is the parent), or null.
    const clang::Stmt* ancestor(unsigned n) const {
        return n < enclosing->size() ? (*enclosing)[enclosing->size() - 1 - n] : nullptr;
    }

    void refuse(clang::SourceLocation location, llvm::StringRef rule, const llvm::Twine& why) {
        report.refuse(location, rule, why);
    }
};

// Each rule file checks one aspect of one AST node. The walker calls all of them for every node outside trusted files,
// parents before children.
void check_declaration(Gate& gate, const clang::Decl& declaration);  // declaration_rules.cpp
void check_attributes(Gate& gate, const clang::Decl& declaration);   // attribute_rules.cpp
void check_attribute(Gate& gate, const clang::Attr& attribute, clang::SourceLocation fallback);
void check_storage(Gate& gate, const clang::Decl& declaration);  // storage_rules.cpp
void check_linkage(Gate& gate, const clang::Decl& declaration);  // linkage_rules.cpp
void check_type(Gate& gate, clang::TypeLoc type);                // type_rules.cpp
void check_statement(Gate& gate, const clang::Stmt& statement);  // statement_rules.cpp
void check_cast(Gate& gate, const clang::Stmt& statement);       // cast_rules.cpp
void check_pointers(Gate& gate, const clang::Stmt& statement);   // pointer_rules.cpp
void check_names(Gate& gate, const clang::Stmt& statement);      // name_rules.cpp
void check_type_names(Gate& gate, clang::TypeLoc type);
void check_declared_names(Gate& gate, const clang::Decl& declaration);
void check_trusted_name(Gate& gate, clang::SourceLocation at, const clang::NamedDecl& declaration,
                        clang::QualType object);
void check_views(Gate& gate, const clang::Stmt& statement);         // view_rules.cpp
void check_alternatives(Gate& gate, const clang::Stmt& statement);  // alternative_rules.cpp
void check_reseating(Gate& gate, const clang::Stmt& statement);     // lifetime_rules.cpp
void check_lifetimes(Gate& gate, const clang::Decl& declaration);   // lifetime_rules.cpp
void check_moves(Gate& gate, const clang::FunctionDecl& function);  // move_rules.cpp

void note_calls(Gate& gate, const clang::Stmt& statement);  // recursion_rules.cpp
void check_recursion(Gate& gate);

/// Walks the translation unit and applies the rules above.
void check_translation_unit(Report& report, clang::ASTContext& context);

/// Watches the preprocessor: includes, pragmas, macros, line markers.
void watch_preprocessor(const std::shared_ptr<Report>& report, clang::Preprocessor& preprocessor);

}  // namespace gate
