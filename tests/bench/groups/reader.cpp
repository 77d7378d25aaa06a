#include "tests/bench/groups/reader.hpp"

#include <algorithm>

namespace chisme::bench {

namespace {

constexpr int32_t poll_ms = 500;
constexpr int32_t partition_bytes = 64 << 10;

/// Behind the last record of the batches; nothing: there are none.
std::optional<int64_t> end_of(const payload& records) {
  std::optional<int64_t> end;
  for (const auto& part : records.parts()) {
    log::batch_reader batches{std::get<buffer>(part)};
    while (auto batch = batches.next())
      end = batch->header.next_offset();
  }
  return end;
}

} // namespace

reader::reader(event_loop& loop, uint16_t port, channel& coordinator, const uuid& topic, board& b, size_t number,
               identity who)
  : fetches_(loop, port), coordinator_(coordinator), topic_(topic), board_(b), number_(number), who_(std::move(who)) {}

void reader::assign(const std::vector<int32_t>& partitions) {
  std::erase_if(owned_, [&](const auto& o) {
    const bool goes = !std::ranges::binary_search(partitions, o.first);
    if (goes)
      board_.ended(o.first);
    return goes;
  });
  std::vector<int32_t> fresh;
  for (auto p : partitions) {
    if (owned_.contains(p))
      continue;
    owned_[p].position = board_.began(p, number_);
    fresh.push_back(p);
  }
  if (!fresh.empty())
    ask_offsets(std::move(fresh));
}

/// What the node says is not used: the board knows the positions, and nothing is committed. What it costs counts.
void reader::ask_offsets(std::vector<int32_t> fresh) {
  kafka::offset_fetch_request r;
  auto& group = r.groups.emplace_back(who_());
  auto& topic = group.topics.emplace().emplace_back();
  topic.topic_id = topic_;
  topic.partition_indexes = fresh;
  coordinator_.call<kafka::offset_fetch_response>(
    r, [this, fresh = std::move(fresh)](const kafka::offset_fetch_response& answer) {
      std::vector<int32_t> left;
      std::ranges::copy_if(fresh, std::back_inserter(left), [&](auto p) { return owned_.contains(p); });
      if (left.empty())
        return;
      // The epoch has gone on meanwhile.
      if (answer.groups.at(0).error == error_code::stale_member_epoch)
        return ask_offsets(std::move(left));
      if (answer.groups[0].error != error_code::none)
        throw std::runtime_error("OffsetFetch: " + to_string(answer.groups[0].error));
      first_fetch(left);
    });
}

void reader::first_fetch(const std::vector<int32_t>& fresh) {
  coordinator_.call<kafka::fetch_response>(request(fresh, 0), [this, fresh](const kafka::fetch_response& answer) {
    take(answer);
    for (auto p : fresh) {
      if (auto o = owned_.find(p); o != owned_.end())
        o->second.polled = true;
    }
    poll();
  });
}

void reader::poll() {
  std::vector<int32_t> polled;
  for (const auto& [p, o] : owned_) {
    if (o.polled)
      polled.push_back(p);
  }
  if (polling_ || polled.empty())
    return;
  polling_ = true;
  fetches_.call<kafka::fetch_response>(request(polled, poll_ms), [this](const kafka::fetch_response& answer) {
    polling_ = false;
    take(answer);
    poll();
  });
}

kafka::fetch_request reader::request(const std::vector<int32_t>& partitions, int32_t max_wait_ms) const {
  kafka::fetch_request r;
  r.max_wait_ms = max_wait_ms;
  r.min_bytes = 1;
  auto& topic = r.topics.emplace_back();
  topic.topic_id = topic_;
  for (auto index : partitions) {
    auto& p = topic.partitions.emplace_back();
    p.partition = index;
    p.fetch_offset = owned_.at(index).position;
    p.partition_max_bytes = partition_bytes;
  }
  return r;
}

void reader::take(const kafka::fetch_response& answer) {
  const auto when = now();
  for (const auto& t : answer.responses) {
    for (const auto& p : t.partitions) {
      if (p.error != error_code::none)
        throw std::runtime_error("Fetch: " + to_string(p.error));
      const auto o = owned_.find(p.partition_index);
      const auto end = end_of(p.records);
      // An answer may be to a request from before the partition went away and came back.
      if (o == owned_.end() || !end || *end <= o->second.position)
        continue;
      o->second.position = *end;
      board_.arrived(p.partition_index, number_, *end, when);
    }
  }
}

} // namespace chisme::bench
