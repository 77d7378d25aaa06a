// DeleteRecords on a replica: how far it may go, and what its answers say.
#include "tests/support/partition_shell.hpp"

namespace chisme::partition {
namespace {

class delete_records_test : public test::partition_shell_test {
protected:
  /// Two committed records in a segment each, and one that is not synced.
  void open_with_records() {
    replica_.settings.flush = flush_mode::sync;
    replica_.settings.segment_bytes = 100;
    open();
    for (int i = 0; i < 2; ++i) {
      append();
      sync_all();
    }
    append();
    ASSERT_EQ(end_offset(), 2);
  }
  delete_records_result delete_before(offset_t before) {
    auto [reply, answered] = test::owed<delete_records_result>();
    port_->send(delete_records_request{before, reply});
    run();
    return answered->value();
  }
};

TEST_F(delete_records_test, goes_no_further_than_what_is_committed) {
  open_with_records();
  for (offset_t before : {3, 4, -2}) {
    EXPECT_EQ(delete_before(before).code, error_code::offset_out_of_range) << before;
    EXPECT_EQ(delete_before(before).low_watermark, -1) << before;
  }
  EXPECT_EQ(delete_before(1).code, error_code::none);
  EXPECT_EQ(delete_before(1).low_watermark, 1);
  EXPECT_EQ(delete_before(-1).low_watermark, 2);
  EXPECT_EQ(read(1)->value().code, error_code::offset_out_of_range);
}

TEST_F(delete_records_test, tells_what_the_disk_refuses) {
  open_with_records();
  disk_->fail_operation(0, test::disk_fault::full);
  const auto refused = delete_before(2);
  EXPECT_EQ(refused.code, error_code::kafka_storage_error);
  EXPECT_EQ(refused.low_watermark, -1);
  EXPECT_EQ(read(0)->value().code, error_code::none);
  EXPECT_EQ(delete_before(2).low_watermark, 2);
}

} // namespace
} // namespace chisme::partition
