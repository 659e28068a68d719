// SPDX-License-Identifier: GPL-2.0-only
//
// Clang's visitor with virtual functions: the template takes ten seconds to instantiate, on every first build.

#include "walker.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DynamicRecursiveASTVisitor.h"

namespace gate {

class Walker final : public clang::DynamicRecursiveASTVisitor {
    using Base = clang::DynamicRecursiveASTVisitor;

public:
    explicit Walker(NodeVisitor& visitor) : visitor_(visitor) {
        ShouldVisitTemplateInstantiations = true;
        ShouldVisitImplicitCode = false;
    }

    bool TraverseDecl(clang::Decl* declaration) override {
        if (declaration == nullptr) {
            return true;
        }
        // Scopes are always entered: an untrusted file may be included inside one.
        const bool scope =
            llvm::isa<clang::TranslationUnitDecl, clang::NamespaceDecl, clang::LinkageSpecDecl, clang::ExportDecl>(
                declaration);
        if (!scope && !visitor_.enters(*declaration)) {
            return true;
        }
        auto* function = llvm::dyn_cast<clang::FunctionDecl>(declaration);
        if (function == nullptr) {
            return Base::TraverseDecl(declaration);
        }
        const clang::FunctionDecl* const outer = function_;
        function_ = function;
        visitor_.enter_function(function_);
        const bool go_on = Base::TraverseDecl(declaration);
        function_ = outer;
        visitor_.enter_function(function_);
        return go_on;
    }

    bool dataTraverseStmtPre(clang::Stmt* statement) override {
        visitor_.enclosing_.push_back(statement);
        return true;
    }

    bool dataTraverseStmtPost(clang::Stmt*) override {
        visitor_.enclosing_.pop_back();
        return true;
    }

    bool VisitDecl(clang::Decl* declaration) override {
        if (!declaration->isImplicit() && !llvm::isa<clang::TranslationUnitDecl>(declaration)) {
            visitor_.declaration(*declaration);
        }
        return true;
    }

    bool VisitStmt(clang::Stmt* statement) override {
        visitor_.statement(*statement);
        return true;
    }

    bool VisitTypeLoc(clang::TypeLoc type) override {
        visitor_.type(type);
        return true;
    }

    /// The base class never shows qualifiers.
    bool TraverseQualifiedTypeLoc(clang::QualifiedTypeLoc type, bool qualifier) override {
        visitor_.type(type);
        return Base::TraverseQualifiedTypeLoc(type, qualifier);
    }

    /// The body of a generic lambda is shown for each type that it is called with; the base class shows only the
    /// pattern, in which most expressions have no type yet.
    bool TraverseLambdaExpr(clang::LambdaExpr* lambda) override {
        if (!Base::TraverseLambdaExpr(lambda)) {
            return false;
        }
        if (const clang::FunctionTemplateDecl* generic = lambda->getDependentCallOperator()) {
            for (clang::FunctionDecl* instance : generic->specializations()) {
                if (!TraverseDecl(instance)) {
                    return false;
                }
            }
        } else if (const clang::CXXMethodDecl* call = lambda->getCallOperator()) {
            visitor_.lambda_function(*call);
        }
        return true;
    }

    /// Only the form of an initialiser list that says what is initialised with what, conversions included.
    bool TraverseInitListExpr(clang::InitListExpr* list) override {
        clang::InitListExpr* semantic = list->isSemanticForm() ? list : list->getSemanticForm();
        if (semantic != nullptr) {
            list = semantic;
        }
        visitor_.statement(*list);
        return llvm::all_of(list->children(), [this](clang::Stmt* child) { return TraverseStmt(child); });
    }

    /// A default argument is shown where it is used as well: in a template it has types only there.
    bool VisitCXXDefaultArgExpr(clang::CXXDefaultArgExpr* expression) override {
        return !visitor_.enters(*expression->getParam()) || TraverseStmt(expression->getExpr());
    }

private:
    NodeVisitor& visitor_;
    const clang::FunctionDecl* function_ = nullptr;
};

void walk(clang::ASTContext& context, NodeVisitor& visitor) {
    Walker(visitor).TraverseDecl(context.getTranslationUnitDecl());
}

}  // namespace gate
