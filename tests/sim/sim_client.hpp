// What all simulated clients do: they have a connection to each node that they talk to, one request under way, and know
// where partitions are led as far as they were told.
#pragma once

#include "tests/sim/ledger.hpp"
#include "tests/sim/sim_node.hpp"

#include <map>
#include <memory>
#include <random>

namespace chisme::test {

/// What clients share: the processes that are there now, chance, the ledger.
struct sim_world {
  std::mt19937_64& random;
  ledger& told;
  trace_hash& trace;
  std::map<node_id, sim_node*> nodes{};
  /// Whether clients have to find out where to go. In a world of one node they go there.
  bool is_cluster = false;
  int16_t replication_factor = 1;
  /// The clients' clock; in a world of one node it is that node's.
  timestamp_ms time = 0;

  int64_t pick(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
  }
  /// Null where nobody listens.
  sim_node* find(node_id id) const {
    const auto n = nodes.find(id);
    return n != nodes.end() && n->second->is_ready() ? n->second : nullptr;
  }
  timestamp_ms now() const { return is_cluster || nodes.empty() ? time : nodes.begin()->second->now(); }
};

class sim_client {
public:
  /// After so many milliseconds without an answer a client closes the connection.
  static constexpr int64_t patience = 30'000;

  explicit sim_client(sim_world& world) : world_(world) {}
  virtual ~sim_client() = default;

  /// Asks for something, unless it waits for an answer.
  void act();
  /// All connections are cut, by whichever side.
  void disconnect() { links_.clear(); }
  void disconnect(node_id from) { links_.erase(from); }
  bool waits() const { return waits_; }
  /// Answers that it got, those with an error included.
  uint64_t answers() const { return answers_; }
  /// Answers without an error to what it is there for.
  uint64_t successes() const { return successes_; }

protected:
  virtual void ask() = 0;

  // -- whom to ask; nothing: it has asked for that first --------------------------------------------------------------
  std::optional<node_id> any_node();
  std::optional<node_id> leader_of(const topic_partition& p);
  std::optional<node_id> controller();
  std::optional<node_id> coordinator_of(const std::string& group);
  /// In which the leader leads, as the client knows; -1 where it does not say so.
  leader_epoch_t epoch_of(const topic_partition& p) const;

  /// Where the error says so, or there was no answer, what the client knows may be old: it finds out anew.
  void doubt(error_code code);

  /// `then` gets the answer, or null where it was lost.
  template <class Response, class Request, class F>
  void request(node_id to, const Request& r, int16_t version, F then) {
    auto* link = link_to(to);
    if (!link)
      return forget();
    begin_waiting(to);
    link->template ask<Response>(r, version, [this, then](const Response* answer) {
      end_waiting(answer != nullptr);
      then(answer);
    });
  }
  void succeeded() { ++successes_; }
  topic_partition some_partition();

  sim_world& world_;

private:
  client_link* link_to(node_id id);
  void begin_waiting(node_id on);
  void end_waiting(bool is_answered);
  void forget();
  void refresh();
  void find_coordinator(const std::string& group);

  struct known_leader {
    node_id node = -1;
    leader_epoch_t epoch = -1;
  };

  std::map<node_id, std::unique_ptr<client_link>> links_;
  std::map<topic_partition, known_leader> leaders_;
  std::map<std::string, node_id> coordinators_;
  node_id controller_ = -1;
  bool waits_ = false;
  node_id waits_on_ = -1;
  timestamp_ms asked_at_ = 0;
  uint64_t answers_ = 0;
  uint64_t successes_ = 0;
};

/// Names of the topics that records go to, with two partitions each.
extern const std::vector<std::string> sim_topics;

/// The values of the records of a fetch, by offset.
std::vector<std::pair<offset_t, std::string>> records_of(const payload& data);

} // namespace chisme::test
