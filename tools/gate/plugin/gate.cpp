// SPDX-License-Identifier: GPL-2.0-only

#include "gate.hpp"

#include "walker.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"

namespace gate {
namespace {

/// Applies every rule to every node outside trusted files.
class RuleVisitor : public NodeVisitor {
public:
    explicit RuleVisitor(Gate& gate) : gate_(gate) { gate_.enclosing = &enclosing(); }

    bool enters(const clang::Decl& declaration) override { return !gate_.trusted(declaration); }

    void declaration(const clang::Decl& declaration) override {
        check_declaration(gate_, declaration);
        check_attributes(gate_, declaration);
        check_storage(gate_, declaration);
        check_linkage(gate_, declaration);
        check_declared_names(gate_, declaration);
        check_lifetimes(gate_, declaration);
        if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration)) {
            check_moves(gate_, *function);
        }
    }

    void statement(const clang::Stmt& statement) override {
        check_statement(gate_, statement);
        check_cast(gate_, statement);
        check_pointers(gate_, statement);
        check_names(gate_, statement);
        check_views(gate_, statement);
        check_reseating(gate_, statement);
        check_alternatives(gate_, statement);
        note_calls(gate_, statement);
    }

    void type(clang::TypeLoc type) override {
        check_type(gate_, type);
        check_type_names(gate_, type);
    }

    void enter_function(const clang::FunctionDecl* function) override {
        gate_.function = function == nullptr ? nullptr : function->getCanonicalDecl();
    }

    void lambda_function(const clang::FunctionDecl& function) override {
        check_lifetimes(gate_, function);
        check_moves(gate_, function);
    }

private:
    Gate& gate_;
};

}  // namespace

bool Gate::trusted(clang::SourceLocation location) const {
    return report.policy().trusted(context.getSourceManager(), location);
}

bool Gate::trusted(const clang::Decl& declaration) const {
    // What the compiler makes up has no location of its own; it can only do what its source says.
    return (declaration.getLocation().isInvalid() && declaration.isImplicit()) || trusted(declaration.getLocation());
}

void check_translation_unit(Report& report, clang::ASTContext& context) {
    Gate gate{report, context};
    RuleVisitor visitor(gate);
    walk(context, visitor);
    check_recursion(gate);
}

}  // namespace gate
