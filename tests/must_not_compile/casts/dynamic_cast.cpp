// SPDX-License-Identifier: GPL-2.0-only
// expect: dynamic_cast requires -frtti
// needs: warnings
// baseline: -frtti -fexceptions
namespace kernel {
namespace {
struct Object {
    virtual int kind() const { return 0; }
};
struct Thread : Object {};
}
bool is_thread(const Object& object) { return dynamic_cast<const Thread&>(object).kind() == 0; }
}
