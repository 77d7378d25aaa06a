// The rows for nodes: how they find and reach each other. None of them is Kafka's.

#include "config/store.hpp"
#include "config/tables.hpp"

namespace chisme {

namespace {

using namespace rows;
using enum option_type;
using enum option_scope;

result<void> read_addresses(const option_value& value, std::vector<endpoint>& into, bool is_for_others) {
  std::vector<endpoint> all;
  for (auto& text : std::get<std::vector<std::string>>(value)) {
    auto e = parse_peer_address(text);
    if (!e)
      return tl::make_unexpected(e.error());
    if (is_for_others && (is_wildcard(*e) || e->port == 0))
      return fail(error_code::invalid_config,
                  "nodes cannot connect to \"" + text + "\": name a host and a port that they can reach");
    all.push_back(std::move(*e));
  }
  into = std::move(all);
  return {};
}

result<void> store_peer_listeners(option_target target, const option_value& value) {
  return read_addresses(value, target.node->peer_listeners, false);
}

result<void> store_advertised_peer(option_target target, const option_value& value) {
  return read_addresses(option_value{std::vector{std::get<std::string>(value)}}, target.node->advertised_peer_listener,
                        true);
}

result<void> store_seeds(option_target target, const option_value& value) {
  return read_addresses(value, target.node->seeds, true);
}

// A table, the description of each option on lines of its own.
// clang-format off
const option rows_[] = {
    {.name = "peer.listeners",
     .type = list,
     .scope = node_fixed,
     .fallback = {},
     .doc = "Where other nodes connect, as host:port; without it this node is one for itself. Nothing is encrypted "
            "there: a port for trusted networks only. No host: every interface; port 0: the system chooses one. Needs "
            "seeds.",
     .store = store_peer_listeners},
    {.name = "advertised.peer.listener",
     .type = string,
     .scope = node_fixed,
     .fallback = {},
     .doc = "What other nodes are told to connect to, as host:port, where that differs from peer.listeners.",
     .store = store_advertised_peer},
    {.name = "seeds",
     .type = list,
     .scope = node_fixed,
     .fallback = {},
     .doc = "Where other nodes of the cluster listen for their peers, as host:port; one that answers is enough. Needs "
            "peer.listeners. All nodes may be given the same ones, their own address among them.",
     .store = store_seeds},
    {.name = "expect",
     .type = int32,
     .scope = node_fixed,
     .fallback = "0",
     .min = 0,
     .max = 1000,
     .doc = "So many nodes form a cluster at their first start, with all of them up; give it to each of these. 0: the "
            "node joins one that is there. A node that is a member of a cluster heeds it no more.",
     .store = into<&node_settings::expect>},
    {.name = "broker.rack",
     .type = string,
     .scope = node_fixed,
     .fallback = {},
     .doc = "The rack, zone or room that the node stands in: replicas of a partition are put into different ones.",
     .store = into<&node_settings::rack>},
    {.name = "auto.leader.rebalance.enable",
     .type = boolean,
     .scope = node_dynamic,
     .fallback = "true",
     .doc = "Leadership goes back to a partition's preferred leader, the first of its replicas, once that is in sync.",
     .store = into<&node_settings::auto_leader_rebalance>},
    {.name = "leader.imbalance.check.interval.seconds",
     .type = int32,
     .scope = node_fixed,
     .fallback = "10",
     .min = 1,
     .max = 86'400,
     .doc = "How often a node looks whether partitions that it leads prefer another leader.",
     .store = into<&node_settings::leader_imbalance_check_interval_s>},
};
// clang-format on

} // namespace

std::span<const option> rows::of_peers() { return rows_; }

} // namespace chisme
