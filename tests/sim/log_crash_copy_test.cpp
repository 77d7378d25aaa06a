// The log of a follower, and now and then of a leader, under random work on a disk that crashes and fails: copied
// batches with gaps and marks with configurations, truncations by position, resets, the state of votes. Compared with
// the list of entries that were written, and with what the log said to be on disk: that is what a leader counts.
#include "actors/log/batch_builder.hpp"
#include "actors/log/quorum_state.hpp"
#include "tests/sim/seeds.hpp"
#include "tests/sim/weighted_steps.hpp"
#include "tests/support/copied_log_model.hpp"
#include "tests/support/sim_files.hpp"

#include <gtest/gtest.h>

namespace chisme::test {
namespace {

constexpr uint64_t seeds = 1500;
constexpr int steps_per_seed = 100;

class copy_run {
public:
  explicit copy_run(uint64_t seed) : random_(seed), vote_random_(seed), disk_(seed) {
    settings_.segment_bytes = pick(300, 3000);
    settings_.index_interval_bytes = pick(1, 400);
    settings_.retention_bytes = settings_.retention_ms = no_limit;
    options_.largest_in_memory = static_cast<uint64_t>(pick(64, 2000));
  }

  std::string run() {
    restart();
    for (step_ = 0; step_ < steps_per_seed && wrong_.empty(); ++step_) {
      step();
      note_told();
      if (only_seed())
        say();
    }
    doing_ = "the end";
    if (wrong_.empty())
      kill();
    return wrong_.empty() ? "" : "step " + std::to_string(step_) + " (" + doing_ + "): " + wrong_;
  }

private:
  using model = copied_log_model;

  int64_t pick(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  }
  void check(std::string what) {
    if (wrong_.empty())
      wrong_ = std::move(what);
  }
  void say() const {
    std::printf("%3d %-10s start %lld synced %s end %s, told %s\n", step_, doing_,
                static_cast<long long>(log_->start_offset()), model::text(log_->synced_position()).c_str(),
                model::text(log_->end_position()).c_str(), model::text(model_.told).c_str());
  }

  void step() {
    static constexpr weighted_step<copy_run> steps[] = {
      {35, "copy", &copy_run::copy},
      {8, "append", &copy_run::append},
      {6, "mark", &copy_run::mark},
      {3, "damaged", &copy_run::copy_damaged},
      {12, "sync", &copy_run::sync},
      {8, "begin sync", &copy_run::begin_sync},
      {8, "end sync", &copy_run::end_sync},
      {5, "checkpoint", &copy_run::checkpoint},
      {8, "truncate", &copy_run::truncate},
      {2, "reset", &copy_run::reset},
      {3, "delete", &copy_run::delete_records},
      {6, "vote", &copy_run::store},
      {6, "sync vote", &copy_run::sync_store},
      {5, "compare", &copy_run::compare},
      {5, "kill", &copy_run::kill},
      {8, "crash", &copy_run::crash},
      {4, "fault", &copy_run::plan_fault},
      {2, "write-back", &copy_run::fail_write_back},
    };
    const auto& next = step_at(steps, pick(0, total_weight(steps) - 1));
    doing_ = next.name;
    (this->*next.act)();
  }

  buffer make_batch(offset_t base, leader_epoch_t epoch) {
    log::batch_builder b;
    b.header.base_offset = base;
    b.header.leader_epoch = epoch;
    if (pick(0, 2) == 0) {
      b.header.producer_id = pick(1, 4);
      b.header.producer_epoch = 0;
      b.header.base_sequence = static_cast<int32_t>(base);
    }
    for (auto count = pick(1, 4); count > 0; --count)
      b.add("k", std::to_string(random_()) + std::string(static_cast<size_t>(pick(0, 60)), 'v'), pick(1, 5000));
    return b.finish().value();
  }
  std::optional<raft::configuration> some_configuration() {
    if (pick(0, 2) != 0)
      return std::nullopt;
    std::vector<node_id> outgoing;
    if (pick(0, 1))
      outgoing.push_back(static_cast<node_id>(pick(1, 5)));
    return raft::configuration{{static_cast<node_id>(pick(1, 5)), static_cast<node_id>(pick(1, 5))}, outgoing};
  }

