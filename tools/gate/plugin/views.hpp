// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "clang/AST/Type.h"

namespace gate {

/// Whether a value of this type refers to an object that it does not own: a reference, a pointer, a class marked
/// [[gsl::Pointer]] (frame::Ref and its like), std::span, std::string_view, an iterator, a closure that captures by
/// reference, or an array, standard template or class of any of these. Such values must not outlive what they refer
/// to, so they live in local variables, parameters and results only, or as members of other views. A class marked [[gsl::Owner]] is no view, whatever it contains.
bool is_view(clang::QualType type);

/// Whether the type itself is std::optional, std::expected or std::variant.
bool is_alternative(clang::QualType type);

}  // namespace gate
