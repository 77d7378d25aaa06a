// The flusher's life, on CAF's deterministic scheduler.
#include "actors/flusher/flusher_actor.hpp"
#include "tests/support/shell_fixture.hpp"

#include <stdexcept>

namespace chisme::flusher {
namespace {

struct deadly_file final : log::file {
  result<size_t> read_at(uint64_t, std::span<std::byte>) override { return 0; }
  result<void> write_at(uint64_t, std::span<const bytes_view>) override { return {}; }
  result<void> sync() override { throw std::logic_error{"a broken invariant"}; }
  result<void> truncate(uint64_t) override { return {}; }
  result<uint64_t> size() override { return 0; }
  int native_handle() const override { return -1; }
  const std::string& path() const override { return path_; }

  std::string path_ = "deadly";
};

/// Counts its syncs, and fails where it is told to.
struct counting_file final : log::file {
  result<size_t> read_at(uint64_t, std::span<std::byte>) override { return 0; }
  result<void> write_at(uint64_t, std::span<const bytes_view>) override { return {}; }
  result<void> sync() override {
    ++syncs;
    return failure.empty() ? result<void>{} : fail(error_code::kafka_storage_error, failure);
  }
  result<void> truncate(uint64_t) override { return {}; }
  result<uint64_t> size() override { return 0; }
  int native_handle() const override { return -1; }
  const std::string& path() const override { return path_; }

  int syncs = 0;
  std::string failure;
  std::string path_ = "counting";
};

/// Somebody who has a file to be synced, and what the flusher said.
struct owner {
  std::shared_ptr<counting_file> file = std::make_shared<counting_file>();
  std::vector<std::string> answers;
};

class flusher_actor_test : public test::shell_test {
protected:
  /// Sent now, handled with the next run().
  void ask(owner& who) {
    test::spawn_function(system_, [this, &who](caf::event_based_actor* self) -> caf::behavior {
      self->request(caf::actor_cast<caf::actor>(flusher_), caf::infinite, flush_request{{who.file}})
        .then([&who](const flush_result& r) { who.answers.push_back(r.failure); });
      return {};
    });
  }

  flusher_actor flusher_ = spawn<flusher>(nullptr);
};

TEST_F(flusher_actor_test, who_asks_at_the_same_time_shares_a_round) {
  owner a, b;
  for (int i = 0; i < 3; ++i)
    ask(a);
  ask(b);
  run();
  EXPECT_EQ(a.file->syncs, 1) << "three asked for it";
  EXPECT_EQ(b.file->syncs, 1);
  EXPECT_EQ(a.answers, std::vector<std::string>(3));
  EXPECT_EQ(b.answers, std::vector<std::string>(1));
  ask(a);
  run();
  EXPECT_EQ(a.file->syncs, 2) << "what comes later is synced again";
  EXPECT_EQ(b.file->syncs, 1);
}

TEST_F(flusher_actor_test, a_failure_reaches_its_owner_and_nobody_else) {
  owner first, unlucky, last;
  unlucky.file->failure = "the disk is gone";
  for (auto* who : {&first, &unlucky, &last})
    ask(*who);
  run();
  EXPECT_EQ(first.answers, std::vector<std::string>{""});
  EXPECT_EQ(last.answers, std::vector<std::string>{""});
  ASSERT_EQ(unlucky.answers.size(), 1u);
  EXPECT_NE(unlucky.answers[0].find("the disk is gone"), std::string::npos) << unlucky.answers[0];
}

/// Requests that are in hand refer to the flusher. As found by a node that stopped right behind the deletion of a
/// topic: it waited for the flusher's thread for ever.
TEST_F(flusher_actor_test, one_that_dies_with_requests_in_hand_answers_them_and_goes) {
  auto file = std::make_shared<deadly_file>();
  auto actor = system_.spawn<flusher>(nullptr);
  run();
  caf::scoped_actor asker{system_};
  auto asked = asker->request(actor, caf::infinite, flush_request{{file}});
  actor = nullptr;
  run();

  std::string failure;
  asked.receive([&](const flush_result& r) { failure = r.failure; },
                [&](const caf::error& e) { failure = system_.render(e); });
  EXPECT_EQ(failure, "the flusher has ended");
  EXPECT_EQ(file.use_count(), 1) << "the request still exists";
}

} // namespace
} // namespace chisme::flusher
