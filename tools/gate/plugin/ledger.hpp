// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "policy.hpp"

#include "clang/AST/ASTConsumer.h"

#include <memory>

namespace clang {
class DiagnosticsEngine;
}

namespace gate {

/// A consumer that writes the unsafe sites of the files that `count` covers to `output`, one JSON object a line:
/// {"file", "line", "column", "end_line", "spelt_at", "kind", "function"}. A site in a template or header is listed once.
std::unique_ptr<clang::ASTConsumer> make_ledger(clang::DiagnosticsEngine& engine, const Policy& count,
                                                const std::string& output);

}  // namespace gate
