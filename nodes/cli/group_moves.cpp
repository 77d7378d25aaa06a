#include "nodes/cli/group_moves.hpp"

#include "messages/kafka/08_offset_commit.hpp"
#include "nodes/cli/topic_commands.hpp"

#include <algorithm>
#include <limits>

namespace chisme::cli {

namespace {

std::string topic_in(const std::string& text) { return text.substr(0, text.find(':')); }

/// "orders has the partitions 0 to 2".
std::string partitions_of(const topic_details& t) {
  const auto first = t.partitions.front().state.partition_index;
  const auto last = t.partitions.back().state.partition_index;
  if (first == last)
    return t.name + " has the partition " + std::to_string(first) + " only";
  return t.name + " has the partitions " + std::to_string(first) + " to " + std::to_string(last);
}

/// However far it is, the sign of the way stays.
int64_t shifted(int64_t from, int64_t by) {
  int64_t to = 0;
  if (!__builtin_add_overflow(from, by, &to))
    return to;
  return by < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}

/// Where the target is, be it in the log or not. `at_time` is the first record of the time, if there is one.
int64_t wanted(const reset_target& to, int64_t earliest, int64_t latest, std::optional<int64_t> from,
               std::optional<int64_t> at_time) {
  switch (to.how) {
    case reset_target::kind::earliest:
      return earliest;
    case reset_target::kind::latest:
      return latest;
    case reset_target::kind::offset:
      return to.value;
    case reset_target::kind::shift:
      return shifted(from.value_or(earliest), to.value);
    case reset_target::kind::time: // nothing that young: behind the end
      return at_time.value_or(latest);
  }
  return latest;
}

std::optional<int64_t> value_at(const std::map<topic_partition, int64_t>& offsets, const topic_partition& tp) {
  const auto i = offsets.find(tp);
  return i == offsets.end() ? std::nullopt : std::optional{i->second};
}

} // namespace

result<void> add_topics(cluster& nodes, group_details& g, const std::vector<std::string>& texts) {
  std::set<std::string> names;
  for (auto& text : texts)
    names.insert(topic_in(text));
  if (names.empty())
    return {};
  auto topics = topic_details_of(nodes, {names.begin(), names.end()});
  if (!topics)
    return tl::make_unexpected(topics.error());
  g.topics = std::move(*topics);
  return {};
}

tl::expected<std::set<topic_partition>, std::string> chosen(const group_details& g,
                                                            const std::vector<std::string>& texts) {
  std::set<topic_partition> all;
  if (texts.empty())
    for (auto& [tp, offset] : g.committed)
      all.insert(tp);
  for (auto& text : texts) {
    const auto t = std::ranges::find(g.topics, topic_in(text), &topic_details::name);
    if (t == g.topics.end() || t->partitions.empty()) {
      const bool has_error = t != g.topics.end() && t->error != error_code::none;
      return tl::make_unexpected(explain(has_error ? t->error : error_code::unknown_topic_or_partition, text));
    }
    bool found = false;
    for (auto& p : t->partitions)
      if (text == t->name || text == t->name + ":" + std::to_string(p.state.partition_index)) {
        all.insert({t->name, p.state.partition_index});
        found = true;
      }
    if (!found)
      return tl::make_unexpected("there is no " + text + "; " + partitions_of(*t));
  }
  return all;
}

result<std::vector<offset_move>> plan(cluster& nodes, const group_details& g,
                                      const std::set<topic_partition>& partitions, const reset_target& to) {
  std::map<topic_partition, int64_t> at_time;
  if (to.how == reset_target::kind::time) {
    auto found = offsets_at(nodes, g.topics, to.value);
    if (!found)
      return tl::make_unexpected(found.error());
    at_time = std::move(*found);
  }
  std::vector<offset_move> moves;
  for (auto& tp : partitions) {
    auto* p = g.find(tp);
    if (!p || !p->earliest || !p->latest)
      return fail(error_code::leader_not_available, to_string(tp) + ": the ends of the partition are not known" +
                                                      (p && !p->problem.empty() ? " (" + p->problem + ")" : ""));
    auto& m = moves.emplace_back(offset_move{tp, value_at(g.committed, tp)});
    const auto offset = wanted(to, *p->earliest, *p->latest, m.from, value_at(at_time, tp));
    m.to = std::clamp(offset, *p->earliest, *p->latest);
    m.clipped = m.to != offset;
  }
  return moves;
}

result<void> commit(kafka_client& coordinator, const std::string& group, std::vector<offset_move>& moves) {
  kafka::offset_commit_request request;
  request.group_id = group;
  for (auto& m : moves) {
    if (request.topics.empty() || request.topics.back().name != m.what.topic)
      request.topics.emplace_back().name = m.what.topic;
    request.topics.back().partitions.push_back({m.what.partition, m.to, -1, ""});
  }
  auto answer = coordinator.call<kafka::offset_commit_response>(request, offsets_by_name);
  if (!answer)
    return tl::make_unexpected(answer.error());
  std::map<topic_partition, error_code> told;
  for (auto& t : answer->topics)
    for (auto& p : t.partitions)
      told[{t.name, p.partition_index}] = p.error;
  for (auto& m : moves) {
    const auto i = told.find(m.what);
    m.error = i == told.end() ? error_code::unknown_server_error : i->second;
  }
  return {};
}

} // namespace chisme::cli