  /// A leader's message: what it has behind the end of this log.
  struct message {
    std::vector<peer::raft_mark> marks;
    std::string records;
    std::vector<copied_entry> entries;
  };
  void add_mark(message& to, offset_t at) {
    peer::raft_mark m{++epoch_, at, std::nullopt};
    const auto config = some_configuration();
    if (config)
      m.config = config->message();
    to.marks.push_back(m);
    to.entries.push_back({{m.epoch, m.start}, config, {}});
  }
  message next_message() {
    message out;
    auto at = model_.end().offset;
    if (model_.end().epoch < 0 || pick(0, 4) == 0)
      add_mark(out, at);
    auto epoch = out.entries.empty() ? model_.end().epoch : epoch_;
    for (auto count = pick(0, 4); count > 0; --count) {
      if (pick(0, 5) == 0)
        at += pick(1, 20); // compacted
      if (pick(0, 5) == 0) {
        for (auto marks = pick(1, 2); marks > 0; --marks)
          add_mark(out, at);
        epoch = epoch_;
      }
      const auto batch = make_batch(at, epoch);
      at = log::batch_header::parse(batch.data()).next_offset();
      out.records += as_chars(batch);
      out.entries.push_back({{epoch, at}, {}, std::string{as_chars(batch)}});
    }
    return out;
  }
  log::copied_batches parsed(const std::string& records) {
    auto out = log::copied_batches::parse(buffer::copy_of(records), "test");
    if (!out)
      check("good batches are refused: " + out.error().message);
    return out ? std::move(*out) : log::copied_batches{};
  }
  void copy() {
    const auto m = next_message();
    copy(m, parsed(m.records));
  }
  void copy(const message& m, const log::copied_batches& batches) {
    if (log_->append_copied(m.marks, batches, 0, now_))
      return model_.write(m.entries);
    refused(m.entries);
  }
  void copy_damaged() {
    auto m = next_message();
    if (m.records.empty())
      return;
    m.records[static_cast<size_t>(pick(0, static_cast<int64_t>(m.records.size()) - 1))] ^= 4;
    // Offset and epoch of a batch lie outside its checksum: where it is sound with another value it is another batch.
    const auto read = log::copied_batches::parse(buffer::copy_of(m.records), "test");
    if (!read)
      return;
    log::batch_reader batches{as_bytes(m.records)};
    for (auto& e : m.entries)
      if (!e.is_mark()) {
        const auto b = batches.next();
        e.bytes = as_chars(b->bytes);
        e.behind = {b->header.leader_epoch, b->header.next_offset()};
      }
    copy(m, *read);
  }
  void append() {
    const auto end = model_.end();
    if (end.epoch < 0)
      return;
    const auto batch = make_batch(end.offset, end.epoch);
    const log::stamped_batch one[] = {
      {log::batch_header::parse(batch.data()), batch.view().subspan(log::batch_header_size)}};
    const std::vector<copied_entry> entry{{{end.epoch, one[0].header.next_offset()}, {}, std::string{as_chars(batch)}}};
    if (log_->append(one, now_))
      return model_.write(entry);
    refused(entry);
  }
  void mark() {
    message m;
    add_mark(m, model_.end().offset);
    if (log_->assign_epoch(m.marks.front()))
      return model_.write(m.entries);
    refused(m.entries);
  }
  /// One failure must not spoil the log; where undoing failed as well it says so until it is opened again.
  void refused(const std::vector<copied_entry>& entries) {
    model_.refuse(entries);
    if (log_->sync_failure() || log_->must_reopen())
      return kill();
    // Marks at the end may stay.
    const auto end = model_.end();
    for (const auto& e : entries)
      if (e.is_mark() && e.behind.offset == end.offset && e.behind <= log_->end_position())
        model_.entries.push_back(e);
    check(model_.compare(*log_));
  }

