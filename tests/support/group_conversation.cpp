#include "tests/support/group_conversation.hpp"

#include "actors/groups/embedded_protocol.hpp"
#include "actors/groups/versioned_bytes.hpp"
#include "tests/support/group_words.hpp"

namespace chisme::test {

using namespace groups;

void made_up_topics::add(const std::string& name, int32_t partitions) {
  auto& topic = topics_[name];
  topic.name = name;
  topic.partitions = partitions;
  ++version_;
  if (topic.id.is_zero())
    topic.id.bytes[15] = next_id_++;
}

const topic_info* made_up_topics::find(std::string_view name) const {
  auto i = topics_.find(name);
  return i == topics_.end() ? nullptr : &i->second;
}

const topic_info* made_up_topics::find(const uuid& id) const {
  for (const auto& [name, topic] : topics_)
    if (topic.id == id)
      return &topic;
  return nullptr;
}

std::vector<std::string_view> made_up_topics::names() const {
  std::vector<std::string_view> all;
  for (const auto& [name, topic] : topics_)
    all.emplace_back(name);
  return all;
}

buffer subscription_to(const std::vector<std::string>& topics, const std::vector<int32_t>& owned, int32_t generation) {
  constexpr int16_t eager = 0, cooperative = 2;
  kafka::consumer_protocol_subscription s;
  s.topics = topics;
  if (!owned.empty())
    s.owned_partitions.push_back({"t", owned});
  s.generation_id = generation;
  return write_versioned(s, owned.empty() ? eager : cooperative);
}

std::string part_of_t(std::vector<int32_t> partitions) {
  kafka::consumer_protocol_assignment a;
  a.assigned_partitions.push_back({"t", std::move(partitions)});
  return std::string{as_chars(write_versioned(a, 1))};
}

group_conversation::group_conversation(group_settings settings) : settings_(settings) {
  topics.add("t", 4);
  restart();
  said();
}

void group_conversation::restart() {
  say("== restart");
  shard_ = std::make_unique<group_shard>(
    settings_, [this] { return std::to_string(++last_id_); },
    [this] {
      uuid id;
      id.bytes[15] = static_cast<uint8_t>(++last_id_);
      return id;
    });
  for (const auto& record : log_) {
    auto bytes = encode(record);
    if (!shard_->load(bytes))
      say("a record does not load");
  }
  effects out;
  shard_->loaded(now, out);
  tell(out);
}

void group_conversation::send(const std::string& name, int16_t version, const group_request& request) {
  say(name + " > " + words(request, version, topics));
  clients_[name].last = {request, version};
  asked_[++last_ticket_] = name;
  effects out;
  shard_->handle({last_ticket_, name, "/127.0.0.1", version}, request, topics, now, out);
  tell(out);
}

void group_conversation::again(const std::string& name) {
  const auto [request, version] = clients_[name].last.value();
  say(name + " again > " + words(request, version, topics));
  asked_[++last_ticket_] = name;
  unread_.insert(last_ticket_);
  effects out;
  shard_->handle({last_ticket_, name, "/127.0.0.1", version}, request, topics, now, out);
  tell(out);
}

void group_conversation::tell(const effects& out) {
  keep(out);
  for (const auto& r : out.records)
    if (const auto text = words(r, topics); !text.empty())
      say("   * " + text);
  for (const auto& a : out.answers) {
    auto i = asked_.find(a.to);
    if (i == asked_.end()) {
      say("nobody asked " + std::to_string(a.to));
      continue;
    }
    const auto name = i->second;
    asked_.erase(i);
    if (unread_.contains(a.to)) {
      say(name + " (unread) < " + words(a.response, topics));
      continue;
    }
    tell_one(clients_[name], name, a.response);
  }
}

void group_conversation::tell_one(client& c, const std::string& name, const group_response& response) {
  if (const auto* join = std::get_if<kafka::join_group_response>(&response)) {
    if (join->error == error_code::none)
      c.generation = join->generation_id;
    if (join->error == error_code::none || join->error == error_code::member_id_required)
      c.id = join->member_id;
  } else if (const auto* consumed = std::get_if<kafka::consumer_group_heartbeat_response>(&response)) {
    if (consumed->error == error_code::none)
      c.generation = consumed->member_epoch;
    if (consumed->assignment)
      c.told = to_set(consumed->assignment->topic_partitions);
  }
  say(name + " < " + words(response, topics));
}

void group_conversation::join(const std::string& name, const join_options& o) {
  auto& c = clients_[name];
  if (o.instance)
    c.instance = o.instance;
  kafka::join_group_request r;
  r.group_id = o.group;
  r.session_timeout_ms = o.session_ms;
  r.rebalance_timeout_ms = o.version == 0 ? -1 : o.rebalance_ms;
  r.member_id = o.id.value_or(c.id);
  r.group_instance_id = c.instance;
  r.protocol_type = o.type;
  for (const auto& p : o.protocols)
    r.protocols.push_back({p, subscription_to(o.topics, o.owned, c.generation)});
  send(name, o.version, r);
}

void group_conversation::sync(const std::string& name, const std::map<std::string, std::string>& assignments,
                              int16_t version, std::optional<std::string> protocol) {
  const auto& c = clients_[name];
  kafka::sync_group_request r;
  r.group_id = "g";
  r.generation_id = c.generation;
  r.member_id = c.id;
  r.group_instance_id = c.instance;
  r.protocol_name = std::move(protocol);
  for (const auto& [id, part] : assignments)
    r.assignments.push_back({id, buffer::copy_of(part)});
  send(name, version, r);
}

void group_conversation::beat(const std::string& name) {
  const auto& c = clients_[name];
  send(name, 4, kafka::heartbeat_request{"g", c.generation, c.id, c.instance});
}

void group_conversation::consume(const std::string& name) {
  auto& c = clients_[name];
  kafka::consumer_group_heartbeat_request r;
  r.group_id = "g";
  r.member_id = name;
  r.member_epoch = std::max(c.generation, joining_epoch);
  r.instance_id = c.instance;
  if (r.member_epoch == joining_epoch) {
    r.rebalance_timeout_ms = 60'000;
    r.subscribed_topic_names = {"t"};
  }
  r.topic_partitions = by_topic<kafka::consumer_group_heartbeat_request::owned_topic>(c.told);
  send(name, 1, r);
}

void group_conversation::stop_consuming(const std::string& name) {
  kafka::consumer_group_heartbeat_request r;
  r.group_id = "g";
  r.member_id = name;
  r.member_epoch = leaving_epoch;
  send(name, 1, r);
}

void group_conversation::leave(const std::string& name, int16_t version) {
  const auto& c = clients_[name];
  kafka::leave_group_request r;
  r.group_id = "g";
  r.member_id = c.id;
  r.members.push_back({c.id, c.instance, std::nullopt});
  send(name, version, r);
}

void group_conversation::commit(const std::string& name, const std::string& topic, int32_t partition, int64_t offset,
                                int16_t version) {
  const auto& c = clients_[name];
  kafka::offset_commit_request r;
  r.group_id = "g";
  r.generation_id_or_member_epoch = c.generation;
  r.member_id = c.id;
  r.group_instance_id = c.instance;
  r.topics.push_back({topic, {}, {{partition, offset, -1, "note"}}});
  send(name, version, r);
}

void group_conversation::fetch(const std::string& name, int16_t version) {
  kafka::offset_fetch_request::group r;
  r.group_id = "g";
  send(name, version, r);
}

void group_conversation::describe(const std::string& group, int16_t version) {
  const auto d = ask<kafka::describe_groups_response::described_group>(describe_group_request{group}, version);
  std::string text = "-- " + group + " is " + (d.error == error_code::none ? "" : words(d.error) + " ") +
                     d.group_state + (d.protocol_type.empty() ? "" : " " + d.protocol_type) +
                     (d.protocol_data.empty() ? "" : " " + d.protocol_data);
  for (const auto& m : d.members)
    text += ", " + m.member_id + ": " + std::string{as_chars(m.member_assignment)};
  say(text);
}

void group_conversation::wait(timestamp_ms ms) {
  const auto until = now + ms;
  say("-- " + std::to_string(ms) + " ms");
  while (true) {
    const auto next = shard_->next_deadline();
    if (!next || *next > until)
      break;
    now = std::max(now, *next);
    effects out;
    shard_->tick(now, topics, out);
    tell(out);
  }
  now = until;
}

} // namespace chisme::test
