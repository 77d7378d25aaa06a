// A log under random work on a disk that crashes, fills up, fails and lies, compared with a model that knows what was
// acknowledged. Promise P1: what was synced is there after any crash. P2: offsets are dense, nothing wrong is served.
//
// Acknowledged is what the log itself says is synced (synced_offset()), whatever made it say so: that is what a replica
// answers its clients and votes by. The model computes nothing of it.
#include "actors/log/batch_builder.hpp"
#include "actors/log/compression.hpp"
#include "tests/sim/seeds.hpp"
#include "tests/sim/weighted_steps.hpp"
#include "tests/support/log_model.hpp"
#include "tests/support/payload_bytes.hpp"
#include "tests/support/sim_files.hpp"

#include <gtest/gtest.h>

namespace chisme::test {
namespace {

constexpr uint64_t seeds = 1500;
constexpr int steps_per_seed = 120;

class crash_run {
public:
  explicit crash_run(uint64_t seed) : random_(seed), disk_(seed) {
    settings_.segment_bytes = pick(300, 3000);
    settings_.index_interval_bytes = pick(1, 400);
    settings_.retention_bytes = pick(0, 2) ? no_limit : pick(500, 4000);
    settings_.retention_ms = no_limit;
    options_.largest_in_memory = static_cast<uint64_t>(pick(64, 2000));
    if (pick(0, 1))
      disk_.claim_descriptors();
  }

  /// Empty when all went well.
  std::string run() {
    (void)open();
    for (step_ = 0; step_ < steps_per_seed && wrong_.empty(); ++step_) {
      step();
      note_acknowledged();
      if (only_seed())
        say();
    }
    if (wrong_.empty()) {
      doing_ = "the end";
      live_on_full_disk();
    }
    if (wrong_.empty())
      kill();
    return wrong_.empty() ? "" : "step " + std::to_string(step_) + " (" + doing_ + "): " + wrong_;
  }

private:
  int64_t pick(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }

  void say() const {
    std::printf("%3d %-14s start %lld synced %lld end %lld, acknowledged %lld\n", step_, doing_,
                static_cast<long long>(log_->start_offset()), static_cast<long long>(log_->synced_offset()),
                static_cast<long long>(log_->end_offset()), static_cast<long long>(model_.acknowledged));
  }

  void step() {
    static constexpr weighted_step<crash_run> steps[] = {
      {40, "append", &crash_run::append},
      {12, "sync", &crash_run::sync},
      {6, "begin sync", &crash_run::begin_sync},
      {6, "end sync", &crash_run::end_sync},
      {6, "checkpoint", &crash_run::checkpoint},
      {3, "roll", &crash_run::roll},
      {3, "retention", &crash_run::retention},
      {2, "delete records", &crash_run::delete_records},
      {3, "truncate", &crash_run::truncate},
      {1, "reset", &crash_run::reset},
      {3, "epoch", &crash_run::epoch},
      {4, "compare", &crash_run::compare},
      {4, "find time", &crash_run::find_time},
      {2, "close", &crash_run::close},
      {3, "kill", &crash_run::kill},
      {4, "crash", &crash_run::crash},
      {3, "fault", &crash_run::plan_fault},
      {2, "write-back", &crash_run::fail_write_back},
      {1, "no opens", &crash_run::refuse_opens},
      {2, "disk full", &crash_run::fill_disk},
      {3, "room", &crash_run::make_room},
      {1, "full disk", &crash_run::live_on_full_disk},
    };
    const auto& next = step_at(steps, pick(0, total_weight(steps) - 1));
    doing_ = next.name;
    (this->*next.act)();
  }

  buffer make_batch(offset_t base) {
    log::batch_builder b{static_cast<log::codec>(pick(0, 4))};
    b.header.base_offset = base;
    b.header.leader_epoch = epoch_;
    if (pick(0, 3) == 0) {
      b.header.producer_id = pick(1, 3);
      b.header.producer_epoch = 0;
      b.header.base_sequence = static_cast<int32_t>(pick(0, 1000));
    }
    const auto count = pick(1, 5);
    for (int64_t i = 0; i < count; ++i)
      b.add(std::string(static_cast<size_t>(pick(0, 5)), 'k'),
            std::to_string(random_()) + std::string(static_cast<size_t>(pick(0, 60)), 'v'), pick(1, 5000));
    return b.finish().value();
  }

