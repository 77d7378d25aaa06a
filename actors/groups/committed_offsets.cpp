#include "actors/groups/committed_offsets.hpp"

#include <limits>
#include <set>

namespace chisme::groups {

namespace {

/// From this version on topics are named by their ids.
constexpr int16_t topic_ids = 10;

using fetched_partition = kafka::offset_fetch_response::group_partition;
using fetched_topic = kafka::offset_fetch_response::group_topic;

fetched_partition found(partition_index partition, const committed_offset& o) {
  return {partition, o.offset, o.leader_epoch, o.metadata, error_code::none};
}

fetched_partition not_found(partition_index partition, error_code code = error_code::none) {
  return {partition, -1, -1, "", code};
}

/// At most, as far as the request tells: its topics may be named by their ids.
size_t bytes_written_by(const kafka::offset_commit_request& r) {
  constexpr size_t longest_topic = 249, numbers = 100;
  size_t bytes = 0;
  for (const auto& t : r.topics) {
    const auto name = t.name.empty() ? longest_topic : t.name.size();
    for (const auto& p : t.partitions)
      bytes += r.group_id.size() + name + numbers + (p.committed_metadata ? p.committed_metadata->size() : 0);
  }
  return bytes;
}

timestamp_ms later(timestamp_ms from, int64_t by) {
  return by > std::numeric_limits<timestamp_ms>::max() - from ? std::numeric_limits<timestamp_ms>::max() : from + by;
}

} // namespace

kafka::offset_commit_response commit_refused(const kafka::offset_commit_request& r, error_code code) {
  kafka::offset_commit_response response;
  for (const auto& t : r.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = t.name;
    topic.topic_id = t.topic_id;
    for (const auto& p : t.partitions)
      topic.partitions.push_back({p.partition_index, code});
  }
  return response;
}

void committed_offsets::apply(const offset_record& record) {
  if (record.value) {
    groups_[record.group][record.topic][record.partition] = *record.value;
    return;
  }
  auto group = groups_.find(record.group);
  if (group == groups_.end())
    return;
  auto topic = group->second.find(record.topic);
  if (topic == group->second.end())
    return;
  topic->second.erase(record.partition);
  if (topic->second.empty())
    group->second.erase(topic);
  if (group->second.empty())
    groups_.erase(group);
}

void committed_offsets::write(offset_record record, effects& out) {
  apply(record);
  out.records.push_back(std::move(record));
}

const committed_offset* committed_offsets::find(std::string_view group, std::string_view topic,
                                                partition_index partition) const {
  auto g = groups_.find(group);
  if (g == groups_.end())
    return nullptr;
  auto t = g->second.find(topic);
  if (t == g->second.end())
    return nullptr;
  auto p = t->second.find(partition);
  return p == t->second.end() ? nullptr : &p->second;
}

kafka::offset_commit_response committed_offsets::commit(const kafka::offset_commit_request& r, int16_t version,
                                                        const topic_catalog& topics, timestamp_ms now, effects& out) {
  if (bytes_written_by(r) > max_group_bytes)
    return commit_refused(r, error_code::invalid_commit_offset_size);
  auto response = commit_refused(r, error_code::none);
  const bool by_id = version >= topic_ids;
  for (size_t i = 0; i < r.topics.size(); ++i) {
    const auto topic = by_id ? topics.find(r.topics[i].topic_id) : topics.find(r.topics[i].name);
    const auto unknown = by_id ? error_code::unknown_topic_id : error_code::unknown_topic_or_partition;
    for (size_t p = 0; p < r.topics[i].partitions.size(); ++p)
      response.topics[i].partitions[p].error =
        topic ? commit_one(r.group_id, *topic, r.topics[i].partitions[p], r.retention_time_ms, now, out) : unknown;
  }
  return response;
}

error_code committed_offsets::commit_one(const std::string& group, const topic_info& topic,
                                         const kafka::offset_commit_request::partition& p, int64_t retention_ms,
                                         timestamp_ms now, effects& out) {
  if (p.partition_index < 0 || p.partition_index >= topic.partitions)
    return error_code::unknown_topic_or_partition;
  auto metadata = p.committed_metadata.value_or("");
  if (metadata.size() > static_cast<size_t>(around_->settings.offset_metadata_max_bytes))
    return error_code::offset_metadata_too_large;
  const auto expires = retention_ms < 0 ? timestamp_ms{-1} : later(now, retention_ms);
  write({group, topic.name, p.partition_index,
         committed_offset{p.committed_offset, p.committed_leader_epoch, std::move(metadata), now, expires, topic.id}},
        out);
  return error_code::none;
}

kafka::offset_fetch_response::group committed_offsets::fetch(const kafka::offset_fetch_request::group& r,
                                                             int16_t version, const topic_catalog& topics) const {
  kafka::offset_fetch_response::group response;
  response.group_id = r.group_id;
  const bool by_id = version >= topic_ids;
  if (r.topics) {
    // A few bytes name a partition, and the answer has all that was committed for it: each is told once.
    std::set<const committed_offset*> told;
    for (const auto& t : *r.topics) {
      const auto known = by_id ? topics.find(t.topic_id) : nullptr;
      const auto& name = known ? known->name : t.name;
      const auto error = by_id && !known ? error_code::unknown_topic_id : error_code::none;
      fetched_topic topic{t.name, t.topic_id, {}};
      for (auto p : t.partition_indexes) {
        const auto* o = error == error_code::none ? find(r.group_id, name, p) : nullptr;
        if (o && !told.insert(o).second)
          continue;
        topic.partitions.push_back(o ? found(p, *o) : not_found(p, error));
      }
      response.topics.push_back(std::move(topic));
    }
    return response;
  }
  auto group = groups_.find(r.group_id);
  if (group == groups_.end())
    return response;
  for (const auto& [name, partitions] : group->second) {
    const auto known = topics.find(name);
    if (by_id && !known)
      continue; // nothing that the client could call it
    fetched_topic topic{name, known ? known->id : uuid{}, {}};
    for (const auto& [index, o] : partitions)
      topic.partitions.push_back(found(index, o));
    response.topics.push_back(std::move(topic));
  }
  return response;
}

void committed_offsets::remove(const std::string& group, const std::string& topic, partition_index partition,
                               effects& out) {
  if (find(group, topic, partition))
    write({group, topic, partition, std::nullopt}, out);
}

void committed_offsets::remove_group(const std::string& group, effects& out) {
  auto i = groups_.find(group);
  if (i == groups_.end())
    return;
  const auto topics = i->second;
  for (const auto& [topic, partitions] : topics)
    for (const auto& [index, o] : partitions)
      write({group, topic, index, std::nullopt}, out);
}

void committed_offsets::forget_missing_topics(const topic_catalog& topics, effects& out) {
  std::vector<offset_record> gone;
  for (const auto& [group, committed] : groups_)
    for (const auto& [topic, partitions] : committed) {
      const auto* there = topics.find(topic);
      for (const auto& [index, o] : partitions)
        if (!there || (!o.topic_id.is_zero() && o.topic_id != there->id))
          gone.push_back({group, topic, index, std::nullopt});
    }
  for (auto& record : gone)
    write(std::move(record), out);
}

bool committed_offsets::is_expired(const committed_offset& o, const expiry_rule& rule, timestamp_ms now) const {
  if (o.expire_timestamp != -1)
    return now >= o.expire_timestamp;
  const bool since_empty = rule.since == expiry_since::empty && rule.empty_since != -1;
  const auto since = since_empty ? rule.empty_since : o.commit_timestamp;
  return since <= now - around_->settings.offsets_retention_ms;
}

void committed_offsets::expire(const std::string& group, const expiry_rule& rule,
                               const std::function<bool(const std::string&)>& is_subscribed, timestamp_ms now,
                               effects& out) {
  auto i = groups_.find(group);
  if (rule.since == expiry_since::never || i == groups_.end())
    return;
  std::vector<offset_record> gone;
  for (const auto& [topic, partitions] : i->second) {
    if (is_subscribed(topic))
      continue;
    for (const auto& [index, o] : partitions)
      if (is_expired(o, rule, now))
        gone.push_back({group, topic, index, std::nullopt});
  }
  for (auto& record : gone)
    write(std::move(record), out);
}

} // namespace chisme::groups
