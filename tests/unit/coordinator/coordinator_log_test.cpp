// The coordinator and its log: what it answers where the log refuses, and what it does when the log was opened anew.
#include "actors/coordinator/coordinator_actor.hpp"
#include "tests/support/shell_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme::coordinator {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

/// A log in memory that may be told to refuse, or to lose what it is sent.
struct some_log final : partition::port {
  void send(partition::append_batch b) override {
    if (is_gone)
      return;
    for (auto& r : b.requests) {
      if (answers_are_owed) {
        owed.push_back(std::move(r));
        continue;
      }
      if (refusal) {
        r.done(partition::append_result::failed(*refusal, "no"));
        continue;
      }
      decided_in.push_back(r.decided_in);
      auto bytes = std::string{as_chars(r.records)};
      log::batch_header header = log::batch_header::parse(as_bytes(bytes).data());
      header.base_offset = end;
      end = header.next_offset();
      bytes.replace(0, 8, std::string{"\0\0\0\0\0\0\0", 7} + static_cast<char>(header.base_offset));
      content += bytes;
      if (!answers_are_lost)
        r.done({});
    }
  }
  void send(partition::read_request r) override {
    if (is_gone)
      return;
    if (read_refusal)
      return r.done(partition::read_result::failed(*read_refusal, "no"));
    partition::read_result all;
    all.high_watermark = end;
    if (r.offset == 0)
      all.records.append(buffer::copy_of(as_bytes(content)));
    r.done(std::move(all));
  }
  void send(partition::list_offset_request) override {}
  void send(partition::epoch_end_request) override {}
  void send(partition::delete_records_request) override {}
  void send(partition::describe_request) override {}

  std::string content;
  offset_t end = 0;
  std::optional<error_code> refusal;
  std::optional<error_code> read_refusal;
  bool answers_are_lost = false;
  bool answers_are_owed = false;
  std::vector<partition::append_request> owed;
  bool is_gone = false;
  std::vector<leader_epoch_t> decided_in; ///< what was written
};

class coordinator_log_test : public test::shell_test {
protected:
  coordinator_log_test() {
    supervisor_ = fake<supervisor::supervisor_actor>([this](const supervisor::cluster_changed& c) {
      told_.push_back(c);
      c.applied({});
    });
    start();
  }

  void start() {
    coordinator_config c;
    c.settings = std::make_shared<const node_settings>();
    c.role = {log_, true, 0, 1};
    c.supervisor = supervisor_;
    c.new_id = [this] {
      uuid id;
      id.bytes[15] = ++last_id_;
      return id;
    };
    c.wall_clock = [] { return timestamp_ms{5}; };
    c.ready = [this](result<void> r) { ready_ = r.has_value(); };
    coordinator_ = spawn<coordinator>(std::move(c));
    run();
  }
  void stop() {
    told_.clear();
    caf::anon_send_exit(coordinator_, caf::exit_reason::kill);
    coordinator_ = nullptr;
    run();
  }

  template <class Request, class Codes>
  std::optional<error_code> ask(Request request, Codes code) {
    auto got = std::make_shared<std::optional<error_code>>();
    change c;
    c.request = std::move(request);
    c.done = reply_with<change_result>(
      [got, code](change_result r) { *got = r.code != error_code::none ? r.code : code(r.response); });
    caf::anon_send(coordinator_, std::move(c));
    run();
    return *got;
  }
  std::optional<error_code> create(const std::string& name) {
    kafka::create_topics_request r;
    auto& t = r.topics.emplace_back();
    t.name = name;
    t.num_partitions = t.replication_factor = 1;
    return ask(std::move(r), [](const change_response& x) {
      return std::get<kafka::create_topics_response>(x).topics.front().error;
    });
  }
  std::optional<error_code> remove(const std::string& name) {
    kafka::delete_topics_request r;
    r.topic_names = {name};
    return ask(std::move(r), [](const change_response& x) {
      return std::get<kafka::delete_topics_response>(x).responses.front().error;
    });
  }
  std::vector<std::string> topics() {
    std::vector<std::string> names;
    for (const auto& [name, topic] : told_.back().cluster->topics())
      names.push_back(name);
    return names;
  }
  /// The replica died; another one leads the same log.
  void the_log_is_reopened() {
    auto next = std::make_shared<some_log>();
    next->content = log_->content;
    next->end = log_->end;
    log_->is_gone = true;
    log_ = next;
    caf::anon_send(coordinator_, log_role{next, true, ++epoch_, 1});
    run();
  }

  std::shared_ptr<some_log> log_ = std::make_shared<some_log>();
  supervisor::supervisor_actor supervisor_;
  std::vector<supervisor::cluster_changed> told_;
  coordinator_actor coordinator_;
  uint8_t last_id_ = 0;
  leader_epoch_t epoch_ = 0;
  bool ready_ = false;
};

