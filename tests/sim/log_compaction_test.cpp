// Compaction under crashes: whatever is interrupted, the newest value of each key is there, at its offset, and
// nothing that nobody wrote. Seeds as in seeds.hpp.
#include "actors/log/batch_builder.hpp"
#include "actors/log/compaction.hpp"
#include "actors/log/compression.hpp"
#include "actors/log/partition_log.hpp"
#include "tests/sim/seeds.hpp"
#include "tests/support/sim_files.hpp"

#include <gtest/gtest.h>

namespace chisme::test {
namespace {

constexpr uint64_t seeds = 400;
constexpr int rounds_per_seed = 12;

struct kept_record {
  std::string key;
  std::optional<std::string> value;
  friend bool operator==(const kept_record&, const kept_record&) = default;
};
using records = std::map<offset_t, kept_record>;

class compaction_run {
public:
  explicit compaction_run(uint64_t seed) : random_(seed) {
    settings_.segment_bytes = pick(300, 2000);
    settings_.index_interval_bytes = pick(1, 300);
    settings_.cleanup_compact = true;
    settings_.cleanup_delete = false;
    settings_.min_cleanable_dirty_ratio = 0.1;
    settings_.delete_retention_ms = pick(0, 3) * 100;
  }

  std::string run() {
    open();
    for (int i = 0; i < rounds_per_seed && wrong_.empty(); ++i) {
      fill();
      compact();
      if (wrong_.empty())
        verify();
      now_ += pick(0, 300);
    }
    return wrong_;
  }

private:
  int64_t pick(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  void wrong(std::string what) {
    if (wrong_.empty())
      wrong_ = std::move(what);
  }
  void open() {
    log_.reset();
    disk_.cancel_fault();
    log::recovery_report report;
    log::open_options options;
    auto opened = log::partition_log::open(disk_, "/d/t-0", settings_, options, report);
    if (!opened)
      return wrong("open failed: " + opened.error().message);
    log_ = std::move(*opened);
  }

  void fill() {
    for (auto batches = pick(5, 30); batches > 0; --batches) {
      const auto base = log_->end_offset();
      log::batch_builder b{static_cast<log::codec>(pick(0, 4))};
      b.header.base_offset = base;
      b.header.leader_epoch = 0;
      if (pick(0, 4) == 0) {
        b.header.producer_id = pick(1, 2);
        b.header.producer_epoch = 0;
        b.header.base_sequence = static_cast<int32_t>(base);
      }
      const auto count = pick(1, 6);
      for (int64_t i = 0; i < count; ++i) {
        kept_record r{"key" + std::to_string(pick(0, 12)), std::nullopt};
        if (pick(0, 5) != 0)
          r.value = std::to_string(random_());
        b.add(log::record_in{r.key, r.value ? std::optional<std::string_view>{*r.value} : std::nullopt, now_, {}});
        written_[base + i] = r;
      }
      const auto batch = b.finish().value();
      const log::stamped_batch one[] = {
        {log::batch_header::parse(batch.data()), batch.view().subspan(log::batch_header_size)}};
      if (auto ok = log_->append(one, now_); !ok)
        return wrong("append failed: " + ok.error().message);
    }
    if (auto ok = log_->roll(now_); !ok)
      wrong(ok.error().message);
    if (auto ok = log_->sync(); !ok)
      wrong(ok.error().message);
    if (auto ok = log_->checkpoint(); !ok)
      wrong(ok.error().message);
  }

  /// Some runs are left alone, some fail at a random operation, and then the power may go.
  void compact() {
    if (!wrong_.empty())
      return;
    if (pick(0, 1))
      disk_.fail_operation(static_cast<uint64_t>(pick(0, 60)), pick(0, 1) ? disk_fault::full : disk_fault::io_error);
    auto plan = log_->plan_compaction(now_, log_->end_offset());
    bool failed = !plan;
    if (plan && *plan) {
      (*plan)->memory_limit = static_cast<size_t>(pick(200, 2000));
      auto outcome = log::compact(disk_, **plan);
      failed = !outcome || !log_->swap_in(*outcome);
    }
    disk_.cancel_fault();
    const auto after = pick(0, 3);
    if (after == 0 || disk_.is_read_only()) {
      failed = true;
      log_.reset();
      disk_.crash(random_);
    }
    if (failed || after < 2)
      open();
  }

  void verify() {
    records found;
    for (auto at = log_->start_offset(); at < log_->end_offset();) {
      auto r = log_->read(at, static_cast<uint64_t>(pick(1, 3000)), log_->end_offset());
      if (!r)
        return wrong("read at " + std::to_string(at) + " failed: " + r.error().message);
      if (r->data.empty())
        return wrong("read at " + std::to_string(at) + " gave nothing");
      const auto before = found.size();
      for (const auto& part : r->data.parts())
        collect(std::get<buffer>(part), found);
      if (found.size() == before)
        return wrong("read at " + std::to_string(at) + " gave no record");
      at = r->next_offset;
    }
    std::map<std::string, offset_t> newest;
    for (const auto& [offset, r] : written_)
      newest[r.key] = offset;
    for (const auto& [offset, r] : found)
      if (auto it = written_.find(offset); it == written_.end() || it->second != r)
        return wrong("a record that nobody wrote at " + std::to_string(offset));
    for (const auto& [key, offset] : newest)
      if (written_[offset].value && !found.contains(offset))
        return wrong("the newest record of " + key + " at " + std::to_string(offset) + " is missing");
    std::map<std::string, offset_t> left;
    for (const auto& [offset, r] : found)
      left[r.key] = offset;
    for (const auto& [key, offset] : left)
      if (offset != newest[key])
        return wrong("an old value of " + key + " has come back");
    check_producers();
  }
  static void collect(bytes_view bytes, records& into) {
    log::batch_reader batches{bytes};
    while (auto b = batches.next()) {
      auto block = log::decompress(b->header.compression(), b->body());
      if (b->header.record_count == 0 || !block)
        continue;
      log::record_reader in{*block};
      while (auto r = in.next())
        into[b->header.base_offset + r->offset_delta] = {
          std::string{as_chars(r->key.bytes)},
          r->value.is_null ? std::nullopt : std::optional{std::string{as_chars(r->value.bytes)}}};
    }
  }
  /// A restart still knows the last sequence of each producer.
  void check_producers() {
    const auto before = log_->producers();
    open();
    if (!wrong_.empty())
      return;
    for (const auto& entry : before.producers()) {
      const auto* found = log_->producers().find(entry.id);
      if (!found || !found->last() || found->last()->last_sequence != entry.last()->last_sequence)
        return wrong("producer " + std::to_string(entry.id) + " is not remembered");
    }
  }

  std::mt19937_64 random_;
  sim_files disk_;
  topic_settings settings_;
  std::unique_ptr<log::partition_log> log_;
  records written_;
  timestamp_ms now_ = 10'000;
  std::string wrong_;
};

TEST(log_compaction_test, the_newest_value_of_each_key_survives_whatever_is_interrupted) {
  const auto [first, end] = seeds_to_run(seeds);
  for (auto seed = first; seed < end; ++seed)
    ASSERT_EQ(compaction_run{seed}.run(), "") << how_to_run(seed);
}

} // namespace
} // namespace chisme::test
