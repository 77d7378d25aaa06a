// The coordinator where there are other nodes: who follows hands changes on, who leads decides those of others, and who
// has lost its place tells nobody of success.
#include "actors/coordinator/coordinator_actor.hpp"
#include "tests/support/journal_words.hpp"
#include "tests/support/shell_fixture.hpp"

#include <gmock/gmock.h>

#include <deque>

namespace chisme::coordinator {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct held_log final : partition::port {
  void send(partition::append_batch b) override { appends.push_back(std::move(b)); }
  void send(partition::read_request r) override { reads.push_back(std::move(r)); }
  void send(partition::list_offset_request) override {}
  void send(partition::epoch_end_request) override {}
  void send(partition::delete_records_request) override {}
  void send(partition::describe_request) override {}

  std::deque<partition::read_request> reads;
  std::deque<partition::append_batch> appends;
};

struct kept_forwards final : forward_port {
  void send(peer_forward f) override { changes.push_back(std::move(f)); }
  void send(peer_answer a) override { answers.push_back(std::move(a)); }

  std::deque<peer_forward> changes;
  std::deque<peer_answer> answers;
};

class coordinator_cluster_test : public test::shell_test {
protected:
  static constexpr node_id self = 1;

  void start(log_role role) {
    coordinator_config c;
    c.settings = std::make_shared<node_settings>();
    c.role = std::move(role);
    c.brokers = {{1, "a", 1, "r1"}, {2, "b", 2, "r2"}, {3, "c", 3, "r1"}};
    c.forwards = forwards_;
    c.supervisor = fake<supervisor::supervisor_actor>([this](const supervisor::cluster_changed& changed) {
      told_.push_back(changed.cluster);
      deleted_.push_back(changed.deleted);
      changed.applied({});
    });
    c.new_id = [this] { return uuid{{static_cast<uint8_t>(++last_id_)}}; };
    c.wall_clock = [] { return timestamp_ms{5}; };
    c.ready = [this](const result<void>& r) { ready_.push_back(r.has_value()); };
    coordinator_ = spawn<coordinator>(std::move(c));
    run();
  }
  ~coordinator_cluster_test() override {
    coordinator_ = nullptr;
    log_->reads.clear();
    log_->appends.clear();
    forwards_->changes.clear();
    forwards_->answers.clear();
    run();
  }
  void follow(node_id leader = 2) {
    start({log_, false, 4, leader});
    give({}, 0);
  }
  void lead() {
    start({log_, true, 4, self});
    give({}, 0);
  }
  template <class Message>
  void tell(Message m) {
    caf::anon_send(coordinator_, std::move(m));
    run();
  }
  /// The oldest read is answered with these batches.
  void give(std::vector<buffer> batches, offset_t committed) {
    ASSERT_FALSE(log_->reads.empty());
    auto r = std::move(log_->reads.front());
    log_->reads.pop_front();
    waiter_ = r.waiter;
    r.done(test::found(std::move(batches), committed));
    run();
  }
  void commit(offset_t base) {
    ASSERT_FALSE(log_->appends.empty());
    partition::append_result r;
    r.base_offset = base;
    log_->appends.front().requests.front().done(std::move(r));
    log_->appends.pop_front();
    run();
  }
  static kafka::create_topics_request creation(const std::string& name) {
    kafka::create_topics_request r;
    auto& t = r.topics.emplace_back();
    t.name = name;
    t.num_partitions = t.replication_factor = -1;
    return r;
  }
  static kafka::create_topics_response created(const std::string& name) {
    kafka::create_topics_response r;
    r.topics.emplace_back().name = name;
    return r;
  }
  static topic_state topic(const std::string& name, uint8_t id) { return {name, uuid{{id}}, {{1}}, {}}; }
  static buffer made(offset_t at, const std::string& name, uint8_t id) {
    return test::batch_at(at, {encode(topic_record{uuid{{id}}, topic(name, id)})});
  }
  static buffer gone(offset_t at, uint8_t id) {
    return test::batch_at(at, {encode(topic_record{uuid{{id}}, std::nullopt})});
  }
  test::answer<change_result> ask(change_request what) {
    auto [reply, answered] = test::owed<change_result>();
    tell(change{std::move(what), reply});
    return answered;
  }
  static error_code code_of(const test::answer<change_result>& a) {
    EXPECT_EQ(a->value().code, error_code::none);
    return std::get<kafka::create_topics_response>(a->value().response).topics.at(0).error;
  }
  static kafka::init_producer_id_response producer(const test::answer<change_result>& a) {
    return std::get<kafka::init_producer_id_response>(a->value().response);
  }
  peer_answer answer_of(node_id peer, const change_response& response) {
    return {peer, to_wire(forwards_->changes.back().what.correlation, change_result{error_code::none, {}, response})};
  }
  void ask_for_peer(node_id peer, int64_t correlation, const change_request& what) {
    tell(peer_forward{peer, to_wire(correlation, what).value()});
  }

