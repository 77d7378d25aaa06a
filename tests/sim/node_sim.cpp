#include "tests/sim/node_sim.hpp"

#include "messages/internal_topics.hpp"
#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/03_metadata.hpp"
#include "messages/kafka/19_create_topics.hpp"
#include "tests/sim/seeds.hpp"
#include "tests/sim/weighted_steps.hpp"

#include <cstdio>

namespace chisme::test {

node_sim::node_sim(uint64_t seed) : random_(seed), disk_(std::make_shared<sim_files>(seed)) {
  for (const auto* name : {"p0", "p1", "p2"})
    clients_.push_back(std::make_unique<sim_producer>(world_, name, true));
  clients_.push_back(std::make_unique<sim_producer>(world_, "n0", false));
  for (int i = 0; i < 2; ++i)
    clients_.push_back(std::make_unique<sim_reader>(world_));
  clients_.push_back(std::make_unique<sim_committer>(world_));
  for (int i = 0; i < 3; ++i)
    clients_.push_back(std::make_unique<sim_member>(world_));
  clients_.push_back(std::make_unique<sim_admin>(world_));
}

void node_sim::say() const {
  std::printf("%4d %-16s %s, %llu promises, trace %016llx\n", step_, doing_,
              !node_              ? "no process"
              : node_->is_ready() ? "serves"
                                  : "does not serve",
              static_cast<unsigned long long>(told_.promises()), static_cast<unsigned long long>(trace_.value()));
}

std::string node_sim::run(int steps) {
  doing_ = "first start";
  start_on_a_good_disk();
  make_topics();
  for (step_ = 0; step_ < steps && told_.broken().empty(); ++step_) {
    step();
    trace_.add(disk_->operations());
    if (node_ && !node_->death().empty())
      broken("an actor ended: " + node_->death());
    if (!disk_->waited_for().empty())
      broken("somebody who must not waited for " + disk_->waited_for());
    if (only_seed())
      say();
  }
  if (told_.broken().empty()) {
    doing_ = "last answers";
    await_answers();
  }
  if (told_.broken().empty()) {
    doing_ = "last power loss";
    lose_power();
  }
  end_process();
  return told_.broken().empty() ? "" : "step " + std::to_string(step_) + " (" + doing_ + "): " + told_.broken();
}

void node_sim::step() {
  static constexpr weighted_step<node_sim> steps[] = {
    {400, "clients act", &node_sim::clients_act},
    {480, "work", &node_sim::run_some},
    {60, "time passes", &node_sim::time_passes},
    {15, "disconnect", &node_sim::disconnect},
    {12, "disk fails", &node_sim::fail_disk},
    {6, "write-back fails", &node_sim::fail_write_back},
    {5, "no descriptors", &node_sim::lack_descriptors},
    {10, "kill", &node_sim::kill},
    {12, "pages leave", &node_sim::cool_down},
    {8, "power loss", &node_sim::lose_power},
    {4, "stop", &node_sim::stop},
    {8, "restart", &node_sim::restart},
    {4, "all are answered", &node_sim::await_answers},
    {3, "faults pass", &node_sim::faults_pass},
  };
  const auto& next = step_at(steps, world_.pick(0, total_weight(steps) - 1));
  doing_ = next.name;
  // It has said why it cannot begin, and ends.
  if (node_ && !node_->failure().empty())
    return kill();
  (this->*next.act)();
}

// -- the world -----------------------------------------------------------------------------------------------------

void node_sim::start() {
  failed_syncs_ = disk_->failed_syncs();
  node_ = std::make_unique<sim_node>(disk_, random_, now_);
  world_.nodes = {{1, node_.get()}};
}

void node_sim::end_process() {
  if (!node_)
    return;
  disk_->freeze_after(0);
  for (auto& c : clients_)
    c->disconnect();
  world_.nodes.clear();
  now_ = node_->now();
  node_.reset();
  disk_->thaw();
  disk_->refuse_opens(false);
  disk_->cancel_fault();
}

/// The first sync of a file may be told of a write-back that failed in the former process, which is final for this one:
/// after a few starts everything serves.
void node_sim::start_on_a_good_disk() {
  constexpr int most_starts = 8;
  for (int starts = 0; starts < most_starts; ++starts) {
    end_process();
    start();
    node_->run();
    // What could not be opened at first is tried again.
    node_->pass(std::chrono::minutes{1});
    node_->run();
    if (node_->is_ready() && node_->serves_everything())
      return;
  }
  broken("the node does not serve everything on a disk without faults: " + node_->failure());
}

void node_sim::run_some() {
  if (!node_)
    return;
  for (auto n = world_.pick(1, 20); n > 0 && node_->step(); --n) {
  }
}

void node_sim::time_passes() {
  if (node_)
    node_->pass(std::chrono::milliseconds{world_.pick(0, 3) ? world_.pick(1, 200) : world_.pick(1000, 12'000)});
}

void node_sim::kill() {
  if (disk_->is_read_only())
    return lose_power();
  end_process();
  if (world_.pick(0, 3) == 0)
    disk_->drop_clean_pages();
  start_on_a_good_disk();
  judge();
}

void node_sim::lose_power() {
  end_process();
  disk_->crash(random_);
  start_on_a_good_disk();
  judge();
}

/// Clients come as soon as they are served, and the process may end before that. Nobody judges what it serves but they.
void node_sim::restart() {
  do {
    end_process();
    if (disk_->is_read_only() || world_.pick(0, 1))
      disk_->crash(random_);
    else if (world_.pick(0, 3) == 0)
      disk_->drop_clean_pages();
    start();
    for (auto n = world_.pick(0, 80); n > 0 && node_->step(); --n) {
    }
  } while (world_.pick(0, 2) == 0);
}

/// A node with a disk that fails may be unable to close its logs, but not to end.
void node_sim::stop() {
  if (!node_)
    return;
  if (!node_->stop())
    broken("the node does not end");
  kill();
}

void node_sim::fail_disk() {
  disk_->fail_operation(static_cast<uint64_t>(world_.pick(0, 30)),
                        world_.pick(0, 2) ? disk_fault::full : disk_fault::io_error);
}

void node_sim::fail_write_back() { disk_->fail_write_back(); }

void node_sim::lack_descriptors() { disk_->refuse_opens(world_.pick(0, 1) == 1); }

void node_sim::cool_down() { disk_->cool_down(random_); }

void node_sim::clients_act() { clients_[random_() % clients_.size()]->act(); }

void node_sim::disconnect() { clients_[random_() % clients_.size()]->disconnect(); }

// -- judgement -----------------------------------------------------------------------------------------------------

/// Whatever the disk does: who asked is answered once time has passed, or loses the connection.
void node_sim::await_answers() {
  if (!node_)
    return;
  for (int i = 0; i < 6; ++i) {
    node_->run();
    node_->pass(std::chrono::seconds{30});
  }
  node_->run();
  for (size_t i = 0; i < clients_.size(); ++i)
    if (clients_[i]->waits())
      broken("client " + std::to_string(i) + " waits for an answer that does not come");
}

/// Only a sync that failed is final for a process: what it could not open, write or begin before, it does now.
void node_sim::faults_pass() {
  if (!node_)
    return;
  disk_->cancel_fault();
  disk_->refuse_opens(false);
  await_answers();
  const bool may_serve = !disk_->is_read_only() && disk_->failed_syncs() == failed_syncs_;
  if (may_serve && node_->failure().empty() && !(node_->is_ready() && node_->serves_everything()))
    broken("the faults of the disk have passed, and the node does not serve everything");
}

/// On a disk without faults, with nobody else asking: there is an answer.
template <class Response, class Request>
Response node_sim::ask_surely(const Request& r, int16_t version) {
  client_link link{*node_, trace_, told_};
  std::optional<Response> got;
  link.ask<Response>(r, version, [&](const Response* answer) {
    if (answer)
      got = *answer;
  });
  node_->run();
  if (!got)
    broken("a question is not answered");
  return got.value_or(Response{});
}

void node_sim::make_topics() {
  if (!told_.broken().empty())
    return;
  kafka::create_topics_request r;
  for (const auto& name : sim_topics) {
    auto& t = r.topics.emplace_back();
    t.name = name;
    t.num_partitions = 2;
    t.replication_factor = 1;
  }
  for (const auto& t : ask_surely<kafka::create_topics_response>(r, 5).topics)
    told_.topic_answered(t.name, t.error == error_code::none);
}

void node_sim::judge() {
  if (!told_.broken().empty())
    return;
  for (const auto& topic : sim_topics)
    for (partition_index i = 0; i < 2; ++i)
      judge_content({topic, i});
  judge_topics();
  judge_offsets();
}

void node_sim::judge_content(const topic_partition& in) {
  std::vector<std::string> values;
  for (;;) {
    kafka::fetch_request r;
    auto& topic = r.topics.emplace_back();
    topic.topic = in.topic;
    auto& part = topic.partitions.emplace_back();
    part.partition = in.partition;
    part.fetch_offset = static_cast<offset_t>(values.size());
    part.partition_max_bytes = 1 << 20;
    const auto answer = ask_surely<kafka::fetch_response>(r, 11);
    if (!told_.broken().empty())
      return;
    const auto& p = answer.responses.at(0).partitions.at(0);
    if (p.error != error_code::none)
      return broken(to_string(in) + " cannot be read after the start: " + to_string(p.error));
    const auto found = records_of(p.records);
    if (found.empty())
      return told_.check_content(in, values, p.high_watermark);
    for (const auto& [at, value] : found) {
      if (at != static_cast<offset_t>(values.size()))
        return broken(to_string(in) + " has offset " + std::to_string(at) + " where " + std::to_string(values.size()) +
                      " should be");
      values.push_back(value);
    }
  }
}

void node_sim::judge_topics() {
  std::set<std::string> there;
  for (const auto& t : ask_surely<kafka::metadata_response>(kafka::metadata_request{}, 8).topics)
    there.insert(t.name.value_or(""));
  told_.check_topics(there);
}

/// Nobody commits while the node starts.
void node_sim::judge_offsets() {
  const auto answer = ask_surely<kafka::offset_fetch_response>(fetch_of_committed(), 5);
  const auto code = answer.error != error_code::none || answer.topics.empty()
                      ? answer.error
                      : answer.topics.at(0).partitions.at(0).error;
  if (code == error_code::none && !answer.topics.empty())
    told_.committed_offset(committed_group, committed_partition, answer.topics.at(0).partitions.at(0).committed_offset);
  else if (told_.is_committed(committed_group, committed_partition))
    broken("the offset that a group has committed cannot be read after the start: " + std::string{to_string(code)});
}

} // namespace chisme::test
