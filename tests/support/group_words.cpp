#include "tests/support/group_words.hpp"

#include "actors/groups/consumer_member.hpp"
#include "actors/groups/embedded_protocol.hpp"

namespace chisme::test {

using namespace groups;

namespace {

std::string with_space(const std::string& before, const std::string& text) { return text.empty() ? "" : before + text; }

/// Each kind of message has its words; those of kinds that tests ask for by themselves have none.
struct speaker {
  const topic_catalog& topics;
  int16_t version = 0; ///< of a request

  template <class Other>
  std::string operator()(const Other&) const {
    return "something else";
  }

  std::string operator()(const kafka::join_group_request& r) const {
    return "join v" + std::to_string(version) + with_space(" as ", r.member_id) + with_space(" with ", owned(r));
  }
  /// What a consumer goes on with while members meet.
  std::string owned(const kafka::join_group_request& r) const {
    if (r.protocols.empty())
      return "";
    const auto subscription = read_subscription(r.protocols.front().metadata);
    if (!subscription || subscription->owned_partitions.empty())
      return "";
    return test::words(owned_partitions(*subscription, topics), topics) + " of " +
           std::to_string(subscription->generation_id);
  }
  std::string operator()(const kafka::sync_group_request& r) const {
    auto text = "sync " + std::to_string(r.generation_id);
    for (const auto& a : r.assignments)
      text += ", " + a.member_id + ": " + test::words(a.assignment, topics);
    return text;
  }
  std::string operator()(const kafka::heartbeat_request& r) const {
    return "heartbeat " + std::to_string(r.generation_id);
  }
  std::string operator()(const kafka::leave_group_request&) const { return "leave"; }
  std::string operator()(const kafka::offset_commit_request& r) const {
    return "commit " + std::to_string(r.generation_id_or_member_epoch);
  }
  std::string operator()(const kafka::offset_fetch_request::group&) const { return "fetch"; }
  std::string operator()(const kafka::consumer_group_heartbeat_request& r) const {
    if (r.member_epoch < joining_epoch)
      return r.member_epoch == leaving_epoch ? "stop" : "stop for a while";
    return "consume " + std::to_string(r.member_epoch) +
           (r.topic_partitions ? " " + test::words(to_set(*r.topic_partitions), topics) : "");
  }

  std::string operator()(const kafka::join_group_response& r) const {
    if (r.error != error_code::none)
      return words(r.error) + with_space(" ", r.member_id);
    auto text = "joined " + std::to_string(r.generation_id) + " as " + r.member_id + ", leader " + r.leader + ", " +
                r.protocol_name.value_or("-");
    if (!r.members.empty())
      text += ", members";
    for (const auto& m : r.members)
      text += " " + m.member_id;
    return text + (r.skip_assignment ? ", nothing to assign" : "");
  }
  std::string operator()(const kafka::sync_group_response& r) const {
    return r.error == error_code::none ? "synced " + test::words(r.assignment, topics) : words(r.error);
  }
  std::string operator()(const kafka::heartbeat_response& r) const { return words(r.error); }
  std::string operator()(const kafka::consumer_group_heartbeat_response& r) const {
    auto text = r.error == error_code::none ? "epoch " + std::to_string(r.member_epoch) : words(r.error);
    if (r.assignment)
      text += " " + test::words(to_set(r.assignment->topic_partitions), topics);
    return text;
  }
  std::string operator()(const kafka::leave_group_response& r) const {
    auto text = words(r.error);
    for (const auto& m : r.members)
      text += ", " + m.member_id + " " + words(m.error);
    return text;
  }
  std::string operator()(const kafka::offset_commit_response& r) const {
    std::string text = "committed";
    for (const auto& t : r.topics)
      for (const auto& p : t.partitions)
        text += " " + t.name + "-" + std::to_string(p.partition_index) + " " + words(p.error);
    return text;
  }
  std::string operator()(const kafka::offset_fetch_response::group& r) const {
    auto text = "offsets " + words(r.error);
    for (const auto& t : r.topics)
      for (const auto& p : t.partitions)
        text += ", " + t.name + "-" + std::to_string(p.partition_index) + " " + std::to_string(p.committed_offset);
    return text;
  }
};

std::string words(const consumer_group_record& record, const topic_catalog& topics) {
  if (const auto* g = std::get_if<group_metadata_record>(&record))
    return "consumer group " + g->group + (g->value ? " at epoch " + std::to_string(g->value->epoch) : " is gone");
  const auto* m = std::get_if<current_assignment_record>(&record);
  return m && m->value ? m->name + " at " + std::to_string(m->value->member_epoch) + " has " +
                           test::words(to_set(m->value->assigned), topics)
                       : "";
}

} // namespace

std::string words(error_code code) { return std::to_string(static_cast<int>(code)) + " " + chisme::to_string(code); }

std::string words(const partition_set& set, const topic_catalog& topics) {
  std::string text = "[";
  for (const auto& p : set) {
    const auto* topic = topics.find(p.topic);
    text += (text.size() > 1 ? " " : "") + (topic ? topic->name : "?") + std::to_string(p.index);
  }
  return text + "]";
}

std::string words(const buffer& assignment, const topic_catalog& topics) {
  const auto set = read_assignment(assignment, topics);
  return set && !assignment.empty() ? words(*set, topics) : std::string{as_chars(assignment)};
}

std::string words(const group_request& request, int16_t version, const topic_catalog& topics) {
  return std::visit(speaker{topics, version}, request);
}

std::string words(const group_response& response, const topic_catalog& topics) {
  return std::visit(speaker{topics}, response);
}

std::string words(const group_record& record, const topic_catalog& topics) {
  if (const auto* o = std::get_if<offset_record>(&record)) {
    const auto at = "offset " + o->group + " " + o->topic + "-" + std::to_string(o->partition);
    return at + (o->value ? " = " + std::to_string(o->value->offset) : " is gone");
  }
  if (const auto* c = std::get_if<consumer_group_record>(&record))
    return words(*c, topics);
  const auto& g = std::get<classic_group_record>(record);
  if (!g.value)
    return "group " + g.group + " is gone";
  auto text = "group " + g.group + " at " + std::to_string(g.value->generation);
  for (const auto& m : g.value->members)
    text += ", " + m.member_id + (g.value->leader ? ": " + words(m.assignment, topics) : "");
  return text;
}

} // namespace chisme::test
