// A whole node in one thread: the real actors, from the same root as in a process, on a simulated disk, and the real
// sessions of its clients. Who runs next is drawn from the seed; time is the simulation's.
#pragma once

#include "actors/coordinator/port.hpp"
#include "actors/interfaces.hpp"
#include "actors/root/root_actor.hpp"
#include "actors/session/session.hpp"
#include "messages/kafka/header.hpp"
#include "messages/wire/codec.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/trace_hash.hpp"
#include "tests/support/session_fixture.hpp"
#include "tests/support/shell_fixture.hpp"
#include "tests/support/sim_files.hpp"

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>

namespace chisme::test {

/// What a simulated node is told apart by.
struct sim_node_setup {
  node_id id = 1;
  /// How long an actor with a thread of its own is in the disk, in milliseconds; empty: no time passes.
  std::function<int64_t()> disk_time{};
  /// What the wall clock is ahead of the steady one.
  int64_t wall_offset = 0;
  root::peer_seams peers{};
};

/// What lives and dies with a process. Outlives its clients' links.
class sim_node {
public:
  static constexpr const char* data_dir = "/data";

  /// Starts; it serves once ready().
  sim_node(std::shared_ptr<sim_files> disk, std::mt19937_64& random, timestamp_ms now, sim_node_setup setup = {});
  /// The process is gone: nothing that is on its way happens.
  ~sim_node();
  sim_node(const sim_node&) = delete;

  node_id id() const { return setup_.id; }
  bool is_ready() const { return broker_.coordinator != nullptr; }
  /// No partition is without its log.
  bool serves_everything() const;
  /// Why it does not serve; empty: it does, or has not said so yet.
  const std::string& failure() const { return failure_; }
  /// An actor that must not end has ended.
  const std::string& death() const { return death_; }

  /// One thing happens: some actor's message, or a turn of the sessions' loop. False where nothing is left to do.
  bool step();
  void run();
  /// Whether step() has something to do.
  bool is_runnable();
  /// How many milliseconds from now there is, by its own clock; nothing: never.
  std::optional<int64_t> next_due();
  void pass(std::chrono::milliseconds time);
  /// By the steady clock.
  timestamp_ms now() const { return now_; }
  void set_wall_offset(int64_t offset) { setup_.wall_offset = offset; }

  /// Syncs and closes everything, as a process does before it ends by itself. False where that does not come to an end.
  bool stop();
  /// The same without waiting for it.
  void begin_stop();
  bool has_stopped() const { return stopped_ && stopped_->has_value(); }

  /// How many images of what the node knows were published.
  uint64_t images() const { return images_; }

  session::broker& broker() { return broker_; }
  testing::manual_loop& loop() { return loop_; }

private:
  bool may_run(caf::resumable& job);
  void choose_job();
  caf::scheduler::test_coordinator& scheduler() {
    return static_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  std::mt19937_64& random_;
  timestamp_ms now_;
  sim_node_setup setup_;
  std::map<caf::resumable*, timestamp_ms> in_the_disk_; ///< until when
  answer<supervisor::completed> stopped_;
  uint64_t images_ = 0;
  std::shared_ptr<sim_files> disk_;
  node_settings settings_;
  session::broker broker_;
  testing::manual_loop loop_;
  testing_config config_;
  caf::actor_system system_{config_};
  root::root_actor root_;
  std::string failure_;
  std::string death_;
};

/// A client's connection: requests that are typed, answers that come back once each, or never.
class client_link final : public session::transport {
public:
  client_link(sim_node& node, trace_hash& trace, ledger& told);
  ~client_link() override;

  bool is_open() const { return is_open_; }

  /// `then` gets the answer, or null where the connection was lost before it.
  template <class Response, class Request>
  void ask(const Request& r, int16_t version, std::function<void(const Response*)> then) {
    const kafka::request_header header{static_cast<int16_t>(Request::api), version, ++correlation_, "sim"};
    waiting_.emplace(correlation_, [version, then = std::move(then)](const buffer* frame) {
      if (!frame)
        return then(nullptr);
      auto head = kafka::response_header_version(static_cast<int16_t>(Response::api), version);
      auto read = kafka::decode_response_header(*frame, head.value());
      auto decoded = decode<Response>(read.value().body, version);
      then(&decoded.value());
    });
    session_->on_frame(buffer::copy_of(testing::flat(kafka::encode_request(header, encode(r, version)))).slice(4));
    session_->end_of_burst();
  }

  // -- session::transport ------------------------------------------------------------------------------------------
  void send(payload response) override { staged_.push_back(testing::flat(response)); }
  void flush() override;
  void close(std::string reason) override;

private:
  using continuation = std::function<void(const buffer* frame)>;

  void lose_all();

  trace_hash& trace_;
  ledger& told_;
  std::shared_ptr<session::session> session_;
  std::vector<std::string> staged_;
  std::map<int32_t, continuation> waiting_;
  int32_t correlation_ = 0;
  bool is_open_ = true;
};

} // namespace chisme::test
