#include "tests/sim/replay_check.hpp"

#include <algorithm>

namespace chisme::test {

using namespace groups;

namespace {

using described_group = kafka::describe_groups_response::described_group;

described_group describe(group_shard& shard, const std::string& group, const topic_catalog& topics, timestamp_ms now) {
  effects out;
  shard.handle({0, "tool", "/", 5}, describe_group_request{group}, topics, now, out);
  return std::get<described_group>(out.answers.at(0).response);
}

/// Members that are to meet (again) are told of it, whatever is left of them. Of others nothing may be forgotten.
bool is_recorded(const described_group& live, const kafka::group_metadata_value* record) {
  if (live.group_state != "Stable")
    return true;
  return record && record->leader && record->protocol == live.protocol_data &&
         std::ranges::equal(live.members, record->members, [](const auto& m, const auto& saved) {
           return m.member_id == saved.member_id && m.group_instance_id == saved.group_instance_id &&
                  m.client_id == saved.client_id && m.member_metadata == saved.subscription &&
                  m.member_assignment == saved.assignment;
         });
}

const kafka::group_metadata_value* find(const std::vector<group_record>& records, const std::string& group) {
  for (const auto& r : records)
    if (const auto* g = std::get_if<classic_group_record>(&r); g && g->group == group)
      return g->value ? &*g->value : nullptr;
  return nullptr;
}

} // namespace

std::string replay_difference(group_shard& live, const std::vector<group_record>& records,
                              const std::vector<std::string>& group_names, const topic_catalog& topics,
                              timestamp_ms now) {
  if (records != live.snapshot())
    return "the records say something else than the memory";
  for (const auto& name : group_names)
    if (!is_recorded(describe(live, name, topics, now), find(records, name)))
      return "a restart would make another group of " + name + ", which is stable";
  return "";
}

std::vector<journal::entry> compacted(const std::vector<journal::entry>& log, size_t end, bool is_old) {
  std::map<std::string, size_t> newest;
  for (size_t i = 0; i < end; ++i)
    newest[std::string{as_chars(log[i].key)}] = i;
  std::vector<journal::entry> left;
  for (size_t i = 0; i < log.size(); ++i)
    if (i >= end || (newest.at(std::string{as_chars(log[i].key)}) == i && (log[i].value || !is_old)))
      left.push_back(log[i]);
  return left;
}

} // namespace chisme::test
