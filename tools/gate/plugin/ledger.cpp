// SPDX-License-Identifier: GPL-2.0-only
//
// Finds the unsafe sites of the frame: what the gate would refuse in the kernel and what needs a reason in the frame.
// Found in the syntax tree, not in the text, so that macros, templates and implicit conversions count as what they are.

#include "ledger.hpp"

#include "names.hpp"
#include "walker.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Attr.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"
#include "clang/Basic/Diagnostic.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <set>

namespace gate {
namespace {

/// Functions whose caller vouches for memory or lifetimes.
bool vouched_for_by_caller(const clang::FunctionDecl& function) {
    static const llvm::StringSet<> names{"launder",
                                         "start_lifetime_as",
                                         "start_lifetime_as_array",
                                         "bit_cast",
                                         "construct_at",
                                         "destroy_at",
                                         "memcpy",
                                         "memmove",
                                         "memset",
                                         "memcmp",
                                         "memchr",
                                         "strlen",
                                         "strnlen",
                                         "unreachable",
                                         "assume_aligned",
                                         "to_address",
                                         "copy_n",
                                         "fill_n",
                                         "__builtin_memcpy",
                                         "__builtin_memmove",
                                         "__builtin_memset",
                                         "__builtin_unreachable",
                                         "__builtin_launder",
                                         "__builtin_return_address",
                                         "__builtin_frame_address",
                                         "__builtin_assume",
                                         "__builtin_assume_aligned",
                                         "__builtin_ia32_rdtsc",
                                         "__builtin_bit_cast"};
    return function.getDeclName().isIdentifier() && names.contains(function.getName()) &&
           (lives_in(function, "std") || function.getDeclContext()->getRedeclContext()->isTranslationUnit());
}

class LedgerVisitor : public NodeVisitor {
public:
    LedgerVisitor(clang::ASTContext& context, const Policy& count) : context_(context), count_(count) {}

    bool enters(const clang::Decl& declaration) override {
        if (!count_.trusted(sources(), declaration.getLocation())) {
            return false;
        }
        if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(&declaration)) {
            function_ = function->getQualifiedNameAsString();
        }
        return true;
    }

    void declaration(const clang::Decl& declaration) override {
        switch (declaration.getKind()) {
        case clang::Decl::FileScopeAsm:
            record(declaration.getSourceRange(), "asm");
            return;
        case clang::Decl::LinkageSpec:
            // One declaration, or a block of them.
            if (llvm::cast<clang::LinkageSpecDecl>(declaration).hasBraces()) {
                record(clang::SourceRange(declaration.getLocation()), "linkage");
            }
            return;
        default:
            break;
        }
        const auto* tag = llvm::dyn_cast<clang::RecordDecl>(&declaration);
        if (tag != nullptr && tag->isUnion() && tag->isThisDeclarationADefinition()) {
            record(clang::SourceRange(tag->getLocation()), "union");
        }
        const auto* linkage = llvm::dyn_cast<clang::LinkageSpecDecl>(declaration.getLexicalDeclContext());
        if (linkage != nullptr && !linkage->hasBraces()) {
            record(clang::SourceRange(declaration.getLocation()), "linkage");
        }
        if (!declaration.hasAttrs()) {
            return;
        }
        for (const clang::Attr* attribute : declaration.attrs()) {
            if (!attribute->isInherited() && changes_linkage(attribute->getKind())) {
                record(clang::SourceRange(declaration.getLocation()), "linkage");
            }
        }
    }

