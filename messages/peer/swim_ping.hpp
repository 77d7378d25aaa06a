// "Are you there?" (SWIM, section 3.1)
#pragma once

#include "messages/peer/membership.hpp"

#include <string_view>

namespace chisme::peer {

struct swim_ping {
  static constexpr std::string_view type_name = "swim_ping";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  speaker from;
  uint64_t sequence = 0; ///< the ack repeats it
  gossip news;

  friend bool operator==(const swim_ping&, const swim_ping&) = default;
  static void visit(auto& f, auto& x) {
    f("from", x.from);
    f("sequence", x.sequence);
    f("news", x.news);
  }
};

} // namespace chisme::peer
