#include "actors/links/admission.hpp"

#include "messages/printable.hpp"

#include <algorithm>
#include <utility>

namespace chisme::links {

std::optional<refusal> admission::claim(const peer::process& live, const peer::process& other) {
  if (live.process_id == other.process_id || live.at == other.at)
    return std::nullopt;
  return refusal{peer::refusal_code::node_id_taken,
                 "node.id=" + std::to_string(other.id) + " is taken by a process at " + printable(to_string(live.at)) +
                   ", which is alive: start the one at " + printable(to_string(other.at)) +
                   " with another --node.id, or stop the other one"};
}

std::vector<connection_id> admission::take(node& n) {
  std::vector<connection_id> all;
  for (auto& c : n.connections)
    if (const auto id = std::exchange(c, std::nullopt))
      all.push_back(*id);
  return all;
}

tl::expected<admitted, refusal> admission::admit(const peer::process& self, connection_id c, const peer::hello& h,
                                                 const peer::process* reached) {
  const auto agreed = check(self, h.from);
  if (!agreed)
    return tl::make_unexpected(agreed.error());
  if (h.via != peer::lane::control && h.via != peer::lane::bulk)
    return tl::make_unexpected(refusal{peer::refusal_code::malformed, "its hello names no lane"});
  auto known = nodes_.find(h.from.id);
  if (reached)
    if (auto taken = claim(*reached, h.from))
      return tl::make_unexpected(std::move(*taken));
  if (known != nodes_.end())
    if (auto taken = claim(known->second.process, h.from))
      return tl::make_unexpected(std::move(*taken));
  if (known == nodes_.end()) {
    if (nodes_.size() >= most_nodes_)
      return tl::make_unexpected(refusal{peer::refusal_code::too_many_nodes,
                                         std::to_string(most_nodes_) + " nodes are connected to " + name_of(self) +
                                           " already, which is the most that a cluster may have"});
    known = nodes_.try_emplace(h.from.id).first;
  }
  admitted out{*agreed, {}};
  auto& n = known->second;
  if (n.process.process_id != h.from.process_id)
    out.replaced = take(n);
  n.process = h.from;
  if (const auto before = std::exchange(n.connections[static_cast<size_t>(h.via)], c))
    out.replaced.push_back(*before);
  return out;
}

std::optional<admission::ended> admission::closed(connection_id c) {
  for (auto& [id, n] : nodes_) {
    const auto at = std::ranges::find(n.connections, std::optional{c});
    if (at == n.connections.end())
      continue;
    at->reset();
    const ended out{id, std::ranges::none_of(n.connections, [](const auto& x) { return x.has_value(); })};
    if (out.was_last)
      nodes_.erase(id);
    return out;
  }
  return std::nullopt;
}

std::vector<connection_id> admission::of(node_id id) const {
  std::vector<connection_id> all;
  if (const auto at = nodes_.find(id); at != nodes_.end())
    for (const auto& c : at->second.connections)
      if (c)
        all.push_back(*c);
  return all;
}

} // namespace chisme::links
