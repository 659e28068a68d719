// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace clang {
class CXXRecordDecl;
class FunctionDecl;
}  // namespace clang

namespace gate {

/// Whether the function's first declaration, which callers see, marks `this` [[clang::lifetimebound]] (after the
/// parameter list).
bool this_is_lifetimebound(const clang::FunctionDecl& function);

/// The same for parameter number `parameter`.
bool is_lifetimebound(const clang::FunctionDecl& function, unsigned parameter);

/// Whether the class is marked [[gsl::Pointer]]: its objects refer to what they do not own.
bool is_marked_view(const clang::CXXRecordDecl& record);

/// Whether the function is the call operator of a lambda.
bool is_lambda_call(const clang::FunctionDecl& function);

}  // namespace gate
