// A few replicas of one group without time and chance: a test says which message arrives, who is silent, what is
// synced. What happens is written down, a line for each input and output, with the replica in front.
#pragma once

#include "actors/raft/group.hpp"
#include "tests/support/raft_log.hpp"

#include <deque>
#include <set>
#include <string>

namespace chisme::test {

class raft_trio {
public:
  explicit raft_trio(std::vector<node_id> voters, int replicas = 3);

  /// All that happened since the last call.
  std::string told();
  /// To be left out of it.
  void forget() { told_.clear(); }

  raft::group& at(node_id id) { return *replica(id).machine; }
  raft_log& log(node_id id) { return replica(id).log; }

  void give(node_id to, const raft::input_variant& in);
  /// Batches of one record each, written by a leader.
  void write(node_id leader, int batches = 1);
  /// Delivers what is on its way until nothing is; what is cut off is lost.
  void settle() {
    while (settle_one())
      continue;
  }
  /// One message; false where none is on its way.
  bool settle_one();
  /// The replica talks to nobody, and nobody to it.
  void cut(node_id id) { cut_.insert(id); }
  void join(node_id id) { cut_.erase(id); }
  /// Its disk takes its time: it is synced by sync().
  void hold_syncs(node_id id) { replica(id).holds_syncs = true; }
  void sync(node_id id);
  void crash(node_id id);
  /// It starts anew with nothing, and knows that; the others hear of a new process.
  void lose_disk(node_id id);
  /// Fires the timer that is pending, if one is; false where there is none.
  bool timer(node_id id);
  /// A whole election, the other ones being free to vote: it leads, and all is copied.
  void elect(node_id id);
  size_t on_their_way() const { return mail_.size(); }

private:
  struct one {
    node_id id = 0;
    raft_log log;
    raft::hard_state stored;
    std::unique_ptr<raft::group> machine;
    bool holds_syncs = false;
    bool has_timer = false;
  };
  struct letter {
    node_id from;
    node_id to;
    std::variant<peer::raft_vote_request, peer::raft_vote_answer, peer::raft_append, peer::raft_append_answer,
                 peer::raft_reset, peer::raft_timeout_now, peer::raft_follow>
      body;
  };

  one& replica(node_id id) { return replicas_[static_cast<size_t>(id - 1)]; }
  void start(one& r);
  void deliver(const letter& m);
  void perform(one& r, const raft::output_variant& o, const raft::input_variant& in,
               std::deque<raft::input_variant>& next);
  void note(node_id id, const char* arrow, const std::string& text);

  raft::configuration initial_;
  random_source random_{uint64_t{7}};
  std::vector<one> replicas_;
  std::deque<letter> mail_;
  std::set<node_id> cut_;
  std::string told_;
  uint64_t content_ = 1;
};

} // namespace chisme::test
