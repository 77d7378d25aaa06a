// Whether two processes fit together, as each side decides it upon the other's hello or answer.
#pragma once

#include "messages/peer/hello.hpp"

#include <optional>
#include <string>
#include <tl/expected.hpp>

namespace chisme::links {

/// Why not, and what to do about it, in words.
struct refusal {
  peer::refusal_code code = peer::refusal_code::none;
  std::string words;

  friend bool operator==(const refusal&, const refusal&) = default;
};

/// The version of the protocol that both speak, or the refusal.
using agreement = tl::expected<int16_t, refusal>;

/// By the one that was dialled.
agreement check(const peer::process& self, const peer::process& other);

/// By the one that has dialled. `expected`: the node that was to be there; nothing: any.
agreement check_answer(const peer::process& self, std::optional<node_id> expected, const peer::hello_answer& answer);

/// "node 2 at 10.0.0.2:9093", fit for a log whatever the other has said.
std::string name_of(const peer::process& p);

} // namespace chisme::links
