// The answer to a ping, and to a request for one. (SWIM, section 3.1; Lifeguard, section IV.A, for "not heard")
#pragma once

#include "messages/peer/membership.hpp"

#include <string_view>

namespace chisme::peer {

struct swim_ack {
  static constexpr std::string_view type_name = "swim_ack";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  speaker from;
  uint64_t sequence = 0; ///< of the ping or of the request
  bool heard = true;     ///< false: I am there, but whom I was asked to ping has not answered me so far
  node_id node = -1;     ///< who was heard
  uint64_t process = 0;  ///< which start of it
  gossip news;

  friend bool operator==(const swim_ack&, const swim_ack&) = default;
  static void visit(auto& f, auto& x) {
    f("from", x.from);
    f("sequence", x.sequence);
    f("heard", x.heard);
    f("node", x.node);
    f("process", x.process);
    f("news", x.news);
  }
};

} // namespace chisme::peer
