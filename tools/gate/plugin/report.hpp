// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "policy.hpp"

#include "clang/Basic/SourceLocation.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"

namespace clang {
class DiagnosticsEngine;
class SourceManager;
}  // namespace clang

namespace gate {

/// Emits the gate's errors. They are errors by class, not warnings turned into errors, so that neither a pragma nor -w
/// nor a system-header marker can demote them.
class Report {
public:
    Report(clang::DiagnosticsEngine& engine, const clang::SourceManager& sources, const Policy& policy)
        : engine_(engine),
          sources_(sources),
          policy_(policy) {}

    /// Refuses the construct at `location`, unless that file is trusted. `why` says what is wrong and what to use
    /// instead; ` [gate:rule]` is appended. The same message at the same place is emitted once.
    void refuse(clang::SourceLocation location, llvm::StringRef rule, const llvm::Twine& why);

    const Policy& policy() const { return policy_; }

private:
    clang::DiagnosticsEngine& engine_;
    const clang::SourceManager& sources_;
    Policy policy_;
    llvm::StringMap<unsigned> ids_;
    llvm::DenseSet<std::pair<unsigned, unsigned>> seen_;
};

}  // namespace gate
