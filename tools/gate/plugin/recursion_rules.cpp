// SPDX-License-Identifier: GPL-2.0-only
//
// No function of a file calls itself, directly or through others of the file. (Chains across files are found by
// tools/gate/callgraph.py in the compiled program.) The kernel has one small stack per core; without recursion the
// longest chain of calls is finite.

#include "gate.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "llvm/ADT/SmallVector.h"

namespace gate {
namespace {

using Function = const clang::FunctionDecl*;

/// A shortest chain of calls from `start` back to itself; empty if there is none.
llvm::SmallVector<Function, 8> chain_back(const CallGraph& graph, Function start) {
    llvm::DenseMap<Function, Function> came_from;
    llvm::SmallVector<Function, 32> queue{start};
    for (std::size_t next = 0; next < queue.size(); ++next) {
        const Function caller = queue[next];
        const auto calls = graph.find(caller);
        if (calls == graph.end()) {
            continue;
        }
        for (const Function callee : calls->second) {
            if (callee == start) {
                llvm::SmallVector<Function, 8> chain{start};
                for (Function step = caller; step != start; step = came_from[step]) {
                    chain.push_back(step);
                }
                chain.push_back(start);
                return {chain.rbegin(), chain.rend()};
            }
            if (came_from.insert({callee, caller}).second) {
                queue.push_back(callee);
            }
        }
    }
    return {};
}

}  // namespace

void note_calls(Gate& gate, const clang::Stmt& statement) {
    if (gate.function == nullptr) {
        return;
    }
    const clang::FunctionDecl* callee = nullptr;
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&statement)) {
        callee = call->getDirectCallee();
    } else if (const auto* construction = llvm::dyn_cast<clang::CXXConstructExpr>(&statement)) {
        callee = construction->getConstructor();
    }
    if (callee != nullptr && !callee->isConsteval()) {
        gate.calls[gate.function].insert(callee->getCanonicalDecl());
    }
}

void check_recursion(Gate& gate) {
    llvm::DenseSet<Function> reported;
    for (const auto& [function, callees] : gate.calls) {
        const llvm::SmallVector<Function, 8> chain = chain_back(gate.calls, function);
        if (chain.empty() || reported.contains(function)) {
            continue;
        }
        std::string shown;
        for (const Function step : chain) {
            reported.insert(step);
            shown += (shown.empty() ? "" : " -> ") + step->getQualifiedNameAsString();
        }
        gate.refuse(function->getLocation(), "recursion",
                    llvm::Twine("recursion: ") + shown + "; write a loop with explicit state");
    }
}

}  // namespace gate
