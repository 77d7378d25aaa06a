// Reading what compaction left: common clients do not get over batches without records.
#include "actors/log/compaction.hpp"
#include "nodes/posix_files.hpp"
#include "tests/support/log_fixture.hpp"

#include <unistd.h>

#include <filesystem>
#include <map>

namespace chisme::log {
namespace {

/// How much of an answer may be memory: all, or none.
class compacted_read : public ::testing::TestWithParam<uint64_t> {
protected:
  compacted_read() : root_(::testing::TempDir() + "chisme-compacted-XXXXXX") {
    if (::mkdtemp(root_.data()) == nullptr)
      throw std::runtime_error{"no temporary folder"};
    settings_.cleanup_compact = true;
    settings_.cleanup_delete = false;
    settings_.segment_bytes = 400;
    settings_.delete_retention_ms = 0;
    settings_.min_cleanable_dirty_ratio = 0;
    options_.largest_in_memory = GetParam();
    recovery_report report;
    log_ = partition_log::open(disk_, root_ + "/t-0", settings_, options_, report).value();
  }
  ~compacted_read() override { std::filesystem::remove_all(root_); }

  /// Few keys, tombstones among them, and now and then a producer that never comes again: its last batch has to stay.
  void write(int batches) {
    for (int i = 0; i < batches; ++i, ++written_) {
      batch_builder b;
      b.header.base_offset = log_->end_offset();
      b.header.leader_epoch = 0;
      if (written_ % 3 == 0) {
        b.header.producer_id = written_;
        b.header.producer_epoch = 0;
        b.header.base_sequence = 0;
      }
      for (int j = 0; j < 3; ++j) {
        const auto key = "key" + std::to_string(written_ * (j + 1) % 7);
        const auto value = std::to_string(written_);
        const bool gone = (written_ + j) % 6 == 0;
        b.add(record_in{key, gone ? std::nullopt : std::optional<std::string_view>{value}, 1000, {}});
        newest_[key] = gone ? std::nullopt : std::optional{value};
      }
      const auto batch = b.finish().value();
      const stamped_batch one[] = {test::stamped(batch)};
      ASSERT_TRUE(log_->append(one, 1000));
    }
  }
  void compact(timestamp_ms now) {
    ASSERT_TRUE(log_->roll(now));
    ASSERT_TRUE(log_->sync());
    ASSERT_TRUE(log_->checkpoint());
    auto plan = log_->plan_compaction(now, log_->end_offset());
    ASSERT_TRUE(plan && *plan);
    auto outcome = log::compact(disk_, **plan);
    ASSERT_TRUE(outcome && log_->swap_in(*outcome));
  }
  /// Batches without records in the files.
  int empty_batches() {
    int n = 0;
    for (const auto& s : log_->segments()) {
      const auto text = disk_.read_all(s.path).value();
      batch_reader batches{as_bytes(text)};
      while (auto b = batches.next())
        n += b->header.is_empty();
    }
    return n;
  }
  static std::string bytes_of(const payload& p) {
    std::string out;
    for (const auto& part : p.parts()) {
      if (const auto* memory = std::get_if<buffer>(&part)) {
        out += as_chars(*memory);
        continue;
      }
      const auto& slice = std::get<file_slice>(part);
      std::string bytes(slice.length, '\0');
      if (::pread(slice.fd, bytes.data(), bytes.size(), static_cast<off_t>(slice.position)) < 0)
        throw std::runtime_error{"pread"};
      out += bytes;
    }
    return out;
  }
  /// What is wrong with the answer to one read; `seen` gets its records.
  std::string look_at(const read_result& r, offset_t from, std::map<std::string, std::optional<std::string>>& seen) {
    const auto bytes = bytes_of(r.data);
    batch_reader batches{as_bytes(bytes)};
    offset_t last = -1;
    offset_t last_record = -1;
    while (auto b = batches.next()) {
      if (b->header.record_count == 0)
        return "a batch without records at " + std::to_string(b->header.base_offset);
      if (b->header.base_offset <= last || b->header.last_offset() < from)
        return "a batch out of order at " + std::to_string(b->header.base_offset);
      if (!b->crc_matches())
        return "a broken batch at " + std::to_string(b->header.base_offset);
      last = b->header.last_offset();
      record_reader records{b->body()};
      while (auto record = records.next()) {
        last_record = b->header.base_offset + record->offset_delta;
        seen[std::string{as_chars(record->key.bytes)}] =
          record->value.is_null ? std::nullopt : std::optional{std::string{as_chars(record->value.bytes)}};
      }
    }
    if (last_record < from)
      return "no record from there on";
    if (r.next_offset != last + 1 || r.last_offset != last)
      return "the next offset is said to be " + std::to_string(r.next_offset);
    return batches.remaining() == 0 ? "" : "a torn end";
  }

  std::string root_;
  posix_files disk_;
  topic_settings settings_;
  open_options options_;
  std::unique_ptr<partition_log> log_;
  int written_ = 0;
  std::map<std::string, std::optional<std::string>> newest_;
};

TEST_P(compacted_read, every_answer_holds_records_and_nothing_else) {
  write(300);
  compact(2000);
  write(3);
  compact(3000);
  write(30);
  compact(4000);
  ASSERT_GT(log_->segments().size(), 5u);
  ASSERT_GT(empty_batches(), 20);
  const auto end = log_->end_offset();
  for (uint64_t most : {1u, 150u, 1u << 20})
    for (offset_t start = 0; start < end; ++start) {
      std::map<std::string, std::optional<std::string>> seen;
      const auto r = log_->read(start, most, end);
      ASSERT_TRUE(r) << r.error().message;
      ASSERT_EQ(look_at(*r, start, seen), "") << "read from " << start << ", " << most << " bytes";
    }
}

TEST_P(compacted_read, a_reader_comes_to_the_end_and_has_seen_the_newest_of_each_key) {
  for (int round = 1; round < 6; ++round) {
    write(60);
    compact(1000 + round * 1000);
    std::map<std::string, std::optional<std::string>> seen;
    for (offset_t at = 0; at < log_->end_offset();) {
      const auto r = log_->read(at, 200, log_->end_offset());
      ASSERT_TRUE(r) << r.error().message;
      ASSERT_EQ(look_at(*r, at, seen), "") << "read from " << at;
      at = r->next_offset;
    }
    for (const auto& [key, value] : newest_)
      EXPECT_EQ(seen[key], value) << key;
  }
}

INSTANTIATE_TEST_SUITE_P(from, compacted_read, ::testing::Values(0u, 1u << 20),
                         [](const auto& way) { return way.param == 0 ? "files" : "memory"; });

} // namespace
} // namespace chisme::log
