// SPDX-License-Identifier: GPL-2.0-only

#include "report.hpp"

#include "clang/Basic/Diagnostic.h"
#include "clang/Basic/DiagnosticIDs.h"
#include "clang/Basic/SourceManager.h"

namespace gate {
namespace {

/// Diagnostic texts are format strings in which % has a meaning.
std::string escaped(llvm::StringRef text) {
    std::string result;
    for (const char c : text) {
        result += c;
        if (c == '%') {
            result += c;
        }
    }
    return result;
}

}  // namespace

void Report::refuse(clang::SourceLocation location, llvm::StringRef rule, const llvm::Twine& why) {
    if (policy_.trusted(sources_, location)) {
        return;
    }
    const std::string text = escaped((why + " [gate:" + rule + "]").str());
    unsigned& id = ids_[text];
    if (id == 0) {
        id = engine_.getDiagnosticIDs()->getCustomDiagID(clang::DiagnosticIDs::Error, text);
    }
    const clang::SourceLocation place = sources_.getExpansionLoc(location);
    if (seen_.insert({place.getRawEncoding(), id}).second) {
        engine_.Report(place, id);
    }
}

}  // namespace gate
