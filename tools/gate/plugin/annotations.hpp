// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace clang {
class CXXRecordDecl;
class FunctionDecl;
} // namespace clang

namespace gate {

/// Whether `this` of the member function is marked [[clang::lifetimebound]] (after its parameter list).
bool this_is_lifetimebound(const clang::FunctionDecl& function);

/// Whether parameter number `parameter` is marked [[clang::lifetimebound]] in any declaration of the function.
bool is_lifetimebound(const clang::FunctionDecl& function, unsigned parameter);

/// Whether the result may refer to any parameter or to *this, as far as the function says.
bool any_lifetimebound(const clang::FunctionDecl& function);

/// Whether the class is marked [[gsl::Pointer]]: its objects refer to what they do not own.
bool is_marked_view(const clang::CXXRecordDecl& record);

/// Whether the function is the call operator of a lambda.
bool is_lambda_call(const clang::FunctionDecl& function);

} // namespace gate