TEST_F(coordinator_log_test, a_log_that_is_full_fails_one_change_and_not_the_next) {
  EXPECT_EQ(create("a"), error_code::none);
  log_->refusal = error_code::kafka_storage_error;
  EXPECT_EQ(create("b"), error_code::kafka_storage_error);
  EXPECT_EQ(create("b"), error_code::kafka_storage_error);
  EXPECT_THAT(topics(), ElementsAre("a"));
  log_->refusal.reset();
  EXPECT_EQ(create("b"), error_code::none);
  EXPECT_THAT(topics(), ElementsAre("a", "b"));
}

TEST_F(coordinator_log_test, a_log_that_was_opened_anew_takes_changes_again) {
  EXPECT_EQ(create("a"), error_code::none);
  log_->is_gone = true;
  EXPECT_EQ(create("b"), error_code::not_controller) << "clients try that again";
  the_log_is_reopened();
  EXPECT_THAT(topics(), ElementsAre("a"));
  EXPECT_EQ(create("b"), error_code::none);
  EXPECT_THAT(topics(), ElementsAre("a", "b"));
}

TEST_F(coordinator_log_test, an_append_whose_answer_was_lost_counts_where_the_log_has_it) {
  log_->answers_are_lost = true;
  EXPECT_EQ(create("a"), error_code::not_controller);
  EXPECT_THAT(topics(), IsEmpty());
  the_log_is_reopened();
  EXPECT_THAT(topics(), ElementsAre("a"));
  EXPECT_EQ(create("a"), error_code::topic_already_exists);
}

/// Found by cluster_sim: a change of the epoch before was appended behind what the next one had read, and a topic was
/// made twice.
TEST_F(coordinator_log_test, what_is_decided_goes_with_the_epoch_whose_log_was_read) {
  EXPECT_EQ(create("one"), error_code::none);
  caf::anon_send(coordinator_, log_role{log_, true, 7, 1});
  run();
  EXPECT_EQ(create("two"), error_code::none);
  EXPECT_EQ(log_->decided_in, (std::vector<leader_epoch_t>{0, 7}));
}

TEST_F(coordinator_log_test, a_log_that_cannot_be_read_again_is_read_for_the_next_change) {
  EXPECT_EQ(create("a"), error_code::none);
  const auto content = log_->content;
  log_->content.resize(log_->content.size() - 1);
  the_log_is_reopened();
  EXPECT_EQ(create("b"), error_code::not_controller);
  EXPECT_THAT(topics(), ElementsAre("a")) << "what was known is served on";
  log_->content = content;
  EXPECT_EQ(create("b"), error_code::none);
  EXPECT_THAT(topics(), ElementsAre("a", "b"));
}

/// As after a failed sync.
TEST_F(coordinator_log_test, a_log_that_serves_nothing_any_more_fails_every_change_for_the_same_reason) {
  EXPECT_EQ(create("a"), error_code::none);
  log_->refusal = log_->read_refusal = error_code::kafka_storage_error;
  EXPECT_EQ(create("b"), error_code::kafka_storage_error) << "it could not be written";
  EXPECT_EQ(create("b"), error_code::kafka_storage_error) << "it could not be read";
  EXPECT_THAT(topics(), ElementsAre("a"));
}

/// What the log owes it holds whoever asked, and so the coordinator, which holds the log.
TEST_F(coordinator_log_test, one_that_ends_tells_those_who_wait_and_lets_go_of_its_log) {
  log_->answers_are_owed = true;
  auto got = std::make_shared<std::optional<error_code>>();
  kafka::create_topics_request r;
  r.topics.emplace_back().name = "a";
  r.topics.back().num_partitions = r.topics.back().replication_factor = 1;
  caf::anon_send(coordinator_, change{r, reply_with<change_result>([got](change_result x) {
                                        *got = std::get<kafka::create_topics_response>(x.response).topics.front().error;
                                      })});
  run();
  ASSERT_EQ(log_->owed.size(), 1u);
  EXPECT_FALSE(*got);
  stop();
  EXPECT_EQ(*got, error_code::not_controller);
  const std::weak_ptr<some_log> log = std::exchange(log_, nullptr);
  EXPECT_TRUE(log.expired());
}

TEST_F(coordinator_log_test, the_first_state_tells_which_topics_the_log_knows_as_deleted) {
  EXPECT_THAT(*told_.front().deleted, IsEmpty());
  EXPECT_EQ(create("kept"), error_code::none);
  EXPECT_EQ(create("gone"), error_code::none);
  const auto id = told_.back().cluster->find("gone")->id;
  EXPECT_EQ(remove("gone"), error_code::none);
  EXPECT_FALSE(told_.back().deleted) << "what is deleted now is known by its replicas";
  stop();
  start();
  EXPECT_TRUE(ready_);
  EXPECT_THAT(*told_.front().deleted, ElementsAre(id));
}

} // namespace
} // namespace chisme::coordinator
