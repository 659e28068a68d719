// SPDX-License-Identifier: GPL-2.0-only
//
// antimono-gate: a clang plugin that refuses everything outside the safe subset of C++. Arguments are written
// -fplugin-arg-antimono-gate-NAME=VALUE. The driver ends the plugin's name at the first dash, so the plugin is registered
// as "antimono" and each argument starts with "gate-".
//   trust=DIR      code below DIR is not checked (frame/, generated abi, compiler and library headers)
//   include=DIR    <frame/...> and <abi/...> may come from below DIR
//   ledger=FILE    check nothing; write the unsafe sites below the `count=` directories to FILE as JSON
//   count=DIR      directory whose unsafe sites the ledger lists

#include "gate.hpp"
#include "ledger.hpp"

#include "clang/AST/ASTConsumer.h"
#include "clang/AST/ASTContext.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendPluginRegistry.h"
#include "clang/Lex/Preprocessor.h"

namespace gate {
namespace {

/// Refuses a translation unit whose standard library does not check bounds: the allow-list counts on it.
void require_hardening(Report& report, clang::Preprocessor& preprocessor, clang::SourceLocation at) {
    const auto defined = [&](llvm::StringRef name) {
        const clang::IdentifierInfo* identifier = preprocessor.getIdentifierInfo(name);
        return identifier != nullptr && identifier->hasMacroDefinition();
    };
    const auto expands_to = [&](llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> values) {
        const clang::MacroInfo* macro = preprocessor.getMacroInfo(preprocessor.getIdentifierInfo(name));
        if (macro == nullptr || macro->getNumTokens() != 1) {
            return false;
        }
        const std::string value = preprocessor.getSpelling(macro->getReplacementToken(0));
        return llvm::is_contained(values, value);
    };
    // Before any library header is included there is nothing to harden.
    if (defined("_LIBCPP_VERSION")) {
        const bool by_command = expands_to(
            "_LIBCPP_HARDENING_MODE", {"_LIBCPP_HARDENING_MODE_EXTENSIVE", "_LIBCPP_HARDENING_MODE_DEBUG", "16", "8"});
        const bool by_default = expands_to("_LIBCPP_HARDENING_MODE", {"_LIBCPP_HARDENING_MODE_DEFAULT"}) &&
                                expands_to("_LIBCPP_HARDENING_MODE_DEFAULT", {"16", "8"});
        if (!by_command && !by_default) {
            report.refuse(at, "hardening",
                          "libc++ is not in its extensive hardening mode; see cmake/KernelFlags.cmake");
        }
    } else if (defined("__GLIBCXX__") && !defined("_GLIBCXX_ASSERTIONS")) {
        report.refuse(at, "hardening", "libstdc++ without _GLIBCXX_ASSERTIONS checks no bounds");
    }
}

class GateConsumer : public clang::ASTConsumer {
public:
    GateConsumer(std::shared_ptr<Report> report, clang::Preprocessor& preprocessor)
        : report_(std::move(report)),
          preprocessor_(preprocessor) {}

    void HandleTranslationUnit(clang::ASTContext& context) override {
        const clang::SourceManager& sources = context.getSourceManager();
        const clang::SourceLocation start = sources.getLocForStartOfFile(sources.getMainFileID());
        require_hardening(*report_, preprocessor_, start);
        if (context.getCurrentNamedModule() != nullptr) {
            report_->refuse(start, "module", "C++ modules; write a header and a source file instead");
        }
        check_translation_unit(*report_, context);
    }

private:
    std::shared_ptr<Report> report_;
    clang::Preprocessor& preprocessor_;
};

class GateAction : public clang::PluginASTAction {
protected:
    std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler, llvm::StringRef) override {
        if (!ledger_file_.empty()) {
            return make_ledger(compiler.getDiagnostics(), count_, ledger_file_);
        }
        auto report = std::make_shared<Report>(compiler.getDiagnostics(), compiler.getSourceManager(), policy_);
        watch_preprocessor(report, compiler.getPreprocessor());
        return std::make_unique<GateConsumer>(std::move(report), compiler.getPreprocessor());
    }

    bool ParseArgs(const clang::CompilerInstance& compiler, const std::vector<std::string>& arguments) override {
        for (const llvm::StringRef whole : arguments) {
            llvm::StringRef argument = whole;
            const bool ours = argument.consume_front("gate-");
            if (ours && argument.consume_front("trust=")) {
                policy_.trust(argument);
            } else if (ours && argument.consume_front("include=")) {
                policy_.allow_includes_from(argument);
            } else if (ours && argument.consume_front("ledger=")) {
                ledger_file_ = argument.str();
            } else if (ours && argument.consume_front("count=")) {
                count_.trust(argument);
            } else {
                clang::DiagnosticsEngine& engine = compiler.getDiagnostics();
                engine.Report(engine.getCustomDiagID(clang::DiagnosticsEngine::Error,
                                                     "antimono-gate: unknown argument '%0'; known: gate-trust=DIR, "
                                                     "gate-include=DIR, gate-ledger=FILE, gate-count=DIR"))
                    << whole;
                return false;
            }
        }
        return true;
    }

    ActionType getActionType() override { return AddBeforeMainAction; }

private:
    Policy policy_;
    Policy count_;
    std::string ledger_file_;
};

const clang::FrontendPluginRegistry::Add<GateAction> registration("antimono",
                                                                  "refuses C++ outside the kernel's safe subset");

}  // namespace
}  // namespace gate
