// ListOffsets: which times mean something in which version.
#include "tests/support/session_fixture.hpp"

#include "messages/kafka/02_list_offsets.hpp"

namespace chisme::testing {
namespace {

constexpr int16_t oldest = 1, newest = 11;

class list_offsets_test : public session_test {
protected:
  list_offsets_test() { partition_ = add_topic("t", 1).front(); }

  /// NONE where the partition was asked for this time.
  error_code outcome(timestamp_ms time, int16_t version) {
    kafka::list_offsets_request r;
    auto& t = r.topics.emplace_back();
    t.name = "t";
    auto& p = t.partitions.emplace_back();
    p.timestamp = time;
    const auto id = ask(r, version);
    settle();
    const bool asked = !partition_->list_offsets.empty();
    if (asked) {
      EXPECT_EQ(partition_->list_offsets[0].timestamp, time);
      partition_->list_offsets[0].done({error_code::none, 7, -1, 5});
      partition_->list_offsets.clear();
      loop_.drain();
    }
    const auto found = answer<kafka::list_offsets_response>(version, id).topics.at(0).partitions.at(0);
    EXPECT_EQ(found.offset, asked ? 7 : -1);
    EXPECT_EQ(found.timestamp, -1);
    return found.error;
  }

  /// The first version that takes this time; all behind it do, too.
  int16_t since(timestamp_ms time) {
    int16_t first = oldest;
    while (first <= newest && outcome(time, first) == error_code::unsupported_version)
      ++first;
    for (int16_t version = first; version <= newest; ++version)
      EXPECT_EQ(outcome(time, version), error_code::none) << time << " in version " << version;
    return first;
  }

  partition_ptr partition_;
};

TEST_F(list_offsets_test, each_special_time_is_served_from_the_version_on_that_brought_it) {
  EXPECT_EQ(since(-1), oldest) << "latest";
  EXPECT_EQ(since(-2), oldest) << "earliest";
  EXPECT_EQ(since(-3), 7) << "the largest timestamp";
  EXPECT_EQ(since(-4), 8) << "earliest local";
  EXPECT_EQ(since(-5), 9) << "latest tiered";
  EXPECT_EQ(since(-6), 11) << "earliest pending upload";
}

TEST_F(list_offsets_test, other_times_below_0_mean_nothing_in_any_version) {
  for (timestamp_ms time : {timestamp_ms{-7}, timestamp_ms{-100}, std::numeric_limits<timestamp_ms>::min()})
    EXPECT_EQ(since(time), newest + 1) << time;
}

TEST_F(list_offsets_test, a_time_is_served_in_every_version) {
  for (timestamp_ms time : {timestamp_ms{0}, timestamp_ms{1}, std::numeric_limits<timestamp_ms>::max()})
    EXPECT_EQ(since(time), oldest) << time;
}

} // namespace
} // namespace chisme::testing
