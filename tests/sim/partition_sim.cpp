#include "tests/sim/partition_sim.hpp"

#include "actors/cleaner/cleaner_actor.hpp"
#include "actors/disk_worker/disk_worker_actor.hpp"
#include "actors/flusher/flusher_actor.hpp"
#include "actors/log/batch_builder.hpp"
#include "actors/log/compression.hpp"
#include "actors/partition/partition_actor.hpp"
#include "tests/sim/seeds.hpp"
#include "tests/sim/weighted_steps.hpp"
#include "tests/support/run_next.hpp"

#include <cstdio>

namespace chisme::test {

namespace {

constexpr const char* data_folder = "/d";

void end_now(const caf::actor& a) {
  if (a)
    caf::anon_send_exit(a, caf::exit_reason::kill);
}

} // namespace

partition_sim::partition_sim(uint64_t seed)
  : random_(seed), disk_(std::make_shared<sim_files>(seed)), system_(std::make_unique<caf::actor_system>(config_)) {
  settings_.segment_bytes = pick(300, 4000);
  settings_.index_interval_bytes = pick(1, 400);
  settings_.retention_ms = no_limit;
  settings_.flush = pick(0, 4) ? flush_mode::sync : flush_mode::lazy;
  if (pick(0, 1)) {
    settings_.cleanup_compact = true;
    settings_.cleanup_delete = false;
    settings_.min_cleanable_dirty_ratio = 0;
  }
  (void)disk_->make_directories(data_folder);
  for (int64_t id = -1; id < 3; ++id)
    producers_.push_back({id == 0 ? -1 : id, 0, {}, false});
}

partition_sim::~partition_sim() {
  end_process();
  scheduler().clock().cancel_all();
}

caf::scheduler::test_coordinator& partition_sim::scheduler() {
  return static_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
}

int64_t partition_sim::pick(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
}

void partition_sim::broken(std::string what) {
  if (broken_.empty())
    broken_ = std::move(what);
}

void partition_sim::say() const {
  std::printf("%3d %-12s %s high watermark %lld, %zu records promised\n", step_, doing_,
              serves() ? "serves," : "does not serve,", static_cast<long long>(committed_), promised_.size());
}

std::string partition_sim::run(int steps) {
  start();
  for (step_ = 0; step_ < steps && broken_.empty(); ++step_) {
    step();
    look_for_waits();
    if (only_seed())
      say();
  }
  if (broken_.empty()) {
    doing_ = "final crash";
    crash();
    live_on_full_disk();
    disk_->make_room();
    come_back("on a disk without faults");
    judge();
    append_one();
    look_for_waits();
  }
  return broken_.empty() ? "" : "step " + std::to_string(step_) + " (" + doing_ + "): " + broken_;
}

void partition_sim::step() {
  static constexpr weighted_step<partition_sim> steps[] = {
    {30, "produce", &partition_sim::produce},
    {12, "read", &partition_sim::read},
    {40, "jobs", &partition_sim::run_some_jobs},
    {4, "all jobs", &partition_sim::run_all_jobs},
    {2, "housekeeping", &partition_sim::housekeeping},
    {4, "checkpoint", &partition_sim::checkpoint},
    {2, "fault", &partition_sim::plan_fault},
    {1, "write-back", &partition_sim::fail_write_back},
    {1, "no opens", &partition_sim::refuse_opens},
    {3, "pages leave", &partition_sim::cool_down},
    {2, "kill", &partition_sim::kill},
    {3, "crash", &partition_sim::crash},
    {1, "stop", &partition_sim::stop_cleanly},
    {2, "disk full", &partition_sim::fill_disk},
    {4, "room", &partition_sim::make_room},
    {4, "largest time", &partition_sim::find_largest_time},
    {2, "delete", &partition_sim::delete_records},
    {4, "compaction", &partition_sim::compact},
  };
  const auto& next = step_at(steps, pick(0, total_weight(steps) - 1));
  doing_ = next.name;
  (this->*next.act)();
}

// -- the world -----------------------------------------------------------------------------------------------------

void partition_sim::start() {
  told_ = false;
  now_ += 1000;
  compaction_wanted_ = false;
  deleted_ = 0; // a deletion may be forgotten, as Kafka's may: what comes back is what was there
  // A lazy topic promises what it holds for as long as the process lives.
  if (settings_.flush == flush_mode::lazy) {
    promised_.clear();
    committed_ = 0;
  }
  const auto life = ++life_;
  supervisor_ = stand_in<supervisor::supervisor_actor>(
    *system_,
    [this, life](const supervisor::replica_opened& o) {
      if (life != life_)
        return;
      told_ = true;
      port_ = o.port;
    },
    // Some time later: where one fails for a lack of space it is asked for again.
    [this](const supervisor::checkpoint_wanted&) {},
    [this](const supervisor::compaction_wanted&) { compaction_wanted_ = true; });
  flusher_ = system_->spawn<flusher::flusher>(pick(0, 1) ? *disk_->open_filesystem(data_folder) : nullptr);
  cleaner_ = system_->spawn<cleaner::cleaner>(disk_);
  disk_worker_ = system_->spawn<disk_worker::disk_worker>(disk_);
  partition::node_services around;
  around.self = 1;
  around.disk_worker = disk_worker_;
  around.wall_clock = [this] { return now_; };
  around.flusher = flusher_;
  around.cleaner = cleaner_;
  around.supervisor = supervisor_;
  partition::replica_config replica;
  replica.name = {"t", 0};
  replica.key.topic_id.bytes.back() = 7;
  replica.directory = std::string{data_folder} + "/t-0";
  replica.settings = settings_;
  replica.existed = life > 1;
  partition_ = system_->spawn<partition::partition>(std::move(around), std::move(replica));
}

/// Which actor goes on is the seed's choice: a sync takes as long as its flusher is left waiting.
void partition_sim::run_some_jobs() {
  for (auto n = pick(1, 8); n > 0 && scheduler().has_job(); --n) {
    auto& jobs = scheduler().jobs;
    std::swap(jobs.front(), jobs[random_() % jobs.size()]);
    run_next(scheduler(), *disk_);
  }
}

void partition_sim::run_all_jobs() {
  while (scheduler().has_job())
    run_some_jobs();
}

/// Nobody gets to do anything more: what is in the mailboxes is lost.
void partition_sim::end_process() {
  ++life_;
  port_ = nullptr;
  for (const auto& a : {caf::actor_cast<caf::actor>(partition_), caf::actor_cast<caf::actor>(flusher_),
                        caf::actor_cast<caf::actor>(cleaner_), caf::actor_cast<caf::actor>(disk_worker_),
                        caf::actor_cast<caf::actor>(supervisor_)})
    end_now(a);
  partition_ = nullptr;
  flusher_ = nullptr;
  cleaner_ = nullptr;
  disk_worker_ = nullptr;
  supervisor_ = nullptr;
  scheduler().run();
}

void partition_sim::kill() {
  if (disk_->is_read_only())
    return crash();
  end_process();
  disk_->refuse_opens(false);
  if (pick(0, 3) == 0)
    disk_->drop_clean_pages();
  start();
  run_all_jobs();
  judge();
}

void partition_sim::crash() {
  end_process();
  disk_->crash(random_);
  start();
  run_all_jobs();
  judge();
}

void partition_sim::stop_cleanly() {
  if (!told_)
    return;
  caf::anon_send(partition_, partition::stop_request{false});
  run_all_jobs();
  kill();
}

// -- clients -------------------------------------------------------------------------------------------------------

void partition_sim::produce() {
  auto& p = producers_[random_() % producers_.size()];
  if (!serves() || p.waiting)
    return;
  if (p.in_flight.empty())
    for (auto n = pick(1, 4); n > 0; --n)
      p.in_flight.push_back("value " + std::to_string(next_value_++) +
                            std::string(static_cast<size_t>(pick(0, 80)), '.'));
  send(p);
}

void partition_sim::send(producer& p) {
  log::batch_builder b{p.in_flight.size() % 2 ? log::codec::none : log::codec::lz4};
  if (p.id >= 0) {
    b.header.producer_id = p.id;
    b.header.producer_epoch = 0;
    b.header.base_sequence = p.next_sequence;
  }
  for (const auto& v : p.in_flight)
    b.add(v, v, now_ + static_cast<timestamp_ms>(next_value_)); // of each key one: compaction takes none away
  partition::append_request r;
  r.records = b.finish().value();
  r.required = pick(0, 2) ? partition::acks::all : partition::acks::leader;
  r.done = reply_with<partition::append_result>([this, &p](partition::append_result a) { answered(p, a); });
  p.waiting = true;
  partition::append_batch batch;
  batch.requests.push_back(std::move(r));
  port_->send(std::move(batch));
}

/// Without an answer, or with an error, nobody knows whether it was written: an idempotent producer sends it again.
void partition_sim::answered(producer& p, const partition::append_result& r) {
  p.waiting = false;
  const auto sent = p.in_flight;
  if (r.code == error_code::none) {
    for (size_t i = 0; i < sent.size(); ++i)
      promise(r.base_offset + static_cast<offset_t>(i), sent[i], "a producer");
    p.next_sequence += static_cast<int32_t>(sent.size());
    ++promises_;
  }
  if (r.code == error_code::none || p.id < 0)
    p.in_flight.clear();
}

void partition_sim::read() {
  if (!serves())
    return;
  partition::read_request r;
  r.offset = pick(0, committed_);
  r.max_bytes = static_cast<int32_t>(pick(1, 2000));
  r.done = reply_with<partition::read_result>([this](partition::read_result a) { was_read(a); });
  port_->send(std::move(r));
}

void partition_sim::was_read(const partition::read_result& r) {
  if (r.code != error_code::none)
    return;
  std::vector<record> records;
  note_records(r.records, records);
  for (const auto& x : records) {
    if (x.offset >= r.high_watermark)
      broken("a reader was given offset " + std::to_string(x.offset) + ", the high watermark is " +
             std::to_string(r.high_watermark));
    promise(x.offset, x.value, "a reader");
  }
  committed_ = std::max(committed_, r.high_watermark);
}

void partition_sim::note_records(const payload& data, std::vector<record>& into) {
  for (const auto& part : data.parts()) {
    log::batch_reader batches{std::get<buffer>(part)};
    while (auto b = batches.next()) {
      auto block = log::decompress(b->header.compression(), b->body());
      if (!block)
        return broken("a batch that cannot be decompressed at " + std::to_string(b->header.base_offset));
      log::record_reader records{*block};
      while (auto r = records.next())
        into.push_back({b->header.base_offset + r->offset_delta, std::string{as_chars(r->value.bytes)}});
    }
  }
}

/// Whoever is told of a record can read it from then on.
void partition_sim::find_largest_time() {
  if (!serves())
    return;
  partition::list_offset_request r;
  r.timestamp = partition::list_offset_request::max_timestamp;
  r.done = reply_with<partition::offset_result>([this](const partition::offset_result& a) {
    if (a.code == error_code::none)
      committed_ = std::max(committed_, a.offset + 1);
  });
  port_->send(std::move(r));
}

void partition_sim::delete_records() {
  if (!serves())
    return;
  partition::delete_records_request r;
  r.before = pick(0, committed_);
  asked_to_delete_ = std::max(asked_to_delete_, r.before);
  r.done = reply_with<partition::delete_records_result>([this](const partition::delete_records_result& a) {
    if (a.code == error_code::none)
      deleted_ = std::max(deleted_, a.low_watermark);
  });
  port_->send(std::move(r));
}

/// As the supervisor does it: some time after it was asked for.
void partition_sim::compact() {
  if (std::exchange(compaction_wanted_, false))
    caf::anon_send(partition_, partition::compaction_due{});
}

void partition_sim::fill_disk() { disk_->fill_up(static_cast<uint64_t>(pick(0, 20))); }

void partition_sim::make_room() { disk_->make_room(); }

void partition_sim::housekeeping() { caf::anon_send(partition_, partition::housekeeping_due{}); }

void partition_sim::checkpoint() { caf::anon_send(partition_, partition::checkpoint_due{}); }

void partition_sim::plan_fault() {
  disk_->fail_operation(static_cast<uint64_t>(pick(0, 12)), pick(0, 1) ? disk_fault::full : disk_fault::io_error);
}

void partition_sim::fail_write_back() { disk_->fail_write_back(); }

void partition_sim::refuse_opens() { disk_->refuse_opens(true); }

void partition_sim::cool_down() { disk_->cool_down(random_); }

// -- judgement -----------------------------------------------------------------------------------------------------

/// Threads that all share never wait for the disk.
void partition_sim::look_for_waits() {
  if (!disk_->waited_for().empty())
    broken("somebody who must not waited for " + disk_->waited_for());
}

void partition_sim::promise(offset_t at, const std::string& value, const char* to) {
  const auto [known, is_new] = promised_.try_emplace(at, value);
  if (!is_new && known->second != value)
    broken("offset " + std::to_string(at) + " was \"" + known->second + "\", now " + to + " is told \"" + value + '"');
}

/// Without faults, one of before may end a process more: each that was not told of it yet.
void partition_sim::come_back(const std::string& where) {
  disk_->cancel_fault();
  for (int tries = 0; !serves() && tries < 8; ++tries)
    kill();
  if (!serves())
    broken("the replica does not come back " + where);
}

/// What is there can be read on a disk that is full, and refused changes are no reason to end.
void partition_sim::live_on_full_disk() {
  // After a crash a lazy topic may have lost what it needs space to make again.
  if (committed_ == 0 || settings_.flush == flush_mode::lazy)
    return;
  disk_->fill_up();
  come_back("on a full disk");
  for (int i = 0; i < 3; ++i)
    produce();
  run_all_jobs();
  if (!serves())
    broken("a full disk has ended the replica");
  judge();
  kill();
  come_back("on a full disk");
}

void partition_sim::append_one() {
  const auto before = promises_;
  for (int tries = 0; tries < 20 && promises_ == before && broken_.empty(); ++tries) {
    produce();
    run_all_jobs();
  }
  if (promises_ == before)
    broken("nothing can be appended to a disk without faults");
}

offset_t partition_sim::start_offset() {
  offset_t start = -1;
  partition::list_offset_request r;
  r.timestamp = partition::list_offset_request::earliest;
  r.done = reply_with<partition::offset_result>([&](const partition::offset_result& a) { start = a.offset; });
  port_->send(std::move(r));
  run_all_jobs();
  return start;
}

void partition_sim::judge() {
  if (!serves() || !broken_.empty())
    return;
  const auto start = start_offset();
  if (start < deleted_ || start > asked_to_delete_)
    return broken("the log starts at " + std::to_string(start) + ", not within " + std::to_string(deleted_) + " to " +
                  std::to_string(asked_to_delete_));
  promised_.erase(promised_.begin(), promised_.lower_bound(start));
  std::vector<record> found;
  for (auto at = start;;) {
    partition::read_result got;
    bool answered_at_all = false;
    partition::read_request r;
    r.offset = at;
    r.max_bytes = 1 << 20;
    r.done = reply_with<partition::read_result>([&](partition::read_result a) {
      got = std::move(a);
      answered_at_all = true;
    });
    port_->send(std::move(r));
    run_all_jobs();
    if (!answered_at_all || got.code != error_code::none)
      return broken("a read at " + std::to_string(at) + " is not answered");
    const auto before = found.size();
    note_records(got.records, found);
    std::erase_if(found, [&](const record& x) { return x.offset < start; }); // of the batch that reaches across
    if (found.size() == before) {
      if (at != got.high_watermark)
        broken("reads end at " + std::to_string(at) + ", the high watermark is " + std::to_string(got.high_watermark));
      if (got.high_watermark < committed_)
        broken("the high watermark went back from " + std::to_string(committed_) + " to " +
               std::to_string(got.high_watermark));
      break;
    }
    at = found.back().offset + 1;
  }
  std::map<std::string, offset_t> once;
  for (size_t i = 0; i < found.size(); ++i) {
    if (const auto expected = start + static_cast<offset_t>(i); found[i].offset != expected)
      return broken("offset " + std::to_string(found[i].offset) + " stands where " + std::to_string(expected) +
                    " should");
    if (const auto [known, is_new] = once.try_emplace(found[i].value, found[i].offset); !is_new)
      return broken("\"" + found[i].value + "\" stands at " + std::to_string(known->second) + " and at " +
                    std::to_string(found[i].offset));
  }
  for (const auto& [offset, value] : promised_)
    if (static_cast<size_t>(offset - start) >= found.size() ||
        found[static_cast<size_t>(offset - start)].value != value)
      return broken("offset " + std::to_string(offset) + ", promised to be \"" + value + "\", is lost");
}

} // namespace chisme::test
