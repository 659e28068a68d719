// SPDX-License-Identifier: GPL-2.0-only
//
// Types as they are written, wherever they are written: declarations, casts, template arguments, aliases, sizeof.
// Types that nobody writes (auto, results of calls) are seen where expressions have them: pointer_rules.cpp.

#include "gate.hpp"

#include "allow_lists.hpp"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Attr.h"
#include "clang/AST/Type.h"

namespace gate {
namespace {

void check_qualifiers(Gate& gate, clang::TypeLoc type) {
    const clang::QualType written = type.getType();
    if (written.isLocalVolatileQualified()) {
        gate.refuse(type.getBeginLoc(), "volatile",
                    "volatile; device and shared memory are accessed through the frame");
    }
    if (written.isLocalRestrictQualified()) {
        gate.refuse(type.getBeginLoc(), "construct", "__restrict is a promise that nobody checks; leave it out");
    }
    if (written.getLocalQualifiers().hasAddressSpace()) {
        gate.refuse(type.getBeginLoc(), "construct", "an address space; it belongs into frame/");
    }
}

}  // namespace

void check_type(Gate& gate, clang::TypeLoc type) {
    const clang::SourceLocation at = type.getBeginLoc();
    if (type.getTypeLocClass() == clang::TypeLoc::Qualified) {
        check_qualifiers(gate, type);
        return;  // the type below the qualifiers comes next
    }
    switch (type.getTypeLocClass()) {
    case clang::TypeLoc::Pointer: {
        const bool function = type.getType()->isFunctionPointerType();
        if (function) {
            gate.refuse(at, "function-pointer", "a function pointer; take the function as a template parameter");
        } else {
            gate.refuse(at, "raw-pointer",
                        "a raw pointer; use a reference, std::span, std::optional or a handle of the frame");
        }
        return;
    }
    case clang::TypeLoc::MemberPointer:
        gate.refuse(at, "member-pointer", "a pointer to member; use a lambda");
        return;
    case clang::TypeLoc::ConstantArray:
    case clang::TypeLoc::IncompleteArray:
    case clang::TypeLoc::VariableArray:
    case clang::TypeLoc::DependentSizedArray:
    case clang::TypeLoc::Decayed:
        gate.refuse(at, "c-array", "a C array; use std::array, whose index is checked");
        return;
    case clang::TypeLoc::Builtin:
        if (type.getType()->isRealFloatingType()) {
            gate.refuse(at, "float", "a floating-point type; the FPU holds the user's state. Use integers");
        }
        return;
    case clang::TypeLoc::Attributed:
        if (const clang::Attr* attribute = type.castAs<clang::AttributedTypeLoc>().getAttr()) {
            check_attribute(gate, *attribute, at);
        }
        return;
    case clang::TypeLoc::Vector:
    case clang::TypeLoc::ExtVector:
    case clang::TypeLoc::Complex:
        gate.refuse(at, "float", "a vector or complex type; vector registers hold the user's state");
        return;
    default:
        if (!allowed::type(type.getTypeLocClass())) {
            gate.refuse(
                at, "construct",
                llvm::Twine("a type of kind ") + type.getType()->getTypeClassName() + " is outside the safe subset");
        }
    }
}

}  // namespace gate
