#include "tests/sim/sim_clients.hpp"

#include "actors/log/batch_builder.hpp"
#include "messages/kafka/00_produce.hpp"
#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/03_metadata.hpp"
#include "messages/kafka/19_create_topics.hpp"
#include "messages/kafka/20_delete_topics.hpp"
#include "messages/kafka/22_init_producer_id.hpp"

namespace chisme::test {

// -- producers -----------------------------------------------------------------------------------------------------

void sim_producer::ask() {
  if (is_idempotent_ && id_ < 0)
    return ask_for_id();
  if (in_flight_.empty())
    fill();
  if (const auto leader = leader_of(to_))
    send(*leader);
}

void sim_producer::ask_for_id() {
  const auto to = any_node();
  if (!to)
    return;
  request<kafka::init_producer_id_response>(*to, kafka::init_producer_id_request{}, 4, [this](const auto* r) {
    if (!r || r->error != error_code::none)
      return;
    id_ = r->producer_id;
    epoch_ = r->producer_epoch;
    world_.told.producer_id(id_);
  });
}

void sim_producer::fill() {
  to_ = some_partition();
  for (auto n = world_.pick(1, 4); n > 0; --n)
    in_flight_.push_back(name_ + " " + std::to_string(next_value_++) +
                         std::string(static_cast<size_t>(world_.pick(0, 60)), '.'));
}

void sim_producer::send(node_id leader) {
  log::batch_builder batch{in_flight_.size() % 2 ? log::codec::none : log::codec::lz4};
  if (id_ >= 0) {
    batch.header.producer_id = id_;
    batch.header.producer_epoch = epoch_;
    batch.header.base_sequence = sequences_[to_];
  }
  for (const auto& value : in_flight_)
    batch.add("key", value, world_.now());
  kafka::produce_request r;
  r.acks = static_cast<int16_t>(world_.pick(0, 3) || (world_.is_cluster && is_idempotent_) ? -1 : 1);
  r.timeout_ms = 1000;
  auto& topic = r.topics.emplace_back();
  topic.name = to_.topic;
  auto& part = topic.partitions.emplace_back();
  part.index = to_.partition;
  part.records.append(batch.finish().value());
  is_promised_ = r.acks == -1 || !world_.is_cluster;
  request<kafka::produce_response>(leader, r, 9, [this](const auto* answer) {
    if (!answer)
      return answered(error_code::network_exception, -1);
    const auto& p = answer->responses.at(0).partition_responses.at(0);
    answered(p.error, p.base_offset);
  });
}

/// Of one without an id nobody knows what became of a batch that failed, and it may not be sent again.
void sim_producer::answered(error_code code, offset_t base_offset) {
  if (code == error_code::out_of_order_sequence_number || code == error_code::unknown_producer_id ||
      code == error_code::duplicate_sequence_number)
    world_.told.note_broken(name_ + ", which repeats in order, is told " + to_string(code));
  doubt(code);
  if (code == error_code::none && is_promised_)
    succeeded();
  if (code == error_code::none) {
    for (size_t i = 0; is_promised_ && i < in_flight_.size(); ++i)
      world_.told.record(to_, base_offset + static_cast<offset_t>(i), in_flight_[i], "a producer");
    sequences_[to_] += static_cast<int32_t>(in_flight_.size());
  }
  if (code == error_code::none || !is_idempotent_)
    in_flight_.clear();
}

// -- readers -------------------------------------------------------------------------------------------------------

void sim_reader::ask() {
  const auto from = some_partition();
  const auto leader = leader_of(from);
  if (!leader)
    return;
  kafka::fetch_request r;
  r.max_wait_ms = static_cast<int32_t>(world_.pick(0, 1) * 500);
  r.min_bytes = 1;
  auto& topic = r.topics.emplace_back();
  topic.topic = from.topic;
  auto& part = topic.partitions.emplace_back();
  part.partition = from.partition;
  part.current_leader_epoch = epoch_of(from);
  part.fetch_offset = world_.pick(0, world_.told.known_end(from));
  part.partition_max_bytes = static_cast<int32_t>(world_.pick(1, 2000));
  const auto epoch = epoch_of(from);
  const auto floor = world_.told.committed_before(from, epoch);
  request<kafka::fetch_response>(*leader, r, 11, [this, from, epoch, floor](const auto* answer) {
    if (!answer || answer->error != error_code::none || answer->responses.empty())
      return;
    const auto& p = answer->responses.at(0).partitions.at(0);
    doubt(p.error);
    if (p.error != error_code::none)
      return;
    succeeded();
    world_.told.committed(from, epoch, floor, p.high_watermark);
    for (const auto& [at, value] : records_of(p.records)) {
      if (at >= p.high_watermark)
        world_.told.note_broken("a reader of " + to_string(from) + " was given offset " + std::to_string(at) +
                                " at the high watermark " + std::to_string(p.high_watermark));
      world_.told.record(from, at, value, "a reader");
    }
  });
}

// -- admins --------------------------------------------------------------------------------------------------------

void sim_admin::ask() {
  const auto name = "x" + std::to_string(world_.pick(0, 3));
  switch (world_.pick(0, 2)) {
    case 0:
      if (const auto to = controller())
        create(name, *to);
      break;
    case 1:
      if (const auto to = controller())
        remove(name, *to);
      break;
    default:
      if (const auto to = any_node())
        look(*to);
  }
}

void sim_admin::create(const std::string& name, node_id controller) {
  kafka::create_topics_request r;
  auto& t = r.topics.emplace_back();
  t.name = name;
  t.num_partitions = 1;
  t.replication_factor = world_.replication_factor;
  world_.told.topic_asked_for(name);
  request<kafka::create_topics_response>(controller, r, 5, [this, name](const auto* answer) {
    if (!answer)
      return;
    const auto code = answer->topics.at(0).error;
    doubt(code);
    if (code == error_code::none || code == error_code::topic_already_exists)
      world_.told.topic_answered(name, true), succeeded();
  });
}

void sim_admin::remove(const std::string& name, node_id controller) {
  kafka::delete_topics_request r;
  r.topic_names = {name};
  world_.told.topic_asked_for(name);
  request<kafka::delete_topics_response>(controller, r, 4, [this, name](const auto* answer) {
    if (!answer)
      return;
    const auto code = answer->responses.at(0).error;
    doubt(code);
    if (code == error_code::none || code == error_code::unknown_topic_or_partition)
      world_.told.topic_answered(name, false), succeeded();
  });
}

/// Nobody else makes or deletes any. In a cluster another node may be behind.
void sim_admin::look(node_id at) {
  request<kafka::metadata_response>(at, kafka::metadata_request{}, 8, [this](const auto* answer) {
    if (!answer || world_.is_cluster)
      return;
    std::set<std::string> there;
    for (const auto& t : answer->topics)
      there.insert(t.name.value_or(""));
    world_.told.check_topics(there);
  });
}

} // namespace chisme::test
