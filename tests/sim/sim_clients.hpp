// Clients of a simulated node. Each has one request under way, repeats what it does not know the outcome of where that
// is allowed, and tells the ledger what it was told.
#pragma once

#include "messages/kafka/09_offset_fetch.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/sim_node.hpp"

#include <memory>
#include <random>

namespace chisme::test {

/// What clients share: the node as it is now, chance, the ledger.
struct sim_world {
  std::mt19937_64& random;
  ledger& told;
  trace_hash& trace;
  sim_node* node = nullptr; ///< null while there is none

  int64_t pick(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
  }
};

class sim_client {
public:
  explicit sim_client(sim_world& world) : world_(world) {}
  virtual ~sim_client() = default;

  /// Asks for something, unless it waits for an answer.
  void act();
  /// The connection is cut, by whichever side.
  void disconnect() { link_.reset(); }
  bool waits() const { return waits_; }

protected:
  virtual void ask() = 0;

  /// `then` gets the answer, or null where it was lost.
  template <class Response, class Request, class F>
  void request(const Request& r, int16_t version, F then) {
    waits_ = true;
    link_->ask<Response>(r, version, [this, then](const Response* answer) {
      waits_ = false;
      then(answer);
    });
  }
  topic_partition some_partition();

  sim_world& world_;

private:
  std::unique_ptr<client_link> link_;
  bool waits_ = false;
};

/// Names of the topics that records go to, with two partitions each.
extern const std::vector<std::string> sim_topics;

class sim_producer final : public sim_client {
public:
  sim_producer(sim_world& world, std::string name, bool is_idempotent)
    : sim_client(world), name_(std::move(name)), is_idempotent_(is_idempotent) {}

private:
  void ask() override;
  void ask_for_id();
  void fill();
  void send();
  void answered(error_code code, offset_t base_offset);

  std::string name_;
  bool is_idempotent_;
  int64_t id_ = -1;
  int16_t epoch_ = 0;
  topic_partition to_;
  std::vector<std::string> in_flight_; ///< values of the batch
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
  void commit();
  void fetch();

  bool found_ = false;
  offset_t next_ = 0;
};

/// One of the members of a classic group.
class sim_member final : public sim_client {
public:
  using sim_client::sim_client;

private:
  void ask() override;
  void join();
  void sync();
  void beat();
  void commit();
  void leave();
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
  void create(const std::string& name);
  void remove(const std::string& name);
  void look();
};

/// The values of the records of a fetch, by offset.
std::vector<std::pair<offset_t, std::string>> records_of(const payload& data);

} // namespace chisme::test
