// SPDX-License-Identifier: GPL-2.0-only
//
// A variable is not used after it was moved from: tokens of the frame are consumed by a move, and a later use would
// stand for something that is gone. A forward data-flow over clang's control-flow graph; a variable counts as moved
// where it may have been moved on some path.

#include "gate.hpp"

#include "names.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"
#include "clang/Analysis/CFG.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

#include <map>
#include <set>

namespace gate {
namespace {

using Variables = std::set<const clang::VarDecl*>;

const clang::VarDecl* local_variable(const clang::Expr* expression) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(expression->IgnoreParenImpCasts());
    const auto* variable = reference == nullptr ? nullptr : llvm::dyn_cast<clang::VarDecl>(reference->getDecl());
    return variable != nullptr && !variable->hasGlobalStorage() ? variable : nullptr;
}

/// The local variable that std::move or std::forward turns into an rvalue, or null.
const clang::VarDecl* moved_variable(const clang::Stmt& statement) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&statement);
    const clang::FunctionDecl* callee = call == nullptr ? nullptr : call->getDirectCallee();
    if (callee == nullptr || call->getNumArgs() != 1 || !call->isXValue() || !callee->getDeclName().isIdentifier() ||
        !lives_in(*callee, "std") || (callee->getName() != "move" && callee->getName() != "forward")) {
        return nullptr;
    }
    return local_variable(call->getArg(0));
}

/// The local variable that a simple assignment gives a new value, or null.
const clang::VarDecl* assigned_variable(const clang::Stmt& statement) {
    if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(&statement)) {
        return call->getOperator() == clang::OO_Equal ? local_variable(call->getArg(0)) : nullptr;
    }
    const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&statement);
    return binary != nullptr && binary->getOpcode() == clang::BO_Assign ? local_variable(binary->getLHS()) : nullptr;
}

const clang::Expr* assignment_target(const clang::Stmt& statement) {
    if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(&statement)) {
        return call->getArg(0)->IgnoreParenImpCasts();
    }
    return llvm::cast<clang::BinaryOperator>(statement).getLHS()->IgnoreParenImpCasts();
}

/// Collects what the transfer function needs to know about a body in advance.
void survey(const clang::Stmt* statement, bool& moves, llvm::SmallPtrSetImpl<const clang::Stmt*>& targets) {
    if (statement == nullptr) {
        return;
    }
    moves = moves || moved_variable(*statement) != nullptr;
    if (assigned_variable(*statement) != nullptr) {
        targets.insert(assignment_target(*statement));
    }
    for (const clang::Stmt* child : statement->children()) {
        survey(child, moves, targets);
    }
}

class MoveAnalysis {
public:
    MoveAnalysis(Gate& gate, const clang::CFG& graph, const llvm::SmallPtrSetImpl<const clang::Stmt*>& targets)
        : gate_(gate),
          graph_(graph),
          targets_(targets) {}

    void run() {
        for (bool changed = true; changed;) {
            changed = false;
            for (const clang::CFGBlock* block : graph_) {
                Variables moved;
                for (const clang::CFGBlock* predecessor : block->preds()) {
                    if (predecessor != nullptr) {
                        moved.insert(at_exit_[predecessor].begin(), at_exit_[predecessor].end());
                    }
                }
                transfer(*block, moved, false);
                if (moved != at_exit_[block]) {
                    at_exit_[block] = moved;
                    changed = true;
                }
            }
        }
        for (const clang::CFGBlock* block : graph_) {
            Variables moved;
            for (const clang::CFGBlock* predecessor : block->preds()) {
                if (predecessor != nullptr) {
                    moved.insert(at_exit_[predecessor].begin(), at_exit_[predecessor].end());
                }
            }
            transfer(*block, moved, true);
        }
    }

private:
    void transfer(const clang::CFGBlock& block, Variables& moved, bool report) {
        for (const clang::CFGElement& element : block) {
            const auto statement = element.getAs<clang::CFGStmt>();
            if (!statement) {
                continue;
            }
            const clang::Stmt& node = *statement->getStmt();
            if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&node)) {
                const clang::VarDecl* variable = local_variable(reference);
                if (report && variable != nullptr && moved.count(variable) != 0 && !targets_.contains(reference)) {
                    gate_.refuse(reference->getLocation(), "use-after-move",
                                 llvm::Twine("'") + variable->getName() +
                                     "' may have been moved from; give it a new value first, or move later");
                }
            } else if (const clang::VarDecl* source = moved_variable(node)) {
                moved.insert(source);
            } else if (const clang::VarDecl* target = assigned_variable(node)) {
                moved.erase(target);
            } else if (const auto* declarations = llvm::dyn_cast<clang::DeclStmt>(&node)) {
                for (const clang::Decl* declaration : declarations->decls()) {
                    if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(declaration)) {
                        moved.erase(variable);  // the next turn of a loop makes a new one
                    }
                }
            }
        }
    }

    Gate& gate_;
    const clang::CFG& graph_;
    const llvm::SmallPtrSetImpl<const clang::Stmt*>& targets_;
    std::map<const clang::CFGBlock*, Variables> at_exit_;
};

}  // namespace

void check_moves(Gate& gate, const clang::FunctionDecl& function) {
    if (!function.isThisDeclarationADefinition() || function.isDependentContext() || function.getBody() == nullptr) {
        return;
    }
    bool moves = false;
    llvm::SmallPtrSet<const clang::Stmt*, 16> targets;
    survey(function.getBody(), moves, targets);
    if (!moves) {
        return;
    }
    clang::CFG::BuildOptions options;
    options.setAllAlwaysAdd();
    const std::unique_ptr<clang::CFG> graph =
        clang::CFG::buildCFG(&function, function.getBody(), &gate.context, options);
    if (graph == nullptr) {
        gate.refuse(function.getLocation(), "use-after-move",
                    "this function's control flow cannot be analysed; simplify it");
        return;
    }
    MoveAnalysis(gate, *graph, targets).run();
}

}  // namespace gate
