// A consumer group among members that stall, vanish, come back and repeat themselves, on a network that loses
// requests and answers, and a coordinator that is thrown away and made anew from its log.
//
// What must hold is said in terms of what members were told: a partition is claimed by a member from the
// moment an answer reaches it until a request reaches the group that says otherwise, or until its time is up.
#pragma once

#include "tests/support/consumer_group_fixture.hpp"

#include <random>

namespace chisme::testing {

class consumer_group_run {
public:
  explicit consumer_group_run(uint64_t seed);

  /// What went wrong; empty if nothing did.
  std::string run();

private:
  /// A process that consumes. A new one in the same place has another member id.
  struct client {
    std::string id;
    std::optional<std::string> instance;
    std::vector<std::string> topics;
    std::string regex;     ///< empty: none
    bool here = false;     ///< has joined, as far as it knows
    bool gone = false;     ///< died without a word
    bool away = false;     ///< left for a while, its instance id waits
    bool stubborn = false; ///< beats, but does not give anything up
    bool tell_all = false; ///< the last answer did not come: the next request is a full one
    bool tell_topics = false;
    int32_t epoch = 0;
    timestamp_ms stalled_until = 0;
    timestamp_ms revoked_at = 0; ///< when it has given up what it was told to
    partition_set has, told, reported;
  };

  void storm_step();
  void act(client& c);
  void quiet_down();
  void restart();
  void tick();
  void change_topics();

  void join(client& c);
  void beat(client& c);
  void leave(client& c, int32_t epoch);
  void repeat_join(client& c);
  void vanish(client& c);
  void settle(client& c);
  void deliver(client& c, const heartbeat_request& r);
  void take(client& c, const heartbeat_response& response);

  heartbeat_response send(const heartbeat_request& r);
  void hear(const heartbeat_request& r, const heartbeat_response& response);
  void keep(const consumer_group_effects& out);
  std::unique_ptr<consumer_group> replay(const std::vector<consumer_group_record>& log) const;
  std::vector<consumer_group_record> compacted();

  void check_step(const client& c);
  void check_claims();
  void check_epochs();
  void check_commits(const client& c);
  void check_replay();
  void check_records();
  void check_settled();
  void fail(std::string what);

  bool chance(unsigned percent) { return random_() % 100 < percent; }
  uint64_t below(uint64_t n) { return random_() % n; }

  std::mt19937_64 random_;
  test_catalog catalog_;
  consumer_group_settings settings_;
  timestamp_ms now_ = 1'000'000;
  std::unique_ptr<consumer_group> group_;
  std::unique_ptr<consumer_group> replayed_; ///< made of the records of group_ and nothing else
  std::vector<consumer_group_record> log_;
  std::vector<client> clients_;
  std::map<std::string, partition_set> claims_;    ///< by member id
  std::map<std::string, int32_t> epochs_;          ///< by member id, as the last answer to it says, read or not
  std::map<std::string, std::string> instances_;   ///< the member id that each has
  std::map<std::string, timestamp_ms> last_heard_; ///< by member id, of accepted heartbeats
  bool lossy_ = true;
  int32_t group_epoch_ = 0;
  int processes_ = 0;
  size_t records_ = 0;
  std::string wrong_;
};

} // namespace chisme::testing