  std::shared_ptr<held_log> log_ = std::make_shared<held_log>();
  std::shared_ptr<kept_forwards> forwards_ = std::make_shared<kept_forwards>();
  std::vector<std::shared_ptr<const cluster_state>> told_;
  std::vector<std::shared_ptr<const supervisor::topic_ids>> deleted_;
  std::vector<bool> ready_;
  std::shared_ptr<partition::read_waiter> waiter_;
  coordinator_actor coordinator_;
  int last_id_ = 0;
};

// Following.

TEST_F(coordinator_cluster_test, who_follows_reads_the_replica_here_and_is_ready_when_it_has_acted) {
  start({log_, false, 4, 2});
  ASSERT_EQ(log_->reads.size(), 1u);
  EXPECT_TRUE(log_->reads.front().of_replica);
  give({made(0, "t", 50)}, 1);
  ASSERT_THAT(told_, SizeIs(1));
  EXPECT_TRUE(told_[0]->find("t"));
  EXPECT_THAT(ready_, testing::ElementsAre(true));
}

TEST_F(coordinator_cluster_test, a_replica_that_does_not_serve_at_the_moment_is_asked_again) {
  start({log_, false, 4, 2});
  const auto read = [this] { return std::move(log_->reads.front().done); };
  read()(partition::read_result::failed(error_code::not_leader_or_follower));
  log_->reads.clear();
  run();
  EXPECT_THAT(ready_, IsEmpty()) << "the node can still start";
  pass(1s);
  give({}, 0);
  EXPECT_THAT(ready_, testing::ElementsAre(true));
}

TEST_F(coordinator_cluster_test, more_that_is_committed_is_read_and_acted_by) {
  follow();
  EXPECT_FALSE(waiter_->committed(10)) << "the next read waits again";
  run();
  ASSERT_EQ(log_->reads.size(), 1u);
  give({made(0, "t", 50)}, 1);
  EXPECT_TRUE(told_.back()->find("t"));
  EXPECT_TRUE(waiter_) << "and so it goes on";
}

TEST_F(coordinator_cluster_test, topics_that_came_and_went_unseen_are_told_for_their_folders) {
  follow();
  EXPECT_THAT(*deleted_.at(0), IsEmpty());
  waiter_->committed(10);
  run();
  give({made(0, "seen", 50), made(1, "unseen", 51), gone(2, 51)}, 3);
  ASSERT_TRUE(deleted_.at(1));
  EXPECT_THAT(*deleted_.at(1), testing::ElementsAre(uuid{{51}}));
  waiter_->committed(10);
  run();
  give({gone(3, 50)}, 4);
  EXPECT_FALSE(deleted_.at(2)) << "its replicas know";
}

// Handing changes on.

TEST_F(coordinator_cluster_test, a_change_goes_to_the_leader_and_its_answer_to_whoever_asked) {
  follow();
  const auto asked = ask(creation("t"));
  ASSERT_THAT(forwards_->changes, SizeIs(1));
  EXPECT_EQ(forwards_->changes[0].peer, 2);
  EXPECT_FALSE(*asked);
  const auto made = created("t");
  tell(answer_of(3, made));
  EXPECT_FALSE(*asked) << "another node has nothing to say";
  tell(answer_of(2, made));
  EXPECT_EQ(code_of(asked), error_code::none);
  EXPECT_THAT(log_->appends, IsEmpty());
}

TEST_F(coordinator_cluster_test, a_change_that_is_not_answered_is_to_be_tried_again) {
  follow();
  const auto asked = ask(creation("t"));
  pass(4999ms);
  EXPECT_FALSE(*asked);
  pass(1ms);
  EXPECT_EQ(code_of(asked), error_code::not_controller);
}

TEST_F(coordinator_cluster_test, a_change_whose_leader_has_lost_its_place_is_to_be_tried_again) {
  follow();
  const auto asked = ask(creation("t"));
  tell(log_role{log_, false, 5, 3});
  EXPECT_EQ(code_of(asked), error_code::not_controller);
  const auto next = ask(creation("t"));
  EXPECT_EQ(forwards_->changes.back().peer, 3);
  tell(peer_answer{3, to_wire(forwards_->changes.back().what.correlation,
                              change_result::failed(error_code::not_controller, "not any more"))});
  EXPECT_EQ(code_of(next), error_code::not_controller);
}

TEST_F(coordinator_cluster_test, where_nobody_leads_clients_try_again_each_by_its_own_code) {
  follow(-1);
  const auto creating = ask(creation("t"));
  const auto initialising = ask(kafka::init_producer_id_request{});
  EXPECT_FALSE(creating->has_value()) << "somebody may lead soon";
  pass(5s);
  EXPECT_EQ(code_of(creating), error_code::not_controller);
  EXPECT_EQ(producer(initialising).error, error_code::coordinator_not_available);
  EXPECT_THAT(forwards_->changes, IsEmpty());
}

TEST_F(coordinator_cluster_test, a_change_waits_until_somebody_leads) {
  follow(-1);
  const auto elsewhere = ask(creation("a"));
  tell(log_role{log_, false, 5, 3});
  ASSERT_THAT(forwards_->changes, SizeIs(1));
  EXPECT_EQ(forwards_->changes.back().peer, 3);
  tell(log_role{log_, false, 6, -1});
  EXPECT_EQ(code_of(elsewhere), error_code::not_controller) << "nobody knows what became of it";
  const auto here = ask(creation("b"));
  tell(log_role{log_, true, 7, self});
  give({}, 0);
  ASSERT_THAT(log_->appends, SizeIs(1));
  commit(0);
  EXPECT_EQ(code_of(here), error_code::none);
}

/// Somebody may still have a handle of it.
TEST_F(coordinator_cluster_test, one_that_has_ended_keeps_nobody) {
  follow(-1);
  const auto waiting = ask(creation("t"));
  caf::anon_send_exit(coordinator_, caf::exit_reason::user_shutdown);
  run();
  EXPECT_TRUE(waiting->has_value()) << "whoever waits is told";
  EXPECT_EQ(forwards_.use_count(), 1);
}

TEST_F(coordinator_cluster_test, a_node_has_its_own_block_of_producer_ids) {
  follow();
  const auto first = ask(kafka::init_producer_id_request{});
  kafka::init_producer_id_response block;
  block.producer_id = 7000;
  tell(answer_of(2, block));
  EXPECT_EQ(producer(first).producer_id, 7000);
  for (int64_t id = 7001; id < 7000 + producer_id_block; ++id)
    ASSERT_EQ(producer(ask(kafka::init_producer_id_request{})).producer_id, id);
  EXPECT_THAT(forwards_->changes, SizeIs(1));
  ask(kafka::init_producer_id_request{});
  EXPECT_THAT(forwards_->changes, SizeIs(2));
}

// Deciding for others.

TEST_F(coordinator_cluster_test, the_change_of_another_node_is_answered_when_it_is_committed) {
  lead();
  ask_for_peer(3, 77, creation("t"));
  EXPECT_THAT(forwards_->answers, IsEmpty());
  commit(0);
  ASSERT_THAT(forwards_->answers, SizeIs(1));
  EXPECT_EQ(forwards_->answers[0].peer, 3);
  EXPECT_EQ(forwards_->answers[0].what.correlation, 77);
  EXPECT_EQ(forwards_->answers[0].what.error, error_code::none);
  EXPECT_EQ(told_.back()->find("t")->replicas.at(0).size(), 3u) << "as many as there are nodes";
}

TEST_F(coordinator_cluster_test, another_nodes_block_of_producer_ids_is_nobody_elses) {
  lead();
  ask_for_peer(3, 77, kafka::init_producer_id_request{});
  commit(0);
  const auto block = from_wire(forwards_->answers.at(0).what, kafka::init_producer_id_request{}).value();
  const auto first = std::get<kafka::init_producer_id_response>(block).producer_id;
  const auto own = ask(kafka::init_producer_id_request{});
  EXPECT_FALSE(*own) << "it needs a block, too";
  commit(1);
  EXPECT_GE(producer(own).producer_id, first + producer_id_block);
  ask_for_peer(3, 78, kafka::init_producer_id_request{});
  EXPECT_THAT(log_->appends, SizeIs(1)) << "not from the leader's own";
}

TEST_F(coordinator_cluster_test, who_does_not_lead_says_so_to_other_nodes_and_hands_nothing_on) {
  follow();
  ask_for_peer(3, 77, creation("t"));
  ASSERT_THAT(forwards_->answers, SizeIs(1));
  EXPECT_EQ(forwards_->answers[0].what.error, error_code::not_controller);
  EXPECT_THAT(forwards_->changes, IsEmpty());
  tell(peer_forward{3, {78, 19, 7, buffer::copy_of("nonsense")}});
  EXPECT_EQ(forwards_->answers.at(1).what.error, error_code::invalid_request);
}

// Gaining and losing.

TEST_F(coordinator_cluster_test, who_comes_to_lead_decides_upon_all_that_is_committed) {
  follow();
  tell(log_role{log_, true, 5, self});
  const auto early = ask(creation("t"));
  EXPECT_THAT(log_->appends, IsEmpty());
  ASSERT_EQ(log_->reads.size(), 1u);
  EXPECT_EQ(log_->reads.front().offset, 0);
  EXPECT_FALSE(log_->reads.front().of_replica);
  give({made(0, "t", 50)}, 1);
  EXPECT_EQ(code_of(early), error_code::topic_already_exists);
}

TEST_F(coordinator_cluster_test, who_loses_its_place_tells_nobody_of_success) {
  lead();
  const auto own = ask(creation("t"));
  ask_for_peer(3, 77, creation("u"));
  tell(log_role{log_, false, 5, 2});
  EXPECT_EQ(code_of(own), error_code::not_controller);
  ASSERT_THAT(forwards_->answers, SizeIs(1));
  const auto other = from_wire(forwards_->answers[0].what, creation("u")).value();
  EXPECT_EQ(std::get<kafka::create_topics_response>(other).topics.at(0).error, error_code::not_controller);
  commit(0);
  EXPECT_EQ(code_of(own), error_code::not_controller);
  EXPECT_THAT(told_, SizeIs(1)) << "nobody acts by it before it is read";
  ask(creation("v"));
  EXPECT_EQ(forwards_->changes.back().peer, 2);
}

TEST_F(coordinator_cluster_test, what_waits_for_the_log_goes_to_the_node_that_leads_it_now) {
  start({log_, true, 4, self});
  const auto early = ask(creation("t"));
  EXPECT_FALSE(*early);
  tell(log_role{log_, false, 5, 2});
  EXPECT_FALSE(*early);
  ASSERT_THAT(forwards_->changes, SizeIs(1));
}

} // namespace
} // namespace chisme::coordinator
