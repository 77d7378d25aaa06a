// The heartbeats of one node, whose replicas and peers the test speaks for.
#pragma once

#include "tests/support/heartbeats_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace chisme::test {

/// Node 1, process 11. Its peers are told of by hand.
class node_heartbeats_fixture : public ::testing::Test {
protected:
  using texts = std::vector<std::string>;

  node_heartbeats_fixture() {
    o_.most_claims = 3;
    o_.most_entries = 2;
    machine_.emplace(1, 11, o_);
    told(heartbeats::input::tick{}); // time begins
  }

  texts told(const heartbeats::any_input& in) {
    heartbeats::outputs out;
    machine_->step(now_, in, out);
    texts all;
    for (const auto& o : out)
      all.push_back(text_of(o));
    return all;
  }
  /// The ticks of so much time; what they led to, without what was sent.
  texts pass(int64_t ms) {
    texts all;
    for (; ms > 0; ms -= 100) {
      now_ += 100;
      for (auto& t : told(heartbeats::input::tick{}))
        if (!t.starts_with("to "))
          all.push_back(t);
    }
    return all;
  }
  /// What is sent at the next tick.
  texts next_sent() {
    now_ += 100;
    texts all;
    for (auto& t : told(heartbeats::input::tick{}))
      if (t.starts_with("to "))
        all.push_back(t);
    return all;
  }
  texts leads(int32_t g, leader_epoch_t epoch, offset_t commit = 0, std::vector<node_id> members = {1, 2, 3}) {
    return told(heartbeats::input::group_changed{group(g), std::move(members), 1, epoch, commit});
  }
  texts follows(int32_t g, node_id leader, leader_epoch_t epoch) {
    return told(heartbeats::input::group_changed{group(g), {1, 2, 3}, leader, epoch, 0});
  }
  texts has_no_leader(int32_t g, leader_epoch_t epoch) { return follows(g, -1, epoch); }
  texts gone(int32_t g) { return told(heartbeats::input::group_gone{group(g)}); }
  texts up(node_id node, uint64_t process) { return told(heartbeats::input::peer_up{node, process}); }
  texts down(node_id node) { return told(heartbeats::input::peer_down{node}); }

  peer::heartbeat beat(uint64_t process, uint64_t sequence, std::vector<peer::heartbeat_entry> entries = {},
                       uint64_t acknowledged = 0) {
    return {process, 11, sequence, acknowledged, false, std::move(entries)};
  }
  texts arrives(node_id from, peer::heartbeat m) {
    return told(heartbeats::input::message_arrived{from, std::move(m)});
  }
  static peer::heartbeat_entry claim(int32_t g, leader_epoch_t epoch, offset_t commit = 0) {
    return {group(g), epoch, commit, true};
  }
  static peer::heartbeat_entry withdrawal(int32_t g, leader_epoch_t epoch) { return {group(g), epoch, 0, false}; }

  heartbeats::options o_;
  std::optional<heartbeats::node_heartbeats> machine_;
  timestamp_ms now_ = 1'000;
};

} // namespace chisme::test
