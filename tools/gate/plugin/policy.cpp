// SPDX-License-Identifier: GPL-2.0-only

#include "policy.hpp"

#include "clang/Basic/FileEntry.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace gate {
namespace {

/// The prefix as an absolute real path. A prefix that does not exist stays as it is: it then matches no file.
std::string normalised(llvm::StringRef prefix) {
    llvm::SmallString<256> real;
    if (!llvm::sys::fs::real_path(prefix, real)) {
        return std::string(real);
    }
    return prefix.str();
}

/// Whether `path` is `prefix` or lies below it: "/a/frame" does not cover "/a/frame2".
bool lies_below(llvm::StringRef path, llvm::StringRef prefix) {
    if (!path.consume_front(prefix)) {
        return false;
    }
    return path.empty() || prefix.ends_with("/") || path.starts_with("/");
}

bool lies_below_any(llvm::StringRef path, const std::vector<std::string>& prefixes) {
    for (const std::string& prefix : prefixes) {
        if (lies_below(path, prefix)) {
            return true;
        }
    }
    return false;
}

}  // namespace

void Policy::trust(llvm::StringRef prefix) { trusted_.push_back(normalised(prefix)); }

void Policy::allow_includes_from(llvm::StringRef prefix) { includes_.push_back(normalised(prefix)); }

bool Policy::trusted(const clang::SourceManager& sources, clang::SourceLocation location) const {
    if (location.isInvalid()) {
        return false;
    }
    const clang::SourceLocation expansion = sources.getExpansionLoc(location);
    const clang::FileID file = sources.getFileID(expansion);
    const auto known = by_file_.find(file);
    if (known != by_file_.end()) {
        return known->second;
    }
    bool result = false;
    if (const auto entry = sources.getFileEntryRefForID(file)) {
        result = lies_below_any(entry->getFileEntry().tryGetRealPathName(), trusted_);
    } else {
        result = sources.isWrittenInBuiltinFile(expansion) || sources.isWrittenInCommandLineFile(expansion);
    }
    by_file_[file] = result;
    return result;
}

bool Policy::may_include(llvm::StringRef real_path) const { return lies_below_any(real_path, includes_); }

}  // namespace gate