  void append() {
    std::vector<buffer> batches;
    std::vector<log::stamped_batch> stamped;
    auto at = log_->end_offset();
    const auto count = pick(1, 4);
    for (int64_t i = 0; i < count; ++i) {
      batches.push_back(make_batch(at));
      stamped.push_back(
        {log::batch_header::parse(batches.back().data()), batches.back().view().subspan(log::batch_header_size)});
      at = stamped.back().header.next_offset();
    }
    const auto ok = log_->append(stamped, now_);
    for (size_t i = 0; i < batches.size(); ++i) {
      std::string bytes{as_chars(batches[i])};
      if (ok)
        model_.append(stamped[i].header.base_offset, stamped[i].header.next_offset(), std::move(bytes));
      else
        model_.attempted(stamped[i].header.base_offset, std::move(bytes));
    }
    if (ok)
      return;
    if (!log_->must_reopen() && !log_->sync_failure() && log_->end_offset() != model_.end())
      wrong_ = "a failed append moved the end";
    // One failure must not spoil the log; where undoing failed as well it says so until it is opened again.
    if (!log_->append({}, now_))
      kill();
  }

  /// Whatever the log calls synced has been promised to somebody.
  void note_acknowledged() {
    if (log_ && !log_->sync_failure())
      model_.acknowledged = std::max(model_.acknowledged, log_->synced_offset());
  }

  /// A sync that others do meanwhile: its files are written sooner or later before its end, and what the owner does
  /// meanwhile belongs to the next one.
  struct running_sync {
    log::unsynced what;
    std::vector<log::epoch_mark> epochs;
    offset_t start;
    bool written = false;
  };
  void begin_sync() {
    if (running_)
      return;
    running_ = running_sync{log_->dirty(), log_->epochs().marks(), log_->start_offset()};
    if (pick(0, 1))
      write_running();
  }
  bool write_running() {
    running_->written = true;
    for (const auto& f : running_->what.files)
      if (!f->sync()) {
        sync_failed();
        return false;
      }
    return true;
  }
  void sync_failed() {
    running_.reset();
    if (!log_->sync_failure())
      wrong_ = "a failed sync is forgotten";
    if (log_->append({}, now_))
      wrong_ = "a failed sync is ignored";
    kill();
  }
  void end_sync() { (void)sync_ended(); }
  bool sync_ended() {
    if (!running_ || (!running_->written && !write_running()))
      return false;
    log_->mark_synced(running_->what);
    if (!log_->is_dirty())
      model_.durable_start = std::max(model_.durable_start, std::min(running_->start, model_.start));
    model_.durable_epochs.clear();
    for (const auto& m : running_->epochs)
      if (std::ranges::find(log_->epochs().marks(), m) != log_->epochs().marks().end())
        model_.durable_epochs.push_back(m);
    running_.reset();
    return true;
  }
  void sync() {
    end_sync();
    begin_sync();
    if (sync_ended() && log_->synced_offset() != log_->end_offset())
      wrong_ = "not all is synced after a sync";
  }

  /// An operation that may be interrupted half-way is followed by a restart where it failed.
  template <class Result>
  bool went_well(const Result& r) {
    if (!r)
      kill();
    return r.has_value();
  }