  /// Whatever the log calls synced has been promised to a leader.
  void note_told() {
    if (log_->sync_failure())
      return;
    model_.told = std::max(model_.told, log_->synced_position());
    if (model_.told > model_.end())
      check("told " + model::text(model_.told) + " is behind the end");
  }
  struct running_sync {
    log::unsynced what;
    bool written = false;
  };
  void begin_sync() {
    if (running_)
      return;
    running_ = running_sync{log_->dirty()};
    if (pick(0, 1))
      write_running();
  }
  bool write_running() {
    running_->written = true;
    for (const auto& f : running_->what.files)
      if (!f->sync()) {
        kill();
        return false;
      }
    return true;
  }
  void end_sync() {
    if (!running_ || (!running_->written && !write_running()))
      return;
    log_->mark_synced(running_->what);
    running_.reset();
  }
  void sync() {
    end_sync();
    begin_sync();
    end_sync();
    if (running_ || log_->sync_failure() || !log_->is_dirty())
      return;
  }
  void checkpoint() {
    (void)log_->checkpoint();
    (void)log_->roll(now_);
    if (log_->must_reopen())
      kill();
  }
  /// To a position behind what was told: a follower never loses what it has answered for.
  void truncate() {
    std::vector<raft::position> all;
    auto last = model_.start.offset;
    for (const auto& e : model_.entries) {
      // What is compacted is committed, with the batch behind it: nobody parts from a log there.
      const bool is_behind_gap = e.is_mark() && e.behind.offset > last;
      if (!e.is_mark())
        last = e.behind.offset;
      if (e.behind >= model_.told && !is_behind_gap)
        all.push_back(e.behind);
    }
    if (all.empty())
      return;
    const auto to = all[static_cast<size_t>(pick(0, static_cast<int64_t>(all.size()) - 1))];
    const auto before = model_;
    model_.truncate(to);
    if (log_->truncate_to(to)) {
      running_.reset();
      if (log_->end_position() != to)
        check("ends at " + model::text(log_->end_position()) + " instead of " + model::text(to));
      return;
    }
    // Anything between the two.
    model_ = before;
    restart();
    if (wrong_.empty())
      check(model_.adopt(*log_, false));
  }
  log::log_beginning some_beginning() {
    log::log_beginning b;
    b.start = model_.end().offset + pick(-5, 50);
    b.start = std::max<offset_t>(b.start, 0);
    auto at = b.start;
    std::vector<peer::raft_mark> marks;
    for (auto count = pick(1, 3); count > 0; --count, at = std::max<offset_t>(0, at - pick(0, 10)))
      marks.push_back({0, at, std::nullopt});
    for (auto m = marks.rbegin(); m != marks.rend(); ++m) {
      m->epoch = ++epoch_;
      b.marks.push_back(*m);
    }
    if (const auto config = some_configuration())
      b.marks.back().config = config->message();
    log::producer_state producers;
    for (auto count = std::min(pick(0, 3), b.start); count > 0; --count) {
      log::batch_header h;
      h.base_offset = b.start - count;
      h.producer_id = pick(1, 4);
      h.producer_epoch = 0;
      h.base_sequence = 0;
      h.max_timestamp = 5000;
      producers.update(h);
    }
    if (!producers.empty())
      b.producers = buffer::copy_of(producers.snapshot());
    return b;
  }
  void reset() {
    const auto with = some_beginning();
    const auto before = model_;
    model_.begin(with);
    if (log_->reset_to(with)) {
      running_.reset();
      return compare();
    }
    const bool all_there = restart();
    if (!wrong_.empty() || log_->end_position() == with.position())
      return;
    model_ = before;
    check(model_.adopt(*log_, all_there));
  }
  void delete_records() {
    if (!log_->delete_records(std::max(log_->start_offset(), std::min(model_.told.offset, log_->end_offset()))))
      kill();
  }
  void compare() { check(model_.compare(*log_)); }

