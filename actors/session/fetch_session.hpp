// Incremental fetch sessions (KIP-227): a consumer names its partitions once and then only what changes; the answer
// has only partitions with something to tell. Pure.
//
// A session belongs to its connection: Kafka's clients keep one for each broker connection and open a new one, with a
// full request, when a broker does not know it any more. So an ended connection takes its session along, and no
// cache has to guess which sessions are still in use.
#pragma once

#include "messages/errors.hpp"
#include "messages/ids.hpp"
#include "messages/kafka/01_fetch.hpp"

#include <atomic>
#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace chisme::session {

/// How a fetch names a topic: by id from version 13 on, by name before.
struct fetch_topic {
  std::string name;
  uuid id;
  friend auto operator<=>(const fetch_topic&, const fetch_topic&) = default;
};

/// How a fetch names a partition. The partitions that a request lists below one topic share its name, which may be
/// long.
struct fetch_key {
  std::shared_ptr<const fetch_topic> topic; ///< never null
  int32_t partition = 0;

  friend bool operator==(const fetch_key& a, const fetch_key& b) { return (a <=> b) == 0; }
  friend std::strong_ordering operator<=>(const fetch_key& a, const fetch_key& b) {
    const auto topics = a.topic == b.topic ? std::strong_ordering::equal : *a.topic <=> *b.topic;
    return topics != 0 ? topics : a.partition <=> b.partition;
  }
};

/// What a consumer wants of one partition.
struct fetch_wish {
  int64_t offset = 0;
  int32_t max_bytes = 0;
  int32_t current_leader_epoch = -1;
  int32_t last_fetched_epoch = -1;
};

struct fetch_target {
  fetch_key key;
  fetch_wish wish;
};

/// What was told about a partition last; an incremental answer leaves out what has not changed.
struct told_offsets {
  int64_t high_watermark = -1;
  int64_t log_start_offset = -1;
  friend bool operator==(const told_offsets&, const told_offsets&) = default;
};

class fetch_session {
public:
  fetch_session(int32_t id, bool by_topic_id) : id_(id), by_topic_id_(by_topic_id) {}

  /// More partitions than this are fetched without a session: what a session keeps must be bounded.
  static constexpr size_t most_partitions = 100'000;
  /// Nor is one kept for longer names: no topic has them.
  static constexpr size_t longest_name = 249;

  int32_t id() const { return id_; }
  size_t size() const { return partitions_.size(); }
  int32_t next_epoch() const { return next_epoch_; }
  bool by_topic_id() const { return by_topic_id_; }

  /// The full request that opens the session; the next one must have epoch 1.
  void open_with(const kafka::fetch_request& r) { change_partitions(r); }

  /// Adds, changes and forgets partitions; the epoch moves on (after 2^31-1 comes 1).
  void update(const kafka::fetch_request& r);

  /// All partitions in the order in which they shall be read. Those that gave data last come last, so that a few
  /// busy partitions cannot keep the others from fitting into the answer.
  std::vector<fetch_target> targets() const;

  /// The answer will tell this about a partition. False: nothing is new, it can be left out.
  bool tell(const fetch_key& key, told_offsets now, bool has_data, bool failed);

private:
  void change_partitions(const kafka::fetch_request& r);

  struct entry {
    fetch_wish wish;
    std::optional<told_offsets> told; // nullopt: nothing yet
    uint64_t turn = 0;                // smaller is read earlier
  };

  int32_t id_;
  int32_t next_epoch_ = 1;
  bool by_topic_id_;
  std::map<fetch_key, entry> partitions_;
  uint64_t next_turn_ = 1;
};

/// What all connections of a node share. Thread-safe: each io thread opens sessions.
struct fetch_session_pool {
  std::atomic<int> free_slots{1000}; ///< max.incremental.fetch.session.cache.slots
  std::atomic<uint32_t> last_id{0};  ///< random at the start: a session of before it is not mistaken for a new one

  /// From 1 to 2^31-1, and not again before all others: a session of another connection is not mistaken for one's own.
  int32_t new_id();
};

/// The place of a connection's session.
class fetch_session_slot {
public:
  explicit fetch_session_slot(fetch_session_pool& pool) : pool_(pool) {}
  ~fetch_session_slot() { close(); }
  fetch_session_slot(const fetch_session_slot&) = delete;
  fetch_session_slot& operator=(const fetch_session_slot&) = delete;

  fetch_session* get() { return session_ ? &*session_ : nullptr; }
  /// Null where all slots are taken.
  fetch_session* open(bool by_topic_id);
  void close();

private:
  fetch_session_pool& pool_;
  std::optional<fetch_session> session_;
};

/// What a Fetch request means for the connection's session.
struct fetch_plan {
  error_code code = error_code::none;
  fetch_session* session = nullptr; ///< null: sessionless
  bool incremental = false;         ///< leave out what has not changed
  std::vector<fetch_target> targets;
};

fetch_plan plan_fetch(const kafka::fetch_request& r, int16_t version, fetch_session_slot& slot);

} // namespace chisme::session
