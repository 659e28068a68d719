// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "tests/fuzz/source.hpp"
#include "tests/machine/machine.hpp"
#include "tests/machine/step.hpp"

namespace test {

/// Makes steps out of the fuzzer's bytes. It looks at the running thread's CSpace, so most of its calls are about
/// capabilities that are there and arguments that fit them; some are about anything.
class Generator {
public:
    explicit Generator(const Machine& machine) : machine_{machine} {}

    /// The next step for the machine as it is now.
    Step next(Source& source);
    /// What the table of results calls a step, for the machine before the step is done, and a number that stands for it.
    [[nodiscard]] std::string name_of(const Step& step) const;
    [[nodiscard]] std::uint32_t number_of(const Step& step) const;

private:
    /// A capability that the running thread can address.
    struct Known {
        std::uint64_t address = 0;
        std::uint64_t first = 0;
        std::uint64_t second = 0;
        [[nodiscard]] frame::Capability capability() const {
            return frame::detail::CapabilityFactory::from_words(first, second);
        }
    };
    /// A slot as CNode operations name it.
    struct Target {
        std::uint64_t root = 0;
        std::uint64_t index = 0;
        std::uint64_t depth = 0;
    };
    enum class Want : std::uint8_t { empty, full };

    void look();
    const Known* any(Source& source) const;
    const Known* at(std::uint64_t address) const;
    std::uint64_t address_of(Source& source, abi::CapabilityTag tag) const;
    Target target(Source& source, Want want) const;
    std::uint64_t user_address(Source& source) const;

    Step system_call(Source& source);
    Step invocation(Source& source, const Known& known);
    void fill(Step& step, Source& source, abi::InvocationLabel label);
    void fill_retype(Step& step, Source& source);
    void fill_cnode(Step& step, Source& source, abi::InvocationLabel label);
    void fill_tcb(Step& step, Source& source, abi::InvocationLabel label);
    void fill_other(Step& step, Source& source, abi::InvocationLabel label);
    void fill_message(Step& step, Source& source);

    const Machine& machine_;
    std::vector<Known> known_{};
    std::vector<std::uint64_t> empty_{};  ///< addresses of empty slots
};

}  // namespace test
