// How dense the sparse indexes are.
#include "tests/support/log_fixture.hpp"

namespace chisme::test {
namespace {

class index_interval_test : public log_fixture {
protected:
  /// Bytes of the index of a segment with 50 batches.
  size_t index_with(int64_t interval) {
    dir = "/data/with-" + std::to_string(interval);
    settings.index_interval_bytes = interval;
    open();
    fill(50);
    EXPECT_TRUE(log->roll(2000));
    return disk.content(file(0, ".index")).size();
  }
};

TEST_F(index_interval_test, there_is_an_entry_for_each_interval) {
  const auto batch = make_batch(0, 3).size();
  const auto dense = index_with(1);
  const auto sparse = index_with(static_cast<int64_t>(batch * 10));
  EXPECT_GT(dense, 5 * sparse);
  EXPECT_GT(sparse, 0u);
  EXPECT_EQ(index_with(1 << 20), 0u);
}

} // namespace
} // namespace chisme::test