  // -- votes
  void store() {
    raft::hard_state next{++term_, static_cast<node_id>(pick(1, 5))};
    asked_.push_back(next);
    if (!votes_->store(next))
      return kill();
    note_votes();
  }
  void sync_store() {
    const auto what = votes_->dirty();
    if (what.files.empty())
      return;
    const auto process = process_;
    if (pick(0, 2) == 0)
      store(); // while it is being synced
    if (process != process_)
      return;
    for (const auto& f : what.files) {
      if (vote_random_() % 16 == 0)
        return crash();
      if (!f->sync())
        return kill();
    }
    if (!votes_->mark_synced(what))
      return kill();
    note_votes();
  }
  void note_votes() {
    if (votes_ && votes_->on_disk())
      promised_ = *votes_->on_disk();
  }
  void check_votes() {
    const auto found = votes_->found();
    if (promised_.term >= 0 && (!found || found->term < promised_.term))
      return check("the vote in term " + std::to_string(promised_.term) + " is forgotten");
    if (found && std::ranges::find(asked_, *found) == asked_.end())
      return check("a vote that nobody gave");
  }

  // -- the disk
  void plan_fault() {
    disk_.fail_operation(static_cast<uint64_t>(pick(0, 14)), pick(0, 1) ? disk_fault::full : disk_fault::io_error);
  }
  void fail_write_back() { disk_.fail_write_back(); }
  void kill() {
    const bool all_there = restart();
    if (wrong_.empty())
      check(model_.adopt(*log_, all_there));
  }
  void crash() {
    log_.reset();
    votes_.reset();
    disk_.crash(random_);
    restart(true);
    if (wrong_.empty())
      check(model_.adopt(*log_, false));
  }
  /// Another process. Whether all that was written can be read.
  bool restart(bool with_memory = false) {
    log_.reset();
    votes_.reset();
    running_.reset();
    bool all_there = true;
    if (disk_.is_read_only()) {
      disk_.crash(random_);
      all_there = false;
    } else if (!with_memory && pick(0, 3) == 0) {
      all_there = !disk_.drop_clean_pages();
    }
    disk_.cancel_fault();
    if (pick(0, 3) == 0)
      plan_fault();
    for (int attempt = 0; attempt < 6; ++attempt) {
      const auto why = open();
      if (why.empty()) {
        disk_.cancel_fault();
        check_votes();
        return all_there;
      }
      disk_.cancel_fault();
      if (disk_.is_read_only()) {
        disk_.crash(random_);
        all_there = false;
      }
      if (attempt == 5)
        check("open failed: " + why);
    }
    return all_there;
  }
  std::string open() {
    report_ = {};
    options_.now = now_ += 10;
    auto opened = log::partition_log::open(disk_, "/d/t-0", settings_, options_, report_);
    if (!opened)
      return opened.error().message;
    auto votes = log::quorum_state::open(disk_, "/d/t-0");
    if (!votes)
      return votes.error().message;
    // A replica takes part when that is done.
    if (votes->has_unsynced_find())
      if (auto ok = votes->sync(); !ok)
        return ok.error().message;
    if (vote_random_() % 2)
      if (auto ok = votes->prepare(); !ok)
        return ok.error().message;
    log_ = std::move(*opened);
    votes_.emplace(std::move(*votes));
    ++process_;
    return {};
  }

  std::mt19937_64 random_;
  std::mt19937_64 vote_random_;
  sim_files disk_;
  topic_settings settings_;
  log::open_options options_;
  log::recovery_report report_;
  std::unique_ptr<log::partition_log> log_;
  std::optional<log::quorum_state> votes_;
  copied_log_model model_;
  std::optional<running_sync> running_;
  leader_epoch_t epoch_ = 0;
  leader_epoch_t term_ = 0;
  raft::hard_state promised_;
  std::vector<raft::hard_state> asked_;
  uint64_t process_ = 0;
  timestamp_ms now_ = 10'000;
  int step_ = 0;
  const char* doing_ = "";
  std::string wrong_;
};

TEST(log_crash_copy_test, what_a_leader_was_told_is_there_and_nothing_else) {
  const auto [first, end] = seeds_to_run(seeds);
  for (auto seed = first; seed < end; ++seed)
    ASSERT_EQ(copy_run{seed}.run(), "") << how_to_run(seed);
}

} // namespace
} // namespace chisme::test
