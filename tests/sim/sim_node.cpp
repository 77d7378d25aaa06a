#include "tests/sim/sim_node.hpp"

#include "actors/root/root_actor.hpp"
#include "config/load.hpp"
#include "tests/support/run_next.hpp"

#include <algorithm>

namespace chisme::test {

namespace {

/// Small segments, so that they roll, and few partitions, so that a seed is short. What the groups have written is
/// compacted every few seconds; a group that has been empty for a while is not forgotten, which would begin its
/// generations anew.
node_settings sim_settings(node_id id) {
  auto loaded =
    load({"--node.id=" + std::to_string(id), "--offsets.topic.num.partitions=2", "--log.segment.bytes=2000",
          "--log.retention.check.interval.ms=5000", "--log.cleaner.backoff.ms=3000",
          "--log.cleaner.max.compaction.lag.ms=10000", "--log.cleaner.min.cleanable.ratio=0",
          "--offsets.retention.check.interval.ms=1000000000"},
         {}, [](const std::string& path) { return fail(error_code::kafka_storage_error, "no file " + path); });
  return loaded.settings;
}

} // namespace

// -- the node ------------------------------------------------------------------------------------------------------

sim_node::sim_node(std::shared_ptr<sim_files> disk, std::mt19937_64& random, timestamp_ms now, sim_node_setup setup)
  : random_(random), now_(now), setup_(std::move(setup)), disk_(disk) {
  settings_ = sim_settings(setup_.id);
  broker_.settings = &settings_;
  broker_.clock = [this] { return now_; };
  broker_.data_dir = data_dir;
  broker_.disk_space = [] { return session::disk_space{}; };
  auto folder = disk->make_directories(data_dir);
  auto filesystem = disk->open_filesystem(data_dir);
  if (!folder || !filesystem) {
    failure_ = "no data folder";
    return;
  }
  root::root_config c;
  c.settings = std::make_shared<node_settings>(settings_);
  c.cluster_id = "c";
  c.data_dir = data_dir;
  c.brokers = {{setup_.id, "node", 9092, std::nullopt}};
  c.peers = setup_.peers;
  c.disk = std::move(disk);
  c.filesystem = random_() % 2 ? std::move(*filesystem) : nullptr;
  c.wall_clock = [this] { return now_ + setup_.wall_offset; };
  c.steady_clock = [this] { return now_; };
  c.random = random_source{random_()};
  c.disk_workers = 2;
  c.publish = [this](std::shared_ptr<const broker_image> image) {
    ++images_;
    broker_.image.set(std::move(image));
  };
  c.ready = [this](result<coordinator::port_ptr> r) {
    if (r)
      broker_.coordinator = std::move(*r);
    else
      failure_ = r.error().message;
  };
  c.vital_actor_ended = [this](const std::string& actor, const caf::error& why) {
    if (root_ && why != caf::exit_reason::kill)
      death_ = actor + ": " + system_.render(why);
  };
  root_ = system_.spawn<root::root>(std::move(c));
}

sim_node::~sim_node() {
  broker_.coordinator = nullptr;
  broker_.image.set(std::make_shared<const broker_image>());
  auto root = std::exchange(root_, nullptr);
  if (root)
    caf::anon_send_exit(root, caf::exit_reason::kill);
  root = nullptr;
  // What is published and answered meanwhile refers to actors, which are waited for.
  for (int round = 0; round < 2; ++round) {
    scheduler().clock().cancel_all();
    scheduler().run();
    broker_.coordinator = nullptr;
    broker_.image.set(std::make_shared<const broker_image>());
    loop_.drop();
  }
}

bool sim_node::serves_everything() const {
  for (const auto& [name, topic] : broker_.image.get()->topics)
    for (const auto& p : topic->partitions)
      if (p.state != error_code::none)
        return false;
  return true;
}

/// Where the disk takes time, an actor with a thread of its own is in there first.
bool sim_node::may_run(caf::resumable& job) {
  if (!setup_.disk_time || !has_own_thread(job))
    return true;
  const auto [until, is_new] = in_the_disk_.try_emplace(&job, now_);
  if (is_new)
    until->second += setup_.disk_time();
  return until->second <= now_;
}

bool sim_node::is_runnable() {
  return !loop_.is_idle() || std::ranges::any_of(scheduler().jobs, [this](auto* job) { return may_run(*job); });
}

/// The next one comes to the front; there is one.
void sim_node::choose_job() {
  auto& jobs = scheduler().jobs;
  std::rotate(jobs.begin(), jobs.begin() + static_cast<ptrdiff_t>(random_() % jobs.size()), jobs.end());
  const auto next = std::ranges::find_if(jobs, [this](auto* job) { return may_run(*job); });
  std::rotate(jobs.begin(), next, jobs.end());
  in_the_disk_.erase(jobs.front());
}

bool sim_node::step() {
  const bool has_job = std::ranges::any_of(scheduler().jobs, [this](auto* job) { return may_run(*job); });
  if (has_job && (loop_.is_idle() || random_() % 3 != 0)) {
    choose_job();
    return run_next(scheduler(), *disk_);
  }
  disk_->may_wait(false);
  const bool is_more = loop_.step();
  disk_->may_wait(true);
  return is_more;
}

std::optional<int64_t> sim_node::next_due() {
  std::optional<int64_t> next;
  const auto consider = [&next](int64_t ms) { next = std::min(next.value_or(ms), std::max<int64_t>(ms, 0)); };
  for (auto* job : scheduler().jobs)
    if (may_run(*job))
      consider(0);
    else
      consider(in_the_disk_.at(job) - now_);
  const auto& timers = scheduler().clock().schedule();
  if (!timers.empty())
    consider(std::chrono::ceil<std::chrono::milliseconds>(timers.begin()->first - scheduler().clock().now()).count());
  if (const auto timer = loop_.next_timer())
    consider(timer->count());
  return next;
}

void sim_node::run() {
  while (step()) {
  }
}

void sim_node::pass(std::chrono::milliseconds time) {
  now_ += time.count();
  scheduler().advance_time(time);
  loop_.advance(time);
}

bool sim_node::stop() {
  if (!root_)
    return true;
  begin_stop();
  run();
  return has_stopped();
}

void sim_node::begin_stop() {
  if (!root_ || stopped_)
    return;
  auto [reply, ended] = owed<supervisor::completed>();
  stopped_ = ended;
  caf::anon_send(root_, root::end_request{reply});
}

// -- its clients ---------------------------------------------------------------------------------------------------

client_link::client_link(sim_node& node, trace_hash& trace, ledger& told)
  : trace_(trace), told_(told), session_(std::make_shared<session::session>(node.broker(), node.loop(), *this,
                                                                            session::session_limits{}, "client")) {}

client_link::~client_link() {
  session_->disconnected();
  lose_all();
}

void client_link::flush() {
  for (const auto& bytes : std::exchange(staged_, {})) {
    trace_.add(bytes);
    const auto frame = buffer::copy_of(as_bytes(bytes)).slice(4);
    if (auto asked = waiting_.extract(kafka::decode_response_header(frame, 0).value().correlation_id))
      asked.mapped()(&frame);
    else
      told_.note_broken("a client gets an answer that it does not wait for");
  }
}

void client_link::close(std::string reason) {
  trace_.add(reason);
  is_open_ = false;
  lose_all();
}

void client_link::lose_all() {
  for (auto& [id, then] : std::exchange(waiting_, {}))
    then(nullptr);
}

} // namespace chisme::test
