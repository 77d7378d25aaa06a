// The whole conversation of two nodes, as text: what changes here changes what nodes say to each other.
#include "messages/wire/codec.hpp"
#include "tests/support/heartbeats_words.hpp"
#include "tests/support/payload_bytes.hpp"

#include <gtest/gtest.h>

namespace chisme::test {
namespace {

namespace input = heartbeats::input;

/// Nodes 1 and 2, processes 11 and 22; messages arrive at once.
class conversation {
public:
  void start(node_id id, uint64_t process) {
    nodes_.insert_or_assign(id, heartbeats::node_heartbeats{id, process, {}});
    note("-- node " + std::to_string(id) + " starts as " + std::to_string(process));
  }
  void tell(node_id id, const heartbeats::any_input& in) {
    heartbeats::outputs out;
    nodes_.at(id).step(now_, in, out);
    for (const auto& o : out) {
      note(std::to_string(id) + "| " + text_of(o));
      if (const auto* s = std::get_if<heartbeats::output::send>(&o); s && !is_cut) {
        const auto bytes = bytes_of(encode(s->message, 0));
        tell(s->to, input::message_arrived{id, decode<peer::heartbeat>(buffer::copy_of(bytes), 0).value()});
      }
    }
  }
  void ticks(int n) {
    for (; n > 0; --n) {
      now_ += 100;
      for (const node_id id : {1, 2})
        tell(id, input::tick{});
    }
  }
  void group_is(node_id id, node_id leader, leader_epoch_t epoch, offset_t commit = 0) {
    note("-- node " + std::to_string(id) + ": group 0 is led by " + std::to_string(leader) + " in " +
         std::to_string(epoch) + " commit " + std::to_string(commit));
    tell(id, input::group_changed{group(0), {1, 2}, leader, epoch, commit});
  }
  void note(const std::string& line) { text_ += line + "\n"; }
  const std::string& text() const { return text_; }

  bool is_cut = false;

private:
  std::map<node_id, heartbeats::node_heartbeats> nodes_;
  timestamp_ms now_ = 1'000;
  std::string text_;
};

TEST(heartbeats_trace_test, a_leader_commits_is_lost_comes_back_anew_and_follows) {
  conversation c;
  c.start(1, 11);
  c.start(2, 22);
  c.tell(1, input::peer_up{2, 22});
  c.tell(2, input::peer_up{1, 11});
  c.group_is(2, -1, 0);
  c.group_is(1, 1, 1, 5);
  c.ticks(1);
  c.group_is(2, 1, 1);
  c.ticks(2);
  c.group_is(1, 1, 1, 6);
  c.ticks(2);
  c.note("-- the network is cut");
  c.is_cut = true;
  c.ticks(5);
  c.group_is(2, -1, 1);
  c.note("-- and whole again, to another process");
  c.is_cut = false;
  c.start(1, 12);
  c.tell(2, input::peer_up{1, 12});
  c.tell(1, input::peer_up{2, 22});
  c.group_is(2, 2, 2, 6);
  c.group_is(1, -1, 1);
  c.ticks(1);
  c.group_is(1, 2, 2);
  c.ticks(2);
  EXPECT_EQ(c.text(), R"(-- node 1 starts as 11
-- node 2 starts as 22
-- node 2: group 0 is led by -1 in 0 commit 0
-- node 1: group 0 is led by 1 in 1 commit 5
1| to 2: #1 of 11 to 22 ack 0 [0 leads in 1 commit 5]
2| group 0: 1 leads in 1 commit 5
2| to 1: #1 of 22 to 11 ack 1
-- node 2: group 0 is led by 1 in 1 commit 0
1| to 2: #2 of 11 to 22 ack 1
2| to 1: #2 of 22 to 11 ack 2
1| to 2: #3 of 11 to 22 ack 2
2| to 1: #3 of 22 to 11 ack 3
-- node 1: group 0 is led by 1 in 1 commit 6
1| to 2: #4 of 11 to 22 ack 3 [0 leads in 1 commit 6]
2| group 0: 1 leads in 1 commit 6
2| to 1: #4 of 22 to 11 ack 4
1| to 2: #5 of 11 to 22 ack 4
2| to 1: #5 of 22 to 11 ack 5
-- the network is cut
1| to 2: #6 of 11 to 22 ack 5
2| to 1: #6 of 22 to 11 ack 5
1| to 2: #7 of 11 to 22 ack 5
2| to 1: #7 of 22 to 11 ack 5
1| to 2: #8 of 11 to 22 ack 5
2| to 1: #8 of 22 to 11 ack 5
1| to 2: #9 of 11 to 22 ack 5
2| to 1: #9 of 22 to 11 ack 5
1| group 0: 2 silent
1| to 2: #10 of 11 to 22 ack 5
2| group 0: leader silent
2| to 1: #10 of 22 to 11 ack 5
-- node 2: group 0 is led by -1 in 1 commit 0
-- and whole again, to another process
-- node 1 starts as 12
-- node 2: group 0 is led by 2 in 2 commit 6
-- node 1: group 0 is led by -1 in 1 commit 0
1| to 2: #1 of 12 to 22 ack 0
2| to 1: #11 of 22 to 12 ack 1 [0 leads in 2 commit 6]
1| group 0: 2 leads in 2 commit 6
-- node 1: group 0 is led by 2 in 2 commit 0
1| to 2: #2 of 12 to 22 ack 11
2| to 1: #12 of 22 to 12 ack 2
1| to 2: #3 of 12 to 22 ack 12
2| to 1: #13 of 22 to 12 ack 3
)");
}

} // namespace
} // namespace chisme::test