  void checkpoint() { (void)log_->checkpoint(); }
  void roll() { went_well(log_->roll(now_)); }
  void retention() {
    const auto watermark = std::min(model_.acknowledged, log_->end_offset());
    model_.start = std::max(model_.start, watermark);
    if (went_well(log_->apply_retention(now_, watermark)))
      started();
  }
  void delete_records() {
    const auto before = pick(log_->start_offset(), std::max(log_->start_offset(), model_.acknowledged));
    model_.start = std::max(model_.start, before);
    if (went_well(log_->delete_records(before)))
      started();
  }
  void started() {
    model_.start = log_->start_offset();
    model_.acknowledged = std::max(model_.acknowledged, log_->start_offset());
  }
  void truncate() {
    const auto to = pick(log_->start_offset(), log_->end_offset());
    const auto before = model_;
    model_.truncate(to);
    model_.durable_start = std::min(before.durable_start, model_.end());
    std::erase_if(model_.durable_epochs, [&](const log::epoch_mark& m) { return m.start_offset > model_.end(); });
    if (auto ok = log_->truncate_to(to); !ok) {
      model_.start = before.start;
      return kill_partial();
    }
    if (log_->end_offset() != model_.end())
      wrong_ = "truncated to " + std::to_string(log_->end_offset()) + " instead of " + std::to_string(model_.end());
  }
  void reset() {
    const auto to = log_->end_offset() + pick(0, 50);
    const auto before = model_;
    model_.reset(to);
    if (auto ok = log_->reset_to(to); ok)
      return;
    // Either the old log or the new one, nothing in between.
    const auto all_there = restart();
    if (wrong_.empty() && log_->start_offset() != to) {
      model_ = before;
      check(model_.adopt(*log_, all_there));
    }
  }
  void epoch() {
    ++epoch_;
    if (!log_->assign_epoch(epoch_))
      kill();
  }
  void compare() { check(model_.compare(*log_)); }
  void find_time() {
    const auto wanted = pick(0, 5200);
    auto found = log_->offset_for_timestamp(wanted, log_->end_offset());
    if (!found)
      return check("find_time failed: " + found.error().message);
    std::optional<log::timestamp_and_offset> expected;
    for (const auto& b : model_.batches()) {
      if (expected || b.next <= log_->start_offset())
        continue;
      const auto h = log::batch_header::parse(as_bytes(b.bytes).data());
      auto block = log::decompress(h.compression(), as_bytes(b.bytes).subspan(log::batch_header_size)).value();
      log::record_reader records{block};
      while (auto r = records.next())
        if (!expected && h.base_timestamp + r->timestamp_delta >= wanted &&
            b.base + r->offset_delta >= log_->start_offset())
          expected = {h.base_timestamp + r->timestamp_delta, b.base + r->offset_delta, h.leader_epoch};
    }
    if (*found != expected)
      check("time " + std::to_string(wanted) + " found at " + (*found ? std::to_string((*found)->offset) : "none") +
            " instead of " + (expected ? std::to_string(expected->offset) : "none"));
  }

  void close() {
    end_sync();
    running_.reset();
    disk_.cancel_fault();
    disk_.refuse_opens(false);
    if (auto ok = log_->close(); !ok) {
      if (!log_->sync_failure() && !log_->must_reopen() && !disk_.is_filled_up())
        check("close failed: " + ok.error().message);
      return kill();
    }
    note_acknowledged();
    log_.reset();
    const auto all_there = open();
    // An attempt that met a fault may have left a torn recovery point: the one before it counts then.
    if (wrong_.empty() && all_there && opened_at_once_ && report_.batches_scanned > 0)
      check("a closed log was scanned");
    if (wrong_.empty())
      check(model_.adopt(*log_, all_there));
  }
  /// The process ends and another one starts. The system goes on, unless its disk can only be brought back by a crash;
  /// what it could not write may be read until then, or may not. Returns whether all that was written can be read.
  bool restart() {
    log_.reset();
    running_.reset();
    disk_.refuse_opens(false);
    bool all_there = true;
    if (disk_.is_read_only()) {
      disk_.crash(random_);
      all_there = false;
    } else if (pick(0, 3) == 0) {
      all_there = !disk_.drop_clean_pages();
    }
    return open() && all_there;
  }
  void kill() {
    const auto all_there = restart();
    if (wrong_.empty())
      check(model_.adopt(*log_, all_there));
  }
  void kill_partial() {
    (void)restart();
    if (wrong_.empty())
      check(model_.adopt(*log_, false));
  }
  void crash() {
    log_.reset();
    running_.reset();
    disk_.crash(random_);
    (void)open();
    if (wrong_.empty())
      check(model_.adopt(*log_, false));
  }
  void plan_fault() {
    disk_.fail_operation(static_cast<uint64_t>(pick(0, 12)), pick(0, 1) ? disk_fault::full : disk_fault::io_error);
  }
  void fail_write_back() { disk_.fail_write_back(); }
  void refuse_opens() { disk_.refuse_opens(true); }
  void fill_disk() { disk_.fill_up(static_cast<uint64_t>(pick(0, 12))); }
  void make_room() { disk_.make_room(); }

