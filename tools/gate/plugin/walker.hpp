// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "clang/AST/TypeLoc.h"

#include <vector>

namespace clang {
class ASTContext;
class Decl;
class FunctionDecl;
class Stmt;
}  // namespace clang

namespace gate {

/// Receives the nodes of a syntax tree, parents before children, instantiated templates included.
class NodeVisitor {
public:
    virtual ~NodeVisitor() = default;

    /// Whether to look at a declaration and what is inside it. Not asked for namespaces and the like.
    virtual bool enters(const clang::Decl& declaration) = 0;

    virtual void declaration(const clang::Decl& declaration) = 0;
    virtual void statement(const clang::Stmt& statement) = 0;
    virtual void type(clang::TypeLoc type) = 0;

    /// The function whose body is shown from now on, or null behind it. The body of a lambda belongs to the function
    /// around it, except that of a generic one.
    virtual void enter_function(const clang::FunctionDecl*) {}

    /// The call operator of a lambda, after its body was visited. (Generic ones arrive as declarations.)
    virtual void lambda_function(const clang::FunctionDecl& function) = 0;

    /// Statements that enclose the one being visited, outermost first, itself last.
    const std::vector<const clang::Stmt*>& enclosing() const { return enclosing_; }

private:
    friend class Walker;
    std::vector<const clang::Stmt*> enclosing_;
};

/// Shows the whole translation unit to the visitor.
void walk(clang::ASTContext& context, NodeVisitor& visitor);

}  // namespace gate
