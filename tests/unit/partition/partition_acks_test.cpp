// When a replica answers an append: the test is the disk's flusher.
#include "tests/support/partition_shell.hpp"

namespace chisme::partition {
namespace {

class partition_acks_test : public test::partition_shell_test {
protected:
  void open(flush_mode mode) {
    replica_.settings.flush = mode;
    partition_shell_test::open();
  }
  /// Counts answers.
  void append(acks required) { appended_.push_back(partition_shell_test::append(required)); }
  ptrdiff_t answered() const {
    return std::ranges::count_if(appended_, [](const auto& a) { return a->has_value(); });
  }

private:
  std::vector<test::answer<append_result>> appended_;
};

/// The record must be there for whoever asks for the end of the log right after the acknowledgement.
TEST_F(partition_acks_test, with_acks_1_a_single_replica_answers_when_the_record_can_be_read) {
  open(flush_mode::sync);
  append(acks::leader);
  EXPECT_EQ(answered(), 0);
  EXPECT_EQ(end_offset(), 0);
  sync();
  EXPECT_EQ(answered(), 1);
  EXPECT_EQ(end_offset(), 1);
}

TEST_F(partition_acks_test, acks_all_does_the_same_in_the_same_sync) {
  open(flush_mode::sync);
  append(acks::leader);
  append(acks::all); // comes while the first one is synced
  sync();
  EXPECT_EQ(answered(), 1);
  sync();
  EXPECT_EQ(answered(), 2);
  EXPECT_EQ(end_offset(), 2);
}

TEST_F(partition_acks_test, a_lazy_topic_waits_for_no_disk) {
  open(flush_mode::lazy);
  append(acks::leader);
  append(acks::all);
  EXPECT_EQ(answered(), 2);
  EXPECT_EQ(end_offset(), 2);
  EXPECT_FALSE(flusher_.is_asked());
}

/// Nobody is told: the answer only says that the request is no longer in flight.
TEST_F(partition_acks_test, acks_0_is_done_with_as_soon_as_it_is_written) {
  open(flush_mode::sync);
  append(acks::none);
  EXPECT_EQ(answered(), 1);
  EXPECT_EQ(end_offset(), 0);
}

TEST_F(partition_acks_test, acks_0_that_was_written_is_no_failure) {
  open(flush_mode::sync);
  const auto written = partition_shell_test::append(acks::none);
  ASSERT_TRUE(*written);
  EXPECT_EQ((*written)->code, error_code::none);
  EXPECT_EQ((*written)->base_offset, 0);
}

/// A port keeps the object of an actor that has ended by an exception. Where the coordinator that waits for the answer
/// holds that port, the two would keep each other, and their node, for ever.
TEST_F(partition_acks_test, an_actor_that_ends_answers_though_somebody_holds_its_port) {
  open(flush_mode::sync);
  append(acks::all);
  EXPECT_EQ(answered(), 0);
  caf::anon_send_exit(partition_, caf::exit_reason::kill);
  run();
  EXPECT_EQ(answered(), 1);
  EXPECT_TRUE(port_);
}

} // namespace
} // namespace chisme::partition
