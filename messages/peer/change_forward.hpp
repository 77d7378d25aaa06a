// A change to the cluster's metadata on its way to the node that leads `__cluster`.
//
// What is asked is Kafka's own request in its newest version, as bytes: whatever a client may ask of one node it may
// ask of any. InitProducerId asks for a block of ids, from the first one that is answered.
#pragma once

#include "messages/buffer.hpp"
#include "messages/wire/versions.hpp"

#include <cstdint>
#include <string_view>

namespace chisme::peer {

struct change_forward {
  static constexpr std::string_view type_name = "change_forward";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  /// Of the request, encoded. More than anybody changes at once; a larger one is to be sent to the controller itself.
  static constexpr size_t most_bytes = size_t{1} << 20;

  int64_t correlation = 0; ///< comes back with the answer
  int16_t api = 0;
  int16_t version = 0; ///< of the request, and of the response in the answer
  buffer request;

  static void visit(auto& f, auto& x) {
    f("correlation", x.correlation);
    f("api", x.api);
    f("api_version", x.version);
    f("request", x.request);
  }
  friend bool operator==(const change_forward&, const change_forward&) = default;
};

} // namespace chisme::peer
