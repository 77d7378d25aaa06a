#include "tests/sim/sim_client.hpp"

#include "actors/log/batch_builder.hpp"
#include "actors/log/block_decoder.hpp"
#include "actors/log/compression.hpp"
#include "messages/kafka/03_metadata.hpp"
#include "messages/kafka/10_find_coordinator.hpp"

#include <algorithm>

namespace chisme::test {

const std::vector<std::string> sim_topics{"a", "b"};

void sim_client::act() {
  if (std::ranges::none_of(world_.nodes, [](const auto& n) { return n.second->is_ready(); }))
    return;
  std::erase_if(links_, [](const auto& l) { return !l.second->is_open(); });
  if (waits_ && world_.is_cluster && world_.now() - asked_at_ > patience)
    disconnect(waits_on_);
  if (!waits_)
    ask();
}

client_link* sim_client::link_to(node_id id) {
  auto* node = world_.find(id);
  if (!node)
    return nullptr;
  auto& link = links_[id];
  if (!link)
    link = std::make_unique<client_link>(*node, world_.trace, world_.told);
  return link.get();
}

void sim_client::begin_waiting(node_id on) {
  waits_ = true;
  waits_on_ = on;
  asked_at_ = world_.now();
}

void sim_client::end_waiting(bool is_answered) {
  waits_ = false;
  if (is_answered)
    ++answers_;
  else
    forget();
}

// -- whom to ask ---------------------------------------------------------------------------------------------------

void sim_client::forget() {
  leaders_.clear();
  coordinators_.clear();
  controller_ = -1;
}

void sim_client::doubt(error_code code) {
  if (code != error_code::none)
    forget();
}

/// It listens, as far as a client can know.
std::optional<node_id> sim_client::any_node() {
  if (!world_.is_cluster)
    return world_.nodes.begin()->first;
  std::vector<node_id> there;
  for (const auto& [id, node] : world_.nodes)
    if (node->is_ready())
      there.push_back(id);
  if (there.empty())
    return std::nullopt;
  return there[static_cast<size_t>(world_.pick(0, std::ssize(there) - 1))];
}

void sim_client::refresh() {
  const auto to = any_node();
  if (!to)
    return;
  request<kafka::metadata_response>(*to, kafka::metadata_request{}, 8, [this](const auto* answer) {
    if (!answer)
      return;
    forget();
    controller_ = answer->controller_id;
    for (const auto& t : answer->topics)
      for (const auto& p : t.partitions) {
        const topic_partition in{t.name.value_or(""), p.partition_index};
        // Others are deleted and made again under their names.
        const bool stays = std::ranges::find(sim_topics, in.topic) != sim_topics.end();
        if (stays && p.leader_id >= 0 && p.leader_epoch >= 0)
          world_.told.leader_told(in, p.leader_epoch, p.leader_id);
        if (p.error == error_code::none && p.leader_id >= 0)
          leaders_[in] = {p.leader_id, p.leader_epoch};
      }
  });
}

std::optional<node_id> sim_client::leader_of(const topic_partition& p) {
  if (!world_.is_cluster)
    return any_node();
  if (const auto known = leaders_.find(p); known != leaders_.end())
    return known->second.node;
  refresh();
  return std::nullopt;
}

leader_epoch_t sim_client::epoch_of(const topic_partition& p) const {
  const auto known = leaders_.find(p);
  return known == leaders_.end() ? -1 : known->second.epoch;
}

std::optional<node_id> sim_client::controller() {
  if (!world_.is_cluster)
    return any_node();
  if (controller_ >= 0)
    return controller_;
  refresh();
  return std::nullopt;
}

std::optional<node_id> sim_client::coordinator_of(const std::string& group) {
  if (!world_.is_cluster)
    return any_node();
  if (const auto known = coordinators_.find(group); known != coordinators_.end())
    return known->second;
  find_coordinator(group);
  return std::nullopt;
}

/// The first one makes the topic of the groups.
void sim_client::find_coordinator(const std::string& group) {
  const auto to = any_node();
  if (!to)
    return;
  kafka::find_coordinator_request r;
  r.key = group;
  request<kafka::find_coordinator_response>(*to, r, 2, [this, group](const auto* answer) {
    if (answer && answer->error == error_code::none)
      coordinators_[group] = answer->node_id;
  });
}

// -- records -------------------------------------------------------------------------------------------------------

topic_partition sim_client::some_partition() {
  return {sim_topics[world_.random() % sim_topics.size()], static_cast<partition_index>(world_.pick(0, 1))};
}

std::vector<std::pair<offset_t, std::string>> records_of(const payload& data) {
  std::vector<std::pair<offset_t, std::string>> found;
  const auto bytes = buffer::copy_of(testing::flat(data));
  log::batch_reader batches{bytes};
  while (auto b = batches.next()) {
    const auto block = log::decompress(b->header.compression(), b->body()).value();
    log::record_reader records{block};
    while (auto r = records.next())
      found.emplace_back(b->header.base_offset + r->offset_delta, std::string{as_chars(r->value.bytes)});
  }
  return found;
}

} // namespace chisme::test
