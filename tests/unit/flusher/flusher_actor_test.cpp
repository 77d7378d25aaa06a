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

using flusher_actor_test = test::shell_test;

/// Requests that are in hand refer to the flusher. As found by a node that stopped right behind the deletion of a topic:
/// it waited for the flusher's thread for ever.
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
