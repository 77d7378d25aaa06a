// Where clients reach a node, and what else others need to know of it.
#pragma once

#include "messages/ids.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace chisme {

struct broker_endpoint {
  node_id id = 0;
  std::string host;
  int32_t port = 0;
  std::optional<std::string> rack;
  uuid folder{}; ///< of its data; zero: not known

  friend bool operator==(const broker_endpoint&, const broker_endpoint&) = default;
};

/// The nodes that are alive, this one among them, in the order of their ids. Null where `id` is not one of them.
inline const broker_endpoint* find_broker(const std::vector<broker_endpoint>& alive, node_id id) {
  const auto i = std::ranges::lower_bound(alive, id, {}, &broker_endpoint::id);
  return i != alive.end() && i->id == id ? &*i : nullptr;
}

/// What the membership knows: the nodes that are alive, this one always among them, in the order of their ids.
struct brokers_changed {
  std::vector<broker_endpoint> alive;
};

} // namespace chisme
