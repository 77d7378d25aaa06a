// Compaction meets damage: nothing is copied that cannot be trusted, and what is there stays as it is.
#include "actors/log/compaction.hpp"
#include "tests/support/log_fixture.hpp"

namespace chisme::test {
namespace {

class damaged_compaction_test : public log_fixture {
protected:
  damaged_compaction_test() {
    settings.cleanup_compact = true;
    settings.min_cleanable_dirty_ratio = 0;
  }
  /// The keys a, b, a in batches of their own, then `odd` as it is, and one more: the last one is copied unseen.
  log::compaction_plan plan_with(const buffer& odd) {
    open();
    for (auto key : {"a", "b", "a"})
      EXPECT_TRUE(append(*log, one(log->end_offset(), key)));
    EXPECT_TRUE(append(*log, odd));
    EXPECT_TRUE(append(*log, one(log->end_offset(), "z")));
    EXPECT_TRUE(log->roll(1000));
    EXPECT_TRUE(log->sync());
    EXPECT_TRUE(log->checkpoint());
    return log->plan_compaction(2000, log->end_offset()).value().value();
  }
  static buffer one(offset_t base, std::string_view key, log::codec c = log::codec::none) {
    log::batch_builder b{c};
    b.header.base_offset = base;
    b.add(key, "value", 1000);
    return b.finish().value();
  }
  /// The batch with other bytes as its records, and a CRC that fits.
  static buffer with_body(const buffer& batch, std::string body) {
    auto h = log::batch_header::parse(batch.data());
    h.batch_length = static_cast<int32_t>(log::batch_header_size - log::batch_prefix_size + body.size());
    h.crc = h.compute_crc(as_bytes(body));
    std::string bytes(log::batch_header_size, '\0');
    h.store(reinterpret_cast<std::byte*>(bytes.data()));
    return buffer::copy_of(bytes + body);
  }
  void is_refused(const log::compaction_plan& plan, const std::string& what) {
    const auto files = disk.file_count(dir);
    const auto before = disk.content(file(0, ".log"));
    auto outcome = log::compact(disk, plan);
    ASSERT_FALSE(outcome) << what;
    EXPECT_EQ(outcome.error().code, error_code::corrupt_message) << what << ": " << outcome.error().message;
    EXPECT_EQ(disk.file_count(dir), files) << what;
    EXPECT_EQ(disk.content(file(0, ".log")), before) << what;
  }
};

TEST_F(damaged_compaction_test, a_flipped_bit_anywhere_behind_the_epoch_is_found) {
  const auto plan = plan_with(one(3, "c"));
  const auto size = one(0, "a").size();
  ASSERT_EQ(plan.segments.at(0).size, 5 * size);
  for (auto at = 2 * size + log::crc_covers_from - 4; at < 3 * size; ++at) {
    disk.flip_bit(file(0, ".log"), at, 5);
    is_refused(plan, "byte " + std::to_string(at));
    disk.flip_bit(file(0, ".log"), at, 5);
  }
  EXPECT_TRUE(log::compact(disk, plan));
}

TEST_F(damaged_compaction_test, a_file_that_ends_too_early_is_found) {
  const auto plan = plan_with(one(3, "c"));
  for (auto less : {1u, 30u, 70u}) {
    ASSERT_TRUE(disk.open(file(0, ".log"), log::open_mode::read_write).value()->truncate(plan.segments[0].size - less));
    is_refused(plan, "shorter by " + std::to_string(less));
  }
}

TEST_F(damaged_compaction_test, records_that_cannot_be_read_are_not_dropped) {
  is_refused(plan_with(with_body(one(3, "c"), "\x7f\x7f")), "records");
}

TEST_F(damaged_compaction_test, a_block_that_cannot_be_decompressed_is_not_dropped) {
  for (auto c : {log::codec::gzip, log::codec::snappy, log::codec::lz4, log::codec::zstd}) {
    dir += "x";
    is_refused(plan_with(with_body(one(3, "c", c), "\x7f\x7f\x7f\x7f\x7f\x7f")), std::string{log::to_string(c)});
  }
}

} // namespace
} // namespace chisme::test
