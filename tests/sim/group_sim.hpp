// A coordinator under random work: members that stall, vanish, come back, say things twice and commit late, topics that
// come, grow and go, and a coordinator that is lost with what it had not yet committed and read back from its records.
// Promise P3: one owner per partition and generation, generations that only grow, no commit lost or taken from somebody
// who is fenced, and a memory that equals its records. In the end all who are there share all there is.
#pragma once

#include "tests/sim/classic_client.hpp"
#include "tests/sim/group_checks.hpp"

#include <deque>
#include <memory>
#include <ostream>

namespace chisme::test {

class group_sim {
public:
  explicit group_sim(uint64_t seed);

  /// Empty when all went well.
  std::string run();
  /// Writes down what is said.
  void tell_to(std::ostream& story) { story_ = &story; }

private:
  struct client {
    classic_client machine;
    timestamp_ms stalled_until = 0;
    groups::ticket awaited = 0;
    std::optional<classic_client::outgoing> last_request;
    std::vector<groups::group_response> inbox; ///< that came while it was stalled
    timestamp_ms heard_at = 0;                 ///< last heartbeat that was answered well
  };
  /// What is decided and not yet committed.
  struct pending_effects {
    std::vector<groups::group_record> records;
    std::vector<groups::answer> answers;
  };

  int64_t pick(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  client& any_client() { return clients_[static_cast<size_t>(pick(0, static_cast<int64_t>(clients_.size()) - 1))]; }

  void make_clients();
  std::unique_ptr<groups::group_shard> new_shard();

  // What happens.
  void step();
  void advance();
  void start();
  void vanish();
  void leave();
  void stall();
  void say_again();
  void commit_late();
  void change_topics();
  void administrate();
  void lose_coordinator();

  // How it happens.
  void pass_time(timestamp_ms how_long);
  void tick();
  std::optional<timestamp_ms> next_event() const;
  void act(client& c);
  void wake(client& c);
  groups::ticket send(const classic_client::outgoing& what, const std::string& client_id);
  void took(groups::effects out);
  void load(groups::group_shard& shard, const journal::entry& e);
  void say(const std::string& line) const;
  void say(const groups::effects& out) const;
  void commit_some(size_t how_many);
  void deliver(const groups::answer& a);
  void drop_topic(const std::string& name);

  // What must be true.
  void check_sessions(const std::set<std::string>& stable_before);
  /// Of both groups, or of those of them that are stable.
  std::set<std::string> members(bool of_stable_ones);
  void check_tombstones(const groups::effects& out);
  void check_state();
  void check_restart();
  void settle();
  bool is_settled();
  bool is_settled(const std::string& group);
  void end();
  kafka::describe_groups_response::described_group describe(groups::group_shard& shard, const std::string& group);

  std::mt19937_64 random_;
  groups::group_settings settings_;
  made_up_topics topics_;
  int topics_version_ = 0;
  std::unique_ptr<groups::group_shard> shard_;
  std::unique_ptr<groups::group_shard> replayed_; ///< made of the records of shard_ and nothing else
  std::vector<journal::entry> log_;
  std::deque<pending_effects> pending_;
  std::deque<client> clients_;
  std::map<groups::ticket, client*> awaited_;
  std::map<groups::ticket, std::string> asked_by_; ///< for the story
  group_checks checks_;
  timestamp_ms now_ = 1'000'000;
  groups::ticket last_ticket_ = 0;
  int last_id_ = 0;
  bool may_forget_ = false; ///< what is at hand may let offsets go
  int step_ = 0;
  const char* doing_ = "";
  bool is_checked_ = true; ///< nothing was decided since
  std::ostream* story_ = nullptr;
};

} // namespace chisme::test
