// Clients that talk to a group coordinator, and what is said, line by line:
//
//   m1 > join v9
//   m1 < 79 MEMBER_ID_REQUIRED m1-1
//   -- 3000 ms
//   m1 < joined 1 as m1-1, leader m1-1, range, members m1-1 m2-2
//      * group g: 1 Stable...
#pragma once

#include "actors/groups/group_shard.hpp"

#include <map>
#include <set>

namespace chisme::test {

/// Topics as a test names them.
class made_up_topics : public groups::topic_catalog {
public:
  void add(const std::string& name, int32_t partitions);
  void remove(const std::string& name) {
    topics_.erase(name);
    ++version_;
  }
  const std::map<std::string, groups::topic_info, std::less<>>& all() const { return topics_; }

  const groups::topic_info* find(std::string_view name) const override;
  const groups::topic_info* find(const uuid& id) const override;
  std::vector<std::string_view> names() const override;
  uint64_t version() const override { return version_; }

private:
  std::map<std::string, groups::topic_info, std::less<>> topics_;
  uint8_t next_id_ = 1;
  uint64_t version_ = 1;
};

/// A consumer's subscription as it stands in JoinGroup; a cooperative one says which partitions of t it goes on with,
/// and since which generation.
buffer subscription_to(const std::vector<std::string>& topics, const std::vector<int32_t>& owned = {},
                       int32_t generation = -1);
/// A consumer's part as it stands in SyncGroup: partitions of topic t.
std::string part_of_t(std::vector<int32_t> partitions);

class group_conversation {
public:
  struct join_options {
    int16_t version = 9;
    std::optional<std::string> id = {}; ///< another than the client has been given
    std::optional<std::string> instance = {};
    int32_t session_ms = 10'000;
    int32_t rebalance_ms = 60'000;
    std::string type = "consumer";
    std::vector<std::string> protocols = {"range"};
    std::vector<std::string> topics = {"t"};
    std::string group = "g";
    std::vector<int32_t> owned = {}; ///< partitions of t that a cooperative member goes on with
  };

  explicit group_conversation(groups::group_settings settings = {});

  /// What each client was told last; a test may put in what it likes.
  struct client {
    std::string id;
    std::optional<std::string> instance;
    int32_t generation = -1; ///< or epoch
    groups::partition_set told = {};
    std::optional<std::pair<groups::group_request, int16_t>> last = {}; ///< request, and its version
  };
  client& of(const std::string& name) { return clients_[name]; }

  void join(const std::string& name, const join_options& options);
  void join(const std::string& name) { join(name, {}); }
  /// Twice, first for the id.
  void enter(const std::string& name) { join(name), join(name); }
  void sync(const std::string& name, const std::map<std::string, std::string>& assignments = {}, int16_t version = 5,
            std::optional<std::string> protocol = std::nullopt);
  void beat(const std::string& name);
  /// A heartbeat of KIP-848: the first one joins, each says that the client has what it was told last.
  void consume(const std::string& name);
  void stop_consuming(const std::string& name);
  void leave(const std::string& name, int16_t version = 5);
  void commit(const std::string& name, const std::string& topic, int32_t partition, int64_t offset,
              int16_t version = 9);
  void fetch(const std::string& name, int16_t version = 9);
  /// The client's last request once more, from a connection that it thinks dead: it does not read the answer.
  void again(const std::string& name);
  void describe(const std::string& group = "g", int16_t version = 6);
  /// Anything, as a client without a group; the answer is returned and not written down.
  template <class Response>
  Response ask(const groups::group_request& request, int16_t version) {
    groups::effects out;
    shard_->handle({++last_ticket_, "tool", "/127.0.0.1", version}, request, topics, now, out);
    keep(out);
    return std::get<Response>(out.answers.at(0).response);
  }
  void wait(timestamp_ms ms);
  /// The coordinator is lost and read back from its records.
  void restart();

  /// All that was said since it was last asked for.
  std::string said() { return std::exchange(said_, ""); }

  groups::group_shard& shard() { return *shard_; }
  const std::vector<groups::group_record>& log() const { return log_; }
  made_up_topics topics;
  timestamp_ms now = 1'000'000;

private:
  void say(const std::string& line) { said_ += line + "\n"; }
  void send(const std::string& name, int16_t version, const groups::group_request& request);
  void tell(const groups::effects& out);
  void keep(const groups::effects& out) { log_.insert(log_.end(), out.records.begin(), out.records.end()); }
  void tell_one(client& c, const std::string& name, const groups::group_response& response);

  groups::group_settings settings_;
  std::unique_ptr<groups::group_shard> shard_;
  std::vector<groups::group_record> log_;
  std::map<std::string, client> clients_;
  std::map<groups::ticket, std::string> asked_;
  std::set<groups::ticket> unread_;
  groups::ticket last_ticket_ = 0;
  int last_id_ = 0;
  std::string said_;
};

} // namespace chisme::test
