// SPDX-License-Identifier: GPL-2.0-only

#include "allow_lists.hpp"

#include "clang/AST/DeclBase.h"
#include "clang/AST/Stmt.h"
#include "clang/AST/TypeLoc.h"
#include "clang/Basic/AttrKinds.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"

namespace gate::allowed {

bool std_name(llvm::StringRef name) {
    static const llvm::StringSet<> names{
#define GATE_STD(name) #name,
#define GATE_STD_MEMBER(owner, member)
#include "../allow/std_names.def"
#undef GATE_STD_MEMBER
#undef GATE_STD
    };
    return names.contains(name);
}

bool std_member(llvm::StringRef owner, llvm::StringRef member) {
    static const llvm::StringSet<> members{
#define GATE_STD(name)
#define GATE_STD_MEMBER(owner, member) #owner "::" #member,
#include "../allow/std_names.def"
#undef GATE_STD_MEMBER
#undef GATE_STD
    };
    return members.contains((owner + "::*").str()) || members.contains((owner + "::" + member).str());
}

bool header(llvm::StringRef name) {
    static const llvm::StringSet<> headers{
#define GATE_HEADER(name) #name,
#include "../allow/headers.def"
#undef GATE_HEADER
    };
    return headers.contains(name);
}

bool builtin(llvm::StringRef name) {
    static const llvm::StringSet<> builtins{
#define GATE_BUILTIN(name) #name,
#include "../allow/builtins.def"
#undef GATE_BUILTIN
    };
    return builtins.contains(name);
}

bool attribute(unsigned kind) {
    switch (kind) {
#define GATE_ATTRIBUTE(name) case clang::attr::name:
#include "../allow/attributes.def"
#undef GATE_ATTRIBUTE
        return true;
    default:
        return false;
    }
}

#define GATE_STMT(name)
#define GATE_DECL(name)
#define GATE_TYPE(name)

bool statement(unsigned statement_class) {
    switch (statement_class) {
#undef GATE_STMT
#define GATE_STMT(name) case clang::Stmt::name##Class:
#include "../allow/nodes.def"
#undef GATE_STMT
#define GATE_STMT(name)
        return true;
    default:
        return false;
    }
}

bool declaration(unsigned declaration_kind) {
    switch (declaration_kind) {
#undef GATE_DECL
#define GATE_DECL(name) case clang::Decl::name:
#include "../allow/nodes.def"
#undef GATE_DECL
#define GATE_DECL(name)
        return true;
    default:
        return false;
    }
}

bool type(unsigned type_location_class) {
    switch (type_location_class) {
#undef GATE_TYPE
#define GATE_TYPE(name) case clang::TypeLoc::name:
#include "../allow/nodes.def"
#undef GATE_TYPE
#define GATE_TYPE(name)
    case clang::TypeLoc::Qualified:
        return true;
    default:
        return false;
    }
}

}  // namespace gate::allowed