  /// A full disk is all that is wrong: the log opens, reads, and gives space back; with space it is as it was.
  void live_on_full_disk() {
    sync();
    settle();
    disk_.fill_up();
    for (int i = 0; i < 6 && wrong_.empty(); ++i) {
      append();
      if (wrong_.empty() && log_->must_reopen())
        wrong_ = "a full disk has spoiled the log";
    }
    if (!wrong_.empty())
      return;
    if (const auto files = disk_.file_count("/d/t-0"); files > 3 * log_->segments().size() + 12)
      check("there are " + std::to_string(files) + " files for " + std::to_string(log_->segments().size()) +
            " segments");
    if (wrong_.empty())
      settle();
    if (wrong_.empty())
      free_space();
    disk_.make_room();
    const auto end = model_.end();
    if (wrong_.empty())
      append();
    if (wrong_.empty() && model_.end() == end)
      wrong_ = "an append is refused though there is space again";
  }
  /// A process that knows of no fault: those of before have been told of.
  void settle() {
    do {
      disk_.cancel_fault();
      kill();
      disk_.cancel_fault();
    } while (wrong_.empty() && !log_->sync());
  }
  void free_space() {
    const auto used = disk_.used_blocks();
    const auto upto = std::min(model_.acknowledged, log_->end_offset());
    const auto segments = log_->segments();
    const bool by_size = settings_.retention_bytes >= 0 && pick(0, 1);
    const bool something_goes = segments.size() > 1 && segments.front().end_offset <= upto;
    model_.start = std::max(model_.start, upto);
    if (by_size) {
      settings_.retention_bytes = 0;
      log_->update_settings(settings_);
    }
    const bool done = by_size ? log_->apply_retention(now_, upto).has_value() : log_->delete_records(upto).has_value();
    if (log_->sync_failure()) // of a write-back of before
      return kill();
    started();
    if (!done && (something_goes || !by_size)) // the active segment goes where another one can be made
      check("nothing can be deleted on a full disk");
    if (wrong_.empty() && something_goes && disk_.used_blocks() >= used)
      check("what was deleted on a full disk has freed nothing");
  }

  /// A log that cannot be opened is left as it is, and opened again: each failed write-back of before may end one
  /// attempt, the one that is told of it. False where a crash was needed in between.
  bool open() {
    bool all_there = true;
    disk_.cancel_fault();
    if (pick(0, 2) == 0)
      plan_fault();
    auto opened = try_open();
    opened_at_once_ = opened.has_value();
    for (int again = 0; !opened && again < 5; ++again) {
      disk_.cancel_fault();
      if (disk_.is_read_only()) {
        disk_.crash(random_);
        all_there = false;
      }
      opened = try_open();
    }
    disk_.cancel_fault();
    // A log that has to be begun needs space, one that holds records does not.
    if (!opened && disk_.is_filled_up()) {
      disk_.make_room();
      const auto on_full_disk = opened.error().message;
      opened = try_open();
      if (opened && (*opened)->end_offset() > (*opened)->segments().front().base_offset)
        check("open failed on a full disk: " + on_full_disk);
    }
    if (!opened) {
      check("open failed: " + opened.error().message);
      return all_there;
    }
    log_ = std::move(*opened);
    check_producers();
    return all_there;
  }
  result<std::unique_ptr<log::partition_log>> try_open() {
    report_ = {};
    options_.now = now_ += 10;
    return log::partition_log::open(disk_, "/d/t-0", settings_, options_, report_);
  }
  /// What the state says about a producer must be what the log says about its last batch.
  void check_producers() {
    log::producer_state expected;
    for (auto at = log_->start_offset(); at < log_->end_offset();) {
      auto r = log_->read(at, 1000, log_->end_offset());
      if (!r)
        return;
      const auto bytes = bytes_of(r->data);
      log::batch_reader batches{as_bytes(bytes)};
      while (auto b = batches.next())
        expected.update(b->header);
      at = r->next_offset;
    }
    for (const auto& entry : expected.producers()) {
      const auto* found = log_->producers().find(entry.id);
      if (!found || !found->last() || !entry.last() || *found->last() != *entry.last())
        check("producer " + std::to_string(entry.id) + " is not remembered");
    }
  }
  void check(std::string what) {
    if (wrong_.empty())
      wrong_ = std::move(what);
  }

  std::mt19937_64 random_;
  sim_files disk_;
  topic_settings settings_;
  log::open_options options_;
  log::recovery_report report_;
  std::unique_ptr<log::partition_log> log_;
  log_model model_;
  std::optional<running_sync> running_;
  leader_epoch_t epoch_ = 0;
  timestamp_ms now_ = 10'000;
  int step_ = 0;
  const char* doing_ = "";
  bool opened_at_once_ = false;
  std::string wrong_;
};

TEST(log_crash_test, nothing_acknowledged_is_lost_and_nothing_wrong_is_served) {
  const auto [first, end] = seeds_to_run(seeds);
  for (auto seed = first; seed < end; ++seed)
    ASSERT_EQ(crash_run{seed}.run(), "") << how_to_run(seed);
}

} // namespace
} // namespace chisme::test
