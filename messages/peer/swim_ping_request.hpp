// "Ask that one for me whether it is there." (SWIM, section 3.1)
#pragma once

#include "messages/peer/membership.hpp"

#include <string_view>

namespace chisme::peer {

struct swim_ping_request {
  static constexpr std::string_view type_name = "swim_ping_request";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  speaker from;
  uint64_t sequence = 0; ///< the ack repeats it
  node_id target = -1;
  address target_peer;
  int32_t patience_ms = 0; ///< after that long without an answer the asked one says so (Lifeguard's nack)
  gossip news;

  friend bool operator==(const swim_ping_request&, const swim_ping_request&) = default;
  static void visit(auto& f, auto& x) {
    f("from", x.from);
    f("sequence", x.sequence);
    f("target", x.target);
    f("target_peer", x.target_peer);
    f("patience_ms", x.patience_ms);
    f("news", x.news);
  }
};

} // namespace chisme::peer