    void statement(const clang::Stmt& statement) override {
        if (llvm::isa<clang::AsmStmt>(statement)) {
            record(statement.getSourceRange(), "asm");
        } else if (const auto* cast = llvm::dyn_cast<clang::CastExpr>(&statement)) {
            cast_site(*cast);
        } else if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(&statement)) {
            unary_site(*unary);
        } else if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&statement)) {
            const bool pointers =
                binary->getLHS()->getType()->isPointerType() || binary->getRHS()->getType()->isPointerType();
            if (pointers && (binary->isAdditiveOp() || binary->isCompoundAssignmentOp())) {
                record(binary->getSourceRange(), "pointer-arithmetic");
            }
        } else if (const auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(&statement)) {
            if (!subscript->isTypeDependent() && !provably_inside(*subscript)) {
                record(subscript->getSourceRange(), "subscript");
            }
        } else if (const auto* creation = llvm::dyn_cast<clang::CXXNewExpr>(&statement)) {
            record(creation->getSourceRange(), creation->getNumPlacementArgs() > 0 ? "placement-new" : "new");
        } else if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(&statement)) {
            member_site(*member);
        } else if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&statement)) {
            const clang::FunctionDecl* callee = call->getDirectCallee();
            if (callee != nullptr && vouched_for_by_caller(*callee)) {
                record(call->getSourceRange(), "unchecked-call");
            } else if (callee != nullptr && annotated(*callee, "frame.unsafe")) {
                record(call->getSourceRange(), "frame.unsafe");
            }
        }
        const auto* expression = llvm::dyn_cast<clang::Expr>(&statement);
        // The message of a static_assert has no type.
        if (expression != nullptr && !expression->getType().isNull() && expression->isGLValue() &&
            expression->getType().isVolatileQualified()) {
            record(expression->getSourceRange(), "volatile");
        }
    }

    void type(clang::TypeLoc) override {}
    void lambda_function(const clang::FunctionDecl&) override {}

    void write(llvm::raw_ostream& out) const {
        for (const Site& site : sites_) {
            out << llvm::json::Value(llvm::json::Object{{"file", site.file},
                                                        {"line", site.line},
                                                        {"column", site.column},
                                                        {"end_line", site.end_line},
                                                        {"spelt_at", site.spelt_at},
                                                        {"kind", site.kind},
                                                        {"function", site.function}})
                << '\n';
        }
    }

