// What replicas of a partition send to each other, as one type.
#pragma once

#include "messages/peer/peer_message.hpp"

#include <optional>
#include <utility>
#include <variant>

namespace chisme::partition {

using raft_message =
  std::variant<peer::raft_vote_request, peer::raft_vote_answer, peer::raft_append, peer::raft_append_answer,
               peer::raft_reset, peer::raft_timeout_now, peer::raft_follow>;

/// None where it is none of them.
inline std::optional<raft_message> raft_message_of(peer_message&& m) {
  return std::visit(
    []<class Body>(Body& body) -> std::optional<raft_message> {
      if constexpr (std::is_constructible_v<raft_message, std::in_place_type_t<Body>, Body>)
        return raft_message{std::in_place_type<Body>, std::move(body)};
      else
        return std::nullopt;
    },
    m);
}

} // namespace chisme::partition
