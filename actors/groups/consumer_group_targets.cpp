// The group's epochs, what its subscriptions stand for, and the target assignment.
#include "actors/groups/consumer_group.hpp"

#include "actors/groups/assignors.hpp"
#include "actors/groups/topic_regex.hpp"
#include "messages/internal_topics.hpp"

namespace chisme::groups {

namespace {

/// FNV-1a, as a number that may be stored: what it was stays comparable after a restart.
class stable_hash {
public:
  void add(std::string_view bytes) {
    for (unsigned char b : bytes)
      mix(b);
    mix(0);
  }
  void add(const uuid& id) {
    for (auto b : id.bytes)
      mix(b);
  }
  void add(int32_t number) {
    for (int shift = 0; shift < 32; shift += 8)
      mix(static_cast<uint8_t>(number >> shift));
  }
  int64_t value() const { return static_cast<int64_t>(hash_); }

private:
  void mix(uint8_t byte) { hash_ = (hash_ ^ byte) * 1099511628211ull; }

  uint64_t hash_ = 14695981039346656037ull;
};

/// The topics that exist, sorted by id, and where each name stands among them.
struct known_topics {
  std::vector<assignable_topic> topics;
  std::map<std::string_view, uint32_t> positions;

  known_topics(const consumer_group_state& state, const topic_catalog& catalog) {
    std::vector<const topic_info*> found;
    for (const auto& [name, subscribers] : state.topics())
      if (const auto* topic = catalog.find(name))
        found.push_back(topic);
    std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
    for (const auto* topic : found) {
      positions.emplace(topic->name, static_cast<uint32_t>(topics.size()));
      topics.push_back({topic->id, topic->partitions});
    }
  }

  void add(std::vector<uint32_t>& to, const std::vector<std::string>& names) const {
    for (const auto& name : names)
      if (const auto i = positions.find(name); i != positions.end())
        to.push_back(i->second);
  }
};

bool subscribe_to_the_same(const member_metadata_value& a, const member_metadata_value& b) {
  return a.subscribed_topic_names == b.subscribed_topic_names && a.subscribed_topic_regex == b.subscribed_topic_regex;
}

std::vector<uint32_t> subscribed_positions(const consumer_group_state& state, const known_topics& known,
                                           const member_metadata_value& member) {
  std::vector<uint32_t> out;
  known.add(out, member.subscribed_topic_names);
  if (member.subscribed_topic_regex) {
    const auto i = state.regexes().find(*member.subscribed_topic_regex);
    if (i != state.regexes().end() && i->second.resolved)
      known.add(out, i->second.resolved->topics);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

} // namespace

void consumer_group::topics_changed(timestamp_ms now, const topic_catalog& catalog, consumer_group_effects& out) {
  if (!empty() && refresh_topics(now, catalog, out))
    next_epoch(catalog, out);
}

bool consumer_group::refresh_topics(timestamp_ms now, const topic_catalog& catalog, consumer_group_effects& out) {
  if (seen_version_ == catalog.version())
    return false;
  seen_version_ = catalog.version();
  std::vector<std::string> patterns;
  for (const auto& [pattern, regex] : state_.regexes())
    if (regex.members > 0)
      patterns.push_back(pattern);
  for (const auto& pattern : patterns)
    resolve(pattern, now, catalog, out);
  return hash_of_topics(catalog) != state_.metadata_hash();
}

/// No record where it stands for the same topics as before.
void consumer_group::resolve(const std::string& pattern, timestamp_ms now, const topic_catalog& catalog,
                             consumer_group_effects& out) {
  regular_expression_value value{{}, static_cast<int64_t>(catalog.version()), now};
  if (const auto regex = topic_regex::compile(pattern))
    for (auto name : catalog.names())
      if (!internal_topics::contain(name) && regex->matches(name)) // who wants to read such a topic names it
        value.topics.emplace_back(name);
  std::sort(value.topics.begin(), value.topics.end());
  const auto& known = state_.regexes().at(pattern).resolved;
  if (!known || known->topics != value.topics)
    put(out, regular_expression_record{state_.id(), pattern, std::move(value)});
}

void consumer_group::forget_unused_regexes(consumer_group_effects& out) {
  std::vector<std::string> unused;
  for (const auto& [pattern, regex] : state_.regexes())
    if (regex.members == 0)
      unused.push_back(pattern);
  for (const auto& pattern : unused)
    put(out, regular_expression_record{state_.id(), pattern, std::nullopt});
}

/// Of names, ids and sizes of what members subscribe to, as far as it exists.
int64_t consumer_group::hash_of_topics(const topic_catalog& catalog) const {
  stable_hash hash;
  for (const auto& [name, subscribers] : state_.topics())
    if (const auto* topic = catalog.find(name)) {
      hash.add(name);
      hash.add(topic->id);
      hash.add(topic->partitions);
    }
  return hash.value();
}

void consumer_group::next_epoch(const topic_catalog& catalog, consumer_group_effects& out) {
  put(out, group_metadata_record{state_.id(), group_metadata_value{state_.epoch() + 1, hash_of_topics(catalog)}});
}

std::string_view consumer_group::assignor_name() const {
  const auto preferred = state_.preferred_assignor();
  if (!preferred.empty() && find_assignor(preferred))
    return preferred;
  return settings_.assignors.empty() ? std::string_view{"uniform"} : std::string_view{settings_.assignors.front()};
}

/// What an assignment costs grows with the group. Where thousands join at once it is not made for each of
/// them.
bool consumer_group::may_assign(timestamp_ms now) const {
  if (!last_assigned_ || now < *last_assigned_) // a clock may be set back
    return true;
  const auto members = static_cast<int64_t>(state_.members().size());
  return now - *last_assigned_ >= members * settings_.assignment_pause_us_per_member / 1000;
}

/// A target for all members, away ones too; records only for those whose target is another than before.
void consumer_group::assign(timestamp_ms now, const topic_catalog& catalog, consumer_group_effects& out) {
  last_assigned_ = now;
  const known_topics known{state_, catalog};
  assignment_task task{known.topics, {}, {}};
  const member_metadata_value* previous = nullptr;
  task.members.reserve(state_.members().size());
  for (const auto& [name, member] : state_.members()) {
    if (!previous || !subscribe_to_the_same(*previous, member.metadata))
      task.subscriptions.push_back(subscribed_positions(state_, known, member.metadata));
    previous = &member.metadata;
    const auto& instance = member.metadata.instance_id;
    task.members.push_back({name, instance ? std::string_view{*instance} : std::string_view{},
                            static_cast<uint32_t>(task.subscriptions.size() - 1), &member.target});
  }
  const auto found = find_assignor(assignor_name());
  const auto targets = found ? found(task) : assign_uniform(task);
  // The task looks into the members, which stay where they are: records of targets do not add or remove any.
  for (size_t i = 0; i < targets.size(); ++i)
    if (targets[i] != *task.members[i].current)
      put(out, target_assignment_record{state_.id(), std::string{task.members[i].id},
                                        target_assignment_member_value{by_topic(targets[i])}});
  put(out, target_epoch_record{state_.id(), target_assignment_metadata_value{state_.epoch()}});
}

} // namespace chisme::groups
