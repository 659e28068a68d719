// SPDX-License-Identifier: GPL-2.0-only
//
// Attributes: only those of attributes.def, on declarations, statements and types alike.

#include "gate.hpp"

#include "allow_lists.hpp"

#include "clang/AST/Attr.h"
#include "clang/AST/Decl.h"

namespace gate {

void check_attribute(Gate& gate, const clang::Attr& attribute, clang::SourceLocation fallback) {
    if (attribute.isImplicit() || attribute.isInherited() || allowed::attribute(attribute.getKind())) {
        return;
    }
    const clang::SourceLocation at = attribute.getLocation().isValid() ? attribute.getLocation() : fallback;
    switch (attribute.getKind()) {
    case clang::attr::AsmLabel:
        gate.refuse(at, "asm", "an assembly label; it aims a declaration at any symbol");
        return;
    case clang::attr::CXXAssume:
        gate.refuse(at, "assume", "[[assume]]; a wrong assumption is undefined behaviour. Check the condition instead");
        return;
    case clang::attr::CXX11NoReturn:
    case clang::attr::NoReturn:
        gate.refuse(at, "attribute",
                    "attribute 'noreturn'; a return after all would be undefined. Only the frame has such functions");
        return;
    default:
        gate.refuse(at, "attribute",
                    llvm::Twine("attribute '") + attribute.getSpelling() +
                        "' is not on the allow-list (tools/gate/allow/attributes.def)");
    }
}

void check_attributes(Gate& gate, const clang::Decl& declaration) {
    if (!declaration.hasAttrs()) {
        return;
    }
    for (const clang::Attr* attribute : declaration.attrs()) {
        check_attribute(gate, *attribute, declaration.getLocation());
    }
}

}  // namespace gate
