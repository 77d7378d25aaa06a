#include "tests/support/group_conversation.hpp"

#include "actors/groups/embedded_protocol.hpp"
#include "actors/groups/versioned_bytes.hpp"

namespace chisme::test {

namespace {

using namespace groups;

std::string words(error_code code) {
  return std::to_string(static_cast<int>(code)) + " " + chisme::to_string(code);
}

std::string words(const kafka::join_group_response& r) {
  if (r.error != error_code::none)
    return words(r.error) + (r.member_id.empty() ? "" : " " + r.member_id);
  auto text = "joined " + std::to_string(r.generation_id) + " as " + r.member_id + ", leader " + r.leader + ", " +
              r.protocol_name.value_or("-");
  if (!r.members.empty())
    text += ", members";
  for (const auto& m : r.members)
    text += " " + m.member_id;
  return text + (r.skip_assignment ? ", nothing to assign" : "");
}

std::string words(const kafka::leave_group_response& r) {
  auto text = words(r.error);
  for (const auto& m : r.members)
    text += ", " + m.member_id + " " + words(m.error);
  return text;
}

std::string words(const kafka::offset_commit_response& r) {
  std::string text = "committed";
  for (const auto& t : r.topics)
    for (const auto& p : t.partitions)
      text += " " + t.name + "-" + std::to_string(p.partition_index) + " " + words(p.error);
  return text;
}

std::string words(const kafka::offset_fetch_response::group& r) {
  auto text = "offsets " + words(r.error);
  for (const auto& t : r.topics)
    for (const auto& p : t.partitions)
      text += ", " + t.name + "-" + std::to_string(p.partition_index) + " " + std::to_string(p.committed_offset);
  return text;
}

} // namespace

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

buffer subscription_to(const std::vector<std::string>& topics) {
  kafka::consumer_protocol_subscription s;
  s.topics = topics;
  return write_versioned(s, 0);
}

std::string part_of_t(std::vector<int32_t> partitions) {
  kafka::consumer_protocol_assignment a;
  a.assigned_partitions.push_back({"t", std::move(partitions)});
  return std::string{as_chars(write_versioned(a, 1))};
}

std::string group_conversation::shown(const partition_set& set) const {
  std::string text = "[";
  for (const auto& p : set) {
    const auto* topic = topics.find(p.topic);
    text += (text.size() > 1 ? " " : "") + (topic ? topic->name : "?") + std::to_string(p.index);
  }
  return text + "]";
}

/// Tests of classic groups put in words where consumers have bytes.
std::string group_conversation::shown(const buffer& assignment) const {
  const auto set = read_assignment(assignment, topics);
  return set && !assignment.empty() ? shown(*set) : std::string{as_chars(assignment)};
}

/// Of the records of a consumer group only those that tell the story; the rest are empty.
std::string group_conversation::told_of(const group_record& record) const {
  if (const auto* o = std::get_if<offset_record>(&record)) {
    const auto at = "offset " + o->group + " " + o->topic + "-" + std::to_string(o->partition);
    return at + (o->value ? " = " + std::to_string(o->value->offset) : " is gone");
  }
  if (const auto* c = std::get_if<consumer_group_record>(&record)) {
    if (const auto* g = std::get_if<group_metadata_record>(c))
      return "consumer group " + g->group +
             (g->value ? " at epoch " + std::to_string(g->value->epoch) : " is gone");
    const auto* m = std::get_if<current_assignment_record>(c);
    return m && m->value ? m->name + " at " + std::to_string(m->value->member_epoch) + " has " +
                             shown(to_set(m->value->assigned))
                         : "";
  }
  const auto& g = std::get<classic_group_record>(record);
  if (!g.value)
    return "group " + g.group + " is gone";
  auto text = "group " + g.group + " at " + std::to_string(g.value->generation);
  for (const auto& m : g.value->members)
    text += ", " + m.member_id + (g.value->leader ? ": " + shown(m.assignment) : "");
  return text;
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
    if (!shard_->load(bytes.key, bytes.value))
      say("a record does not load");
  }
  effects out;
  shard_->loaded(now, out);
  tell(out);
}

