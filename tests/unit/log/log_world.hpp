// A log on a simulated disk beside the model of what must be in it, for tests that let each operation of the disk fail.
#pragma once

#include "actors/log/compaction.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/support/log_model.hpp"

namespace chisme::test {

struct log_world {
  explicit log_world(uint64_t seed = 1) : random(seed), disk(seed) {
    disk.list_backwards();
    settings.segment_bytes = 700;
    settings.index_interval_bytes = 1;
    settings.min_cleanable_dirty_ratio = 0;
  }

  result<void> open() {
    log.reset();
    report = {};
    auto opened = log::partition_log::open(disk, dir, settings, options, report);
    if (!opened)
      return tl::make_unexpected(opened.error());
    log = std::move(*opened);
    return {};
  }

  /// Batches of three records, in one append; each second one has a producer.
  result<void> append(int count, leader_epoch_t epoch = 0) {
    std::vector<buffer> batches;
    std::vector<log::stamped_batch> parts;
    auto at = log->end_offset();
    for (int i = 0; i < count; ++i, at += 3) {
      batches.push_back(make(at, epoch, i % 2 ? log::no_producer_id : 7));
      parts.push_back(stamped(batches.back()));
    }
    auto ok = log->append(parts, 1000);
    for (size_t i = 0; i < parts.size(); ++i) {
      std::string bytes{as_chars(batches[i])};
      if (ok)
        model.append(parts[i].header.base_offset, parts[i].header.next_offset(), std::move(bytes));
      else
        model.attempted(parts[i].header.base_offset, std::move(bytes));
    }
    return ok;
  }

  result<void> sync() {
    auto ok = log->sync();
    if (ok && !log->is_dirty()) {
      model.durable_start = model.start;
      model.durable_epochs = log->epochs().marks();
    }
    return ok;
  }

  /// Whatever the log calls synced has been promised to somebody.
  void note_acknowledged() {
    if (log && !log->sync_failure())
      model.acknowledged = std::max(model.acknowledged, log->synced_offset());
  }

  result<void> truncate(offset_t to) {
    const auto before = model;
    model.truncate(to);
    model.durable_start = std::min(before.durable_start, model.end());
    std::erase_if(model.durable_epochs, [&](const log::epoch_mark& m) { return m.start_offset > model.end(); });
    auto ok = log->truncate_to(to);
    if (!ok) {
      model.start = before.start;
      ends_half_done();
    }
    return ok;
  }

  result<void> truncate_below_start(offset_t to) {
    expect_empty(to);
    return emptied(log->truncate_to(to));
  }
  result<void> reset(offset_t to) {
    expect_empty(to);
    return emptied(log->reset_to(to));
  }

  result<void> delete_records(offset_t before) {
    model.start = std::max(model.start, before);
    return started(log->delete_records(before));
  }

  result<void> retention(timestamp_ms now) {
    const auto upto = log->synced_offset();
    model.start = std::max(model.start, upto);
    auto gone = log->apply_retention(now, upto);
    if (gone && *gone == 0)
      return fail(error_code::operation_not_attempted, "nothing is old");
    return started(gone ? result<void>{} : tl::make_unexpected(gone.error()));
  }

  result<void> compact() {
    auto plan = log->plan_compaction(2000, log->synced_offset());
    if (!plan)
      return tl::make_unexpected(plan.error());
    if (!*plan)
      return fail(error_code::operation_not_attempted, "nothing to compact");
    (*plan)->leave_free = 0;
    auto outcome = log::compact(disk, **plan);
    return outcome ? log->swap_in(*outcome) : tl::make_unexpected(outcome.error());
  }

  /// Compares with what an opened log holds; takes over what may be either way.
  std::string adopt(bool nothing_lost) {
    if (instead && log->start_offset() != model.start) {
      model = *instead;
      nothing_lost = false;
    }
    instead.reset();
    return model.adopt(*log, nothing_lost && !half_done);
  }

  std::mt19937_64 random;
  sim_files disk;
  std::string dir = "/data/t-0";
  topic_settings settings;
  log::open_options options;
  log::recovery_report report;
  std::unique_ptr<log::partition_log> log;
  log_model model;
  std::optional<log_model> instead;
  bool half_done = false; ///< something was being taken away when the disk failed

private:
  /// Either the old log or the new one: `model` is the new one, `instead` the old one.
  void expect_empty(offset_t at) {
    instead = model;
    model.reset(at);
  }
  result<void> emptied(result<void> ok) {
    if (ok)
      instead.reset();
    else
      ends_half_done();
    return ok;
  }

  static buffer make(offset_t base, leader_epoch_t epoch, int64_t producer) {
    log::batch_builder builder{log::codec::none};
    builder.header.base_offset = base;
    builder.header.leader_epoch = epoch;
    if (producer != log::no_producer_id) {
      builder.header.producer_id = producer;
      builder.header.producer_epoch = 0;
      builder.header.base_sequence = static_cast<int32_t>(base);
    }
    for (int i = 0; i < 3; ++i) {
      const auto n = std::to_string(base + i);
      builder.add("k" + n, "v" + n, 1000 + i);
    }
    return builder.finish().value();
  }

  result<void> started(result<void> ok) {
    if (ok) {
      model.start = log->start_offset();
      model.acknowledged = std::max(model.acknowledged, model.start);
    }
    return ok;
  }

  void ends_half_done() {
    half_done = true;
    if (!log->must_reopen() && !log->sync_failure())
      throw std::logic_error{"a log that was cut half-way goes on"};
    log.reset();
  }
};

} // namespace chisme::test
