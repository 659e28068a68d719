// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/capability.hpp>

namespace frame {

/// The authority to make IRQ handler capabilities (seL4 manual, 8.1).
class IrqControlCap final : public CapabilityOf<IrqControlCap, abi::CapabilityTag::IrqControl> {
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;
};

/// The authority over one interrupt line (seL4 manual, 8.1). `irq` is the kernel's interrupt number, 0 to 125 on pc99.
class IrqHandlerCap final : public CapabilityOf<IrqHandlerCap, abi::CapabilityTag::IrqHandler> {
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;

public:
    [[nodiscard]] std::uint64_t irq() const { return second_word(); }
    /// The handler for a line, derived from the control capability.
    [[nodiscard]] static IrqHandlerCap derive(const IrqControlCap&, std::uint64_t irq) {
        return detail::CapabilityFactory::make<IrqHandlerCap>(0, 0, irq);
    }
};

/// The authority to change threads' domains and the domain schedule (seL4 manual, 6.3).
class DomainCap final : public CapabilityOf<DomainCap, abi::CapabilityTag::Domain> {
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;
};

/// The authority to make I/O port capabilities (seL4 manual, 9.2.2).
class IoPortControlCap final : public CapabilityOf<IoPortControlCap, abi::CapabilityTag::IoPortControl> {
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;
};

/// The authority over the I/O ports `first_port()` to `last_port()`, both included.
class IoPortCap final : public CapabilityOf<IoPortCap, abi::CapabilityTag::IoPort> {
    using First = Field<0, 16>;
    using Last = Field<16, 16>;
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;

public:
    [[nodiscard]] std::uint16_t first_port() const { return static_cast<std::uint16_t>(second<First>()); }
    [[nodiscard]] std::uint16_t last_port() const { return static_cast<std::uint16_t>(second<Last>()); }
    [[nodiscard]] static IoPortCap derive(const IoPortControlCap&, std::uint16_t first, std::uint16_t last) {
        return detail::CapabilityFactory::make<IoPortCap>(0, 0, First::make(first) | Last::make(last));
    }
};

/// The authority to turn untyped memory into ASID pools (seL4 manual, 7.1.2).
class AsidControlCap final : public CapabilityOf<AsidControlCap, abi::CapabilityTag::AsidControl> {
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;
};

}  // namespace frame