private:
    struct Site {
        std::string file;
        unsigned line = 0;
        unsigned column = 0;
        unsigned end_line = 0;
        std::string spelt_at;  // "file:line" of the text, which for a macro is where it is defined
        std::string kind;
        std::string function;

        bool operator<(const Site& other) const {
            return std::tie(file, line, column, kind) < std::tie(other.file, other.line, other.column, other.kind);
        }
    };

    const clang::SourceManager& sources() const { return context_.getSourceManager(); }

    static bool changes_linkage(clang::attr::Kind kind) {
        switch (kind) {
        case clang::attr::AsmLabel:
        case clang::attr::Section:
        case clang::attr::Alias:
        case clang::attr::Naked:
        case clang::attr::Used:
        case clang::attr::AnyX86Interrupt:
            return true;
        default:
            return false;
        }
    }

    void cast_site(const clang::CastExpr& cast) {
        if (llvm::isa<clang::CXXReinterpretCastExpr>(cast)) {
            record(cast.getSourceRange(), "reinterpret_cast");
        } else if (llvm::isa<clang::CXXConstCastExpr>(cast)) {
            record(cast.getSourceRange(), "const_cast");
        } else if (llvm::isa<clang::BuiltinBitCastExpr>(cast)) {
            record(cast.getSourceRange(), "bit_cast");
        } else {
            switch (cast.getCastKind()) {
            case clang::CK_IntegralToPointer:
                record(cast.getSourceRange(), "integer-to-pointer");
                return;
            case clang::CK_BaseToDerived:
                record(cast.getSourceRange(), "downcast");
                return;
            case clang::CK_BitCast:
            case clang::CK_LValueBitCast:
                // To void* is harmless; from void* the target type is an assertion.
                if (llvm::isa<clang::ExplicitCastExpr>(cast) && !cast.getType()->isVoidPointerType()) {
                    record(cast.getSourceRange(), "pointer-cast");
                }
                return;
            default:
                return;
            }
        }
    }

    /// Whether the pointer was computed right here, rather than taken from a variable or from a function that made it.
    static bool computed(const clang::Expr* pointer) {
        pointer = pointer->IgnoreParenImpCasts();
        return !llvm::isa<clang::CXXThisExpr, clang::DeclRefExpr, clang::MemberExpr, clang::CallExpr>(pointer);
    }

    /// Whether an array's index is a constant below its size.
    bool provably_inside(const clang::ArraySubscriptExpr& subscript) const {
        const auto* array = context_.getAsConstantArrayType(subscript.getBase()->IgnoreParenImpCasts()->getType());
        clang::Expr::EvalResult index;
        return array != nullptr && !subscript.getIdx()->isValueDependent() &&
               subscript.getIdx()->EvaluateAsInt(index, context_) && !index.Val.getInt().isNegative() &&
               index.Val.getInt().getZExtValue() < array->getZExtSize();
    }

    void unary_site(const clang::UnaryOperator& unary) {
        const clang::Expr* operand = unary.getSubExpr();
        if (!operand->getType()->isPointerType()) {
            return;
        }
        if (unary.isIncrementDecrementOp()) {
            record(unary.getSourceRange(), "pointer-arithmetic");
        } else if (unary.getOpcode() == clang::UO_Deref && !operand->getType()->isFunctionPointerType()) {
            dereference(operand, unary.getSourceRange());
        }
    }

    void member_site(const clang::MemberExpr& member) {
        const bool smart = llvm::isa<clang::CXXOperatorCallExpr>(member.getBase()->IgnoreParenImpCasts());
        if (member.isArrow() && !smart) {
            dereference(member.getBase(), member.getSourceRange());
        }
    }

    void dereference(const clang::Expr* pointer, clang::SourceRange range) {
        if (!llvm::isa<clang::CXXThisExpr>(pointer->IgnoreParenImpCasts())) {
            record(range, computed(pointer) ? "computed-dereference" : "dereference");
        }
    }

    std::string real_path(clang::SourceLocation location) const {
        const auto entry = sources().getFileEntryRefForID(sources().getFileID(location));
        return entry ? entry->getFileEntry().tryGetRealPathName().str() : "";
    }

    void record(clang::SourceRange range, llvm::StringRef kind) {
        const clang::SourceLocation begin = sources().getExpansionLoc(range.getBegin());
        const clang::SourceLocation end = sources().getExpansionRange(range.getEnd()).getEnd();
        if (!count_.trusted(sources(), begin)) {
            return;
        }
        const clang::SourceLocation spelling = sources().getSpellingLoc(range.getBegin());
        sites_.insert({real_path(begin), sources().getExpansionLineNumber(begin),
                       sources().getExpansionColumnNumber(begin), sources().getExpansionLineNumber(end),
                       real_path(spelling) + ":" + std::to_string(sources().getSpellingLineNumber(spelling)),
                       kind.str(), function_});
    }

    clang::ASTContext& context_;
    const Policy& count_;
    std::string function_;
    std::set<Site> sites_;
};

class LedgerConsumer : public clang::ASTConsumer {
public:
    LedgerConsumer(clang::DiagnosticsEngine& engine, const Policy& count, std::string output)
        : engine_(engine),
          count_(count),
          output_(std::move(output)) {}

    void HandleTranslationUnit(clang::ASTContext& context) override {
        LedgerVisitor visitor(context, count_);
        walk(context, visitor);
        std::error_code error;
        llvm::raw_fd_ostream out(output_, error);
        if (error) {
            engine_.Report(engine_.getCustomDiagID(clang::DiagnosticsEngine::Error,
                                                   "antimono-gate: cannot write the ledger '%0': %1"))
                << output_ << error.message();
            return;
        }
        visitor.write(out);
    }

private:
    clang::DiagnosticsEngine& engine_;
    Policy count_;
    std::string output_;
};

}  // namespace

std::unique_ptr<clang::ASTConsumer> make_ledger(clang::DiagnosticsEngine& engine, const Policy& count,
                                                const std::string& output) {
    return std::make_unique<LedgerConsumer>(engine, count, output);
}

}  // namespace gate
