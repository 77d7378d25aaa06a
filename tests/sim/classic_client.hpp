// A consumer as librdkafka is one: it joins, syncs, sends heartbeats, commits, and does what each error asks for.
#pragma once

#include "tests/support/group_conversation.hpp"

#include <random>

namespace chisme::test {

using owned_partitions = std::set<std::pair<std::string, int32_t>>;

/// What an assignment's bytes say; they begin with a version.
owned_partitions parts_from(const buffer& assignment);

/// What a client knows of the topics, and when they last changed.
struct topics_view {
  const made_up_topics& topics;
  int version = 0;
};

/// One of all that a member has; positions go on from `position`.
struct commit_words {
  std::string group;
  std::string member;
  std::optional<std::string> instance;
  int32_t epoch = -1; ///< or generation
  std::string note;
};
kafka::offset_commit_request commit_of(const commit_words& who, const owned_partitions& parts, int64_t& position);

class classic_client {
public:
  struct profile {
    std::string name;
    std::string group;
    std::optional<std::string> instance;
    int16_t join_version = 9;
    int32_t session_ms = 10'000;
    int32_t rebalance_ms = 20'000;
    std::vector<std::string> topics;
    std::vector<std::string> protocols;
    /// It goes on with what it has while members meet, and gives up only what it is not given again (KIP-429).
    bool is_cooperative = false;
  };
  struct outgoing {
    groups::group_request request;
    int16_t version = 0;
  };

  classic_client(profile p, uint64_t seed) : profile_(std::move(p)), random_(seed) {}

  /// A new process, which knows nothing.
  void start(timestamp_ms now);
  /// Without a word.
  void vanish() { on_ = false; }
  bool is_on() const { return on_; }
  /// It had joined, and was then told for good that it does not fit.
  bool ended_as_it_synced() const { return ended_as_it_synced_; }
  bool is_waiting() const { return waiting_; }

  /// When it wants to do something; nullopt while it waits for an answer, or is off.
  std::optional<timestamp_ms> next_action() const { return on_ && !waiting_ ? std::optional{at_} : std::nullopt; }
  outgoing act(timestamp_ms now, const topics_view& topics);
  void told(const groups::group_response& response, timestamp_ms now);
  /// The answer that it waits for will not come.
  void connection_lost(timestamp_ms now);

  outgoing a_commit();
  outgoing a_leave() const;
  /// As an administrator does it: whoever has the instance now.
  outgoing a_removal() const;

  const profile& about() const { return profile_; }
  const std::string& id() const { return id_; }
  bool is_stable() const { return on_ && phase_ == phase::stable; }
  const owned_partitions& owned() const { return owned_; }

private:
  enum class phase : uint8_t { joining, syncing, stable };

  int64_t pick(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  void rejoin(timestamp_ms now, bool with_id);
  void failed(error_code code, timestamp_ms now);
  void joined(const kafka::join_group_response& r, timestamp_ms now);
  outgoing a_join();
  buffer a_subscription() const;
  void synced(const owned_partitions& given, timestamp_ms now);
  outgoing a_sync(const topics_view& topics);
  std::map<std::string, owned_partitions> share_out(const made_up_topics& topics) const;

  profile profile_;
  std::mt19937_64 random_;
  bool on_ = false;
  bool waiting_ = false;
  phase phase_ = phase::joining;
  timestamp_ms at_ = 0;
  std::string id_;
  int32_t generation_ = -1;
  std::optional<std::string> protocol_;
  bool ended_as_it_synced_ = false;
  bool leads_ = false, assigns_ = false;
  int shared_out_version_ = 0;
  std::vector<kafka::join_group_response::member> members_;
  owned_partitions owned_;
  int64_t position_ = 0;
};

} // namespace chisme::test
