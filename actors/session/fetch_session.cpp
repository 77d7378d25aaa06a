#include "actors/session/fetch_session.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace chisme::session {

namespace {

constexpr int32_t sessionless_epoch = -1;
constexpr int32_t first_epoch = 0;

fetch_wish wish_of(const kafka::fetch_request::partition_data& p) {
  return {p.fetch_offset, p.partition_max_bytes, p.current_leader_epoch, p.last_fetched_epoch};
}

std::shared_ptr<const fetch_topic> topic_of(const auto& named) {
  return std::make_shared<const fetch_topic>(fetch_topic{named.topic, named.topic_id});
}

/// What is named again is wished for as it is said last, at the place where it was named first (Kafka's way): no
/// partition is read more often than once.
void keep_each_once(std::vector<fetch_target>& all) {
  std::vector<size_t> by_key(all.size());
  std::iota(by_key.begin(), by_key.end(), size_t{0});
  std::stable_sort(by_key.begin(), by_key.end(), [&](size_t a, size_t b) { return all[a].key < all[b].key; });
  std::vector<bool> is_first(all.size());
  for (size_t i = 0, first = 0; i < by_key.size(); ++i) {
    const auto here = by_key[i];
    if (i == 0 || all[here].key != all[first].key) {
      first = here;
      is_first[here] = true;
    } else {
      all[first].wish = all[here].wish;
    }
  }
  size_t kept = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    if (is_first[i] && i != kept)
      all[kept] = std::move(all[i]);
    kept += is_first[i] ? 1 : 0;
  }
  all.resize(kept);
}

std::vector<fetch_target> targets_of(const kafka::fetch_request& r) {
  std::vector<fetch_target> all;
  for (const auto& t : r.topics) {
    const auto topic = topic_of(t);
    for (const auto& p : t.partitions)
      all.push_back({{topic, p.partition}, wish_of(p)});
  }
  if (all.size() > 1)
    keep_each_once(all);
  return all;
}

bool names_are_possible(const kafka::fetch_request& r) {
  return std::ranges::all_of(r.topics, [](const auto& t) { return t.topic.size() <= fetch_session::longest_name; });
}

} // namespace

int32_t fetch_session_pool::new_id() {
  return static_cast<int32_t>(last_id.fetch_add(1) % std::numeric_limits<int32_t>::max()) + 1;
}

void fetch_session::update(const kafka::fetch_request& r) {
  change_partitions(r);
  next_epoch_ = next_epoch_ == std::numeric_limits<int32_t>::max() ? 1 : next_epoch_ + 1;
}

void fetch_session::change_partitions(const kafka::fetch_request& r) {
  for (const auto& t : r.topics) {
    const auto topic = topic_of(t);
    for (const auto& p : t.partitions) {
      auto [i, is_new] = partitions_.try_emplace({topic, p.partition});
      i->second.wish = wish_of(p);
      if (is_new)
        i->second.turn = next_turn_++;
    }
  }
  for (const auto& t : r.forgotten_topics_data) {
    const auto topic = topic_of(t);
    for (auto p : t.partitions)
      partitions_.erase({topic, p});
  }
}

std::vector<fetch_target> fetch_session::targets() const {
  std::vector<std::pair<uint64_t, fetch_target>> ordered;
  ordered.reserve(partitions_.size());
  for (const auto& [key, e] : partitions_)
    ordered.push_back({e.turn, {key, e.wish}});
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<fetch_target> all;
  all.reserve(ordered.size());
  for (auto& [turn, target] : ordered)
    all.push_back(std::move(target));
  return all;
}

bool fetch_session::tell(const fetch_key& key, told_offsets now, bool has_data, bool failed) {
  auto i = partitions_.find(key);
  if (i == partitions_.end())
    return true;
  auto& e = i->second;
  if (has_data)
    e.turn = next_turn_++;
  const bool news = has_data || failed || e.told != now;
  // After an error the next answer tells everything again.
  e.told = failed ? std::nullopt : std::optional{now};
  return news;
}

fetch_session* fetch_session_slot::open(bool by_topic_id) {
  close();
  if (pool_.free_slots.fetch_sub(1) <= 0) {
    pool_.free_slots.fetch_add(1);
    return nullptr;
  }
  return &session_.emplace(pool_.new_id(), by_topic_id);
}

void fetch_session_slot::close() {
  if (!session_)
    return;
  session_.reset();
  pool_.free_slots.fetch_add(1);
}

fetch_plan plan_fetch(const kafka::fetch_request& r, int16_t version, fetch_session_slot& slot) {
  const bool by_topic_id = version >= 13;
  if (version < 7)
    return {error_code::none, nullptr, false, targets_of(r)};
  if (r.session_epoch == sessionless_epoch) {
    if (slot.get() && slot.get()->id() == r.session_id)
      slot.close();
    return {error_code::none, nullptr, false, targets_of(r)};
  }
  if (r.session_epoch == first_epoch) {
    auto targets = targets_of(r);
    slot.close();
    const bool keepable = !targets.empty() && targets.size() <= fetch_session::most_partitions && names_are_possible(r);
    auto* opened = keepable ? slot.open(by_topic_id) : nullptr;
    if (opened)
      opened->open_with(r);
    return {error_code::none, opened, false, std::move(targets)};
  }
  auto* known = slot.get();
  if (!known || known->id() != r.session_id)
    return {error_code::fetch_session_id_not_found, nullptr, false, {}};
  if (known->by_topic_id() != by_topic_id)
    return {error_code::fetch_session_topic_id_error, nullptr, false, {}};
  if (known->next_epoch() != r.session_epoch)
    return {error_code::invalid_fetch_session_epoch, nullptr, false, {}};
  const bool keepable = names_are_possible(r);
  if (keepable)
    known->update(r);
  if (!keepable || known->size() > fetch_session::most_partitions) {
    // The client opens a new one with a full request, which is then served without a session.
    slot.close();
    return {error_code::fetch_session_id_not_found, nullptr, false, {}};
  }
  return {error_code::none, known, true, known->targets()};
}

} // namespace chisme::session