void group_conversation::send(const std::string& name, int16_t version, const std::string& what,
                              const group_request& request) {
  say(name + " > " + what);
  asked_[++last_ticket_] = name;
  effects out;
  shard_->handle({last_ticket_, name, "/127.0.0.1", version}, request, topics, now, out);
  tell(out);
}

void group_conversation::tell(const effects& out) {
  keep(out);
  for (const auto& r : out.records)
    if (const auto text = told_of(r); !text.empty())
      say("   * " + text);
  for (const auto& a : out.answers) {
    auto i = asked_.find(a.to);
    if (i == asked_.end()) {
      say("nobody asked " + std::to_string(a.to));
      continue;
    }
    const auto name = i->second;
    asked_.erase(i);
    clients_[name].standing = a.standing;
    tell_one(clients_[name], name, a.response);
  }
}

void group_conversation::tell_one(client& c, const std::string& name, const group_response& response) {
  std::string text;
  if (const auto* join = std::get_if<kafka::join_group_response>(&response)) {
    text = words(*join);
    if (join->error == error_code::none)
      c.generation = join->generation_id;
    if (join->error == error_code::none || join->error == error_code::member_id_required)
      c.id = join->member_id;
  } else if (const auto* sync = std::get_if<kafka::sync_group_response>(&response)) {
    text = sync->error == error_code::none ? "synced " + shown(sync->assignment) : words(sync->error);
  } else if (const auto* beat = std::get_if<kafka::heartbeat_response>(&response)) {
    text = words(beat->error);
  } else if (const auto* consumed = std::get_if<kafka::consumer_group_heartbeat_response>(&response)) {
    text = words(consumed->error);
    if (consumed->error == error_code::none) {
      text = "epoch " + std::to_string(consumed->member_epoch);
      c.generation = consumed->member_epoch;
    }
    if (consumed->assignment) {
      c.told = to_set(consumed->assignment->topic_partitions);
      text += " " + shown(c.told);
    }
  } else if (const auto* left = std::get_if<kafka::leave_group_response>(&response)) {
    text = words(*left);
  } else if (const auto* commit = std::get_if<kafka::offset_commit_response>(&response)) {
    text = words(*commit);
  } else if (const auto* fetch = std::get_if<kafka::offset_fetch_response::group>(&response)) {
    text = words(*fetch);
  }
  say(name + " < " + text);
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
    r.protocols.push_back({p, subscription_to(o.topics)});
  send(name, o.version, "join v" + std::to_string(o.version) + (r.member_id.empty() ? "" : " as " + r.member_id), r);
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
  std::string text = "sync " + std::to_string(c.generation);
  for (const auto& [id, part] : assignments) {
    r.assignments.push_back({id, buffer::copy_of(part)});
    text += ", " + id + ": " + shown(r.assignments.back().assignment);
  }
  send(name, version, text, r);
}

void group_conversation::beat(const std::string& name) {
  const auto& c = clients_[name];
  send(name, 4, "heartbeat " + std::to_string(c.generation),
       kafka::heartbeat_request{"g", c.generation, c.id, c.instance});
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
  send(name, 1, "consume " + std::to_string(r.member_epoch) + " " + shown(c.told), r);
}

void group_conversation::stop_consuming(const std::string& name) {
  kafka::consumer_group_heartbeat_request r;
  r.group_id = "g";
  r.member_id = name;
  r.member_epoch = leaving_epoch;
  send(name, 1, "stop", r);
}

void group_conversation::leave(const std::string& name, int16_t version) {
  const auto& c = clients_[name];
  kafka::leave_group_request r;
  r.group_id = "g";
  r.member_id = c.id;
  r.members.push_back({c.id, c.instance, std::nullopt});
  send(name, version, "leave", r);
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
  send(name, version, "commit " + std::to_string(c.generation), r);
}

void group_conversation::fetch(const std::string& name, int16_t version) {
  kafka::offset_fetch_request::group r;
  r.group_id = "g";
  send(name, version, "fetch", r);
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
