// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "clang/Basic/SourceLocation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace clang {
class SourceManager;
}

namespace gate {

/// Which files are trusted: those whose real path starts with one of the prefixes from the command line. Everything
/// else, including text that belongs to no file, is under the gate.
class Policy {
public:
    /// Adds a directory (or file) whose code is not checked. A relative prefix is taken from the working directory.
    void trust(llvm::StringRef prefix);

    /// Adds a directory from which code under the gate may include `<frame/...>` and `<abi/...>`.
    void allow_includes_from(llvm::StringRef prefix);

    /// Whether the code at `location` is trusted. What counts is the file in which a macro is expanded, not the one in
    /// which it is written, and the physical file, not what a line marker claims.
    bool trusted(const clang::SourceManager& sources, clang::SourceLocation location) const;

    /// Whether a directly included `<frame/...>` or `<abi/...>` header may resolve to `real_path`.
    bool may_include(llvm::StringRef real_path) const;

private:
    std::vector<std::string> trusted_;
    std::vector<std::string> includes_;
    mutable llvm::DenseMap<clang::FileID, bool> by_file_;
};

}  // namespace gate
