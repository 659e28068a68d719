// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <frame/slot.hpp>

namespace frame::host {

/// The derivation tree as the manual tells it (seL4 manual, 3.1.4 and 3.2), kept beside the kernel's own list: nodes that
/// know their parents, nothing clever. A copy hangs below its source if that is an original (made by Retype or by a
/// control capability, or badged anew), and beside it otherwise; what hangs below a capability that goes moves up.
class DerivationModel {
public:
    /// Slots, by window offset.
    using Place = std::uint64_t;

    struct Node {
        Place place = 0;
        Place parent = 0;  ///< 0: a first capability
        bool is_original = false;
    };

    [[nodiscard]] static DerivationModel& instance();

    [[nodiscard]] std::span<const Node> nodes() const { return nodes_; }

    void copied(const Slot& slot, const Slot& source);
    void child_made(const Slot& slot, const Slot& parent);
    void root_made(const Slot& slot);
    void moved(const Slot& to, const Slot& from);
    void swapped(const Slot& a, const Slot& b);
    void cleared(const Slot& slot);

private:
    [[nodiscard]] Node* find(Place place);
    void add(Node node);
    void rename(Place from, Place to);

    std::vector<Node> nodes_{};  ///< few enough to look through, and quickly set back to a checkpoint
};

}  // namespace frame::host
