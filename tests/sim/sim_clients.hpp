// Clients of a simulated node or cluster. Each has one request under way, repeats what it does not know the outcome of
// where that is allowed, and tells the ledger what it was told.
#pragma once

#include "messages/kafka/09_offset_fetch.hpp"
#include "tests/sim/sim_client.hpp"

namespace chisme::test {

class sim_producer final : public sim_client {
public:
  sim_producer(sim_world& world, std::string name, bool is_idempotent)
    : sim_client(world), name_(std::move(name)), is_idempotent_(is_idempotent) {}

private:
  void ask() override;
  void ask_for_id();
  void fill();
  void send(node_id leader);
  void answered(error_code code, offset_t base_offset);

  std::string name_;
  bool is_idempotent_;
  int64_t id_ = -1;
  int16_t epoch_ = 0;
  topic_partition to_;
  std::vector<std::string> in_flight_; ///< values of the batch
  bool is_promised_ = true;            ///< an answer means that they stay
  std::map<topic_partition, int32_t> sequences_;
  uint64_t next_value_ = 0;
};

class sim_reader final : public sim_client {
public:
  using sim_client::sim_client;

private:
  void ask() override;
};

/// The group that one client commits offsets of one partition for, and the question for the last one.
extern const std::string committed_group;
extern const topic_partition committed_partition;
kafka::offset_fetch_request fetch_of_committed();

/// Commits offsets of a group that has no members.
class sim_committer final : public sim_client {
public:
  using sim_client::sim_client;

private:
  void ask() override;
  void find_group();
  void commit(node_id coordinator);
  void fetch(node_id coordinator);

  bool found_ = false;
  offset_t next_ = 0;
};

/// One of the members of a classic group.
class sim_member final : public sim_client {
public:
  using sim_client::sim_client;

private:
  void ask() override;
  void join(node_id coordinator);
  void sync(node_id coordinator);
  void beat(node_id coordinator);
  void commit(node_id coordinator);
  void leave(node_id coordinator);
  void heed(error_code code);

  enum class state { out, joined, stable };
  state state_ = state::out;
  std::string id_;
  int32_t generation_ = -1;
  std::vector<std::string> to_assign_; ///< the members, where this one leads
};

/// Makes and deletes topics, and looks whether they are there.
class sim_admin final : public sim_client {
public:
  using sim_client::sim_client;

private:
  void ask() override;
  void create(const std::string& name, node_id controller);
  void remove(const std::string& name, node_id controller);
  void look(node_id at);
};

} // namespace chisme::test
