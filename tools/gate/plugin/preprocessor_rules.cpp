// SPDX-License-Identifier: GPL-2.0-only
//
// What happens before there is a syntax tree: includes, macros, pragmas, line markers.

#include "gate.hpp"

#include "allow_lists.hpp"

#include "clang/Basic/SourceManager.h"
#include "clang/Lex/MacroInfo.h"
#include "clang/Lex/PPCallbacks.h"
#include "clang/Lex/Preprocessor.h"

#include <memory>

namespace gate {
namespace {

class PreprocessorRules : public clang::PPCallbacks {
public:
    PreprocessorRules(std::shared_ptr<Report> report, clang::Preprocessor& preprocessor)
        : report_(std::move(report)),
          preprocessor_(preprocessor) {}

    void InclusionDirective(clang::SourceLocation hash, const clang::Token& keyword, llvm::StringRef name, bool angled,
                            clang::CharSourceRange, clang::OptionalFileEntryRef file, llvm::StringRef, llvm::StringRef,
                            const clang::Module*, bool, clang::SrcMgr::CharacteristicKind) override {
        if (keyword.getIdentifierInfo() != nullptr && keyword.getIdentifierInfo()->getName() != "include") {
            refuse(hash, "include", llvm::Twine("#") + keyword.getIdentifierInfo()->getName() + "; write #include");
            return;
        }
        check_include(hash, name, angled, file);
    }

    void EmbedDirective(clang::SourceLocation hash, llvm::StringRef, bool, clang::OptionalFileEntryRef,
                        const clang::LexEmbedParametersResult&) override {
        refuse(hash, "include", "#embed; boot modules and generated headers carry data into the kernel");
    }

    void moduleImport(clang::SourceLocation at, clang::ModuleIdPath, const clang::Module*) override {
        refuse(at, "module", "C++ modules; include a header instead");
    }

    void MacroDefined(const clang::Token&, const clang::MacroDirective* macro) override {
        // Besides being unreadable, a macro could carry unchecked text into a trusted header that expands it.
        refuse(macro->getLocation(), "macro", "a macro; write a constexpr variable, a function or a template");
    }

    void MacroUndefined(const clang::Token& name, const clang::MacroDefinition&,
                        const clang::MacroDirective*) override {
        refuse(name.getLocation(), "macro", "#undef could switch checks of trusted headers off");
    }

    void PragmaDirective(clang::SourceLocation at, clang::PragmaIntroducerKind kind) override {
        if (kind != clang::PIK_HashPragma || line_at(at) != "#pragma once") {
            refuse(at, "pragma", "a pragma other than #pragma once; fix the code instead of the diagnostics");
        }
    }

    void FileChanged(clang::SourceLocation at, FileChangeReason reason, clang::SrcMgr::CharacteristicKind,
                     clang::FileID) override {
        if (reason == RenameFile) {
            refuse(at, "line-marker", "a line marker; code is what its own file says it is");
        } else if (reason == SystemHeaderPragma) {
            refuse(at, "pragma", "this file is no system header");
        }
    }

    void Ident(clang::SourceLocation at, llvm::StringRef) override { refuse(at, "pragma", "#ident has no use here"); }

private:
    void refuse(clang::SourceLocation at, llvm::StringRef rule, const llvm::Twine& why) {
        report_->refuse(at, rule, why);
    }

    /// The source line from `at` on, without comment, runs of blanks made one.
    std::string line_at(clang::SourceLocation at) const {
        const clang::SourceManager& sources = preprocessor_.getSourceManager();
        const llvm::StringRef text = sources.getBufferData(sources.getFileID(at)).substr(sources.getFileOffset(at));
        llvm::StringRef line = text.take_until([](char c) { return c == '\n'; });
        line = line.split("//").first;
        llvm::SmallVector<llvm::StringRef, 4> words;
        line.split(words, ' ', -1, false);
        return llvm::join(words, " ");
    }

    void check_include(clang::SourceLocation hash, llvm::StringRef name, bool angled,
                       clang::OptionalFileEntryRef file) {
        if (name.contains("..") || name.starts_with("/")) {
            refuse(hash, "include", llvm::Twine("\"") + name + "\": a path that leaves its directory");
        } else if (!angled) {
            if (!name.starts_with("kernel/")) {
                refuse(hash, "include",
                       llvm::Twine("\"") + name + "\"; headers of the kernel are included as \"kernel/...\"");
            }
        } else if (name.starts_with("frame/detail/")) {
            refuse(hash, "include", llvm::Twine("<") + name + "> belongs to the inside of the frame");
        } else if (name.starts_with("frame/") || name.starts_with("abi/")) {
            // The repository's root may be in the search path too, and has a directory frame/.
            if (file && !report_->policy().may_include(file->getFileEntry().tryGetRealPathName())) {
                refuse(hash, "include",
                       llvm::Twine("<") + name + "> is not a public header of frame/include or the generated abi");
            }
        } else if (!allowed::header(name)) {
            refuse(hash, "include",
                   llvm::Twine("<") + name + "> is not on the allow-list (tools/gate/allow/headers.def)");
        }
    }

    std::shared_ptr<Report> report_;
    clang::Preprocessor& preprocessor_;
};

}  // namespace

void watch_preprocessor(const std::shared_ptr<Report>& report, clang::Preprocessor& preprocessor) {
    preprocessor.addPPCallbacks(std::make_unique<PreprocessorRules>(report, preprocessor));
}

}  // namespace gate
