// Fetch requests and what partitions find for them.
#pragma once

#include "tests/support/session_fixture.hpp"

#include "messages/kafka/01_fetch.hpp"

namespace chisme::testing {

class fetch_test : public session_test {
protected:
  using request = kafka::fetch_request;
  using response = kafka::fetch_response;

  static request fetch(int32_t max_wait_ms = 500, int32_t min_bytes = 1) {
    request r;
    r.max_wait_ms = max_wait_ms;
    r.min_bytes = min_bytes;
    r.max_bytes = 1 << 20;
    return r;
  }

  static request& want(request& r, const std::string& topic, int32_t partition, int64_t offset = 0,
                       int32_t max_bytes = 1 << 20) {
    auto& t = r.topics.emplace_back();
    t.topic = topic;
    t.topic_id = id_of(topic);
    auto& p = t.partitions.emplace_back();
    p.partition = partition;
    p.fetch_offset = offset;
    p.partition_max_bytes = max_bytes;
    return r;
  }

  static request one(const std::string& topic, int32_t max_wait_ms = 500, int32_t min_bytes = 1) {
    auto r = fetch(max_wait_ms, min_bytes);
    return want(r, topic, 0);
  }

  static partition::read_result found(std::string_view bytes, offset_t high_watermark = 100) {
    partition::read_result r;
    r.records = payload{buffer::copy_of(bytes)};
    r.high_watermark = r.last_stable_offset = high_watermark;
    r.log_start_offset = 3;
    r.current_leader_epoch = 5;
    return r;
  }

  /// The partition answers the read that it was asked last.
  static void give(const partition_ptr& to, partition::read_result r) { to->reads.back().done(std::move(r)); }

  void ask_and_settle(const request& r, int16_t version = 12) {
    ask(r, version);
    settle();
  }

  struct told {
    std::string topic;
    int32_t partition;
    error_code error;
    int64_t high_watermark;
    std::string records;
    friend bool operator==(const told&, const told&) = default;
    friend std::ostream& operator<<(std::ostream& out, const told& t) {
      return out << t.topic << '-' << t.partition << ' ' << to_string(t.error) << " hw=" << t.high_watermark << " '"
                 << t.records.substr(0, 40) << "'";
    }
  };

  /// What an answer tells about its partitions, in order.
  static std::vector<told> all_of(const response& r) {
    std::vector<told> all;
    for (const auto& t : r.responses)
      for (const auto& p : t.partitions)
        all.push_back({t.topic, p.partition_index, p.error, p.high_watermark, flat(p.records)});
    return all;
  }
};

} // namespace chisme::testing
