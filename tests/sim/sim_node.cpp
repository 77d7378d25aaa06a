#include "tests/sim/sim_node.hpp"

#include "actors/root/root_actor.hpp"
#include "config/load.hpp"
#include "tests/support/run_next.hpp"

#include <algorithm>

namespace chisme::test {

void trace_hash::add(std::string_view bytes) {
  for (const auto c : bytes)
    value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  add(bytes.size());
}

void trace_hash::add(uint64_t number) {
  for (int i = 0; i < 8; ++i, number >>= 8)
    value_ = (value_ ^ (number & 0xff)) * 0x100000001b3;
}

namespace {

/// Small segments, so that they roll, and few partitions, so that a seed is short. What the groups have written is
/// compacted every few seconds; a group that has been empty for a while is not forgotten, which would begin its
/// generations anew.
node_settings sim_settings() {
  auto loaded =
    load({"--node.id=1", "--offsets.topic.num.partitions=2", "--log.segment.bytes=2000",
          "--log.retention.check.interval.ms=5000", "--log.cleaner.backoff.ms=3000",
          "--log.cleaner.max.compaction.lag.ms=10000", "--log.cleaner.min.cleanable.ratio=0",
          "--offsets.retention.check.interval.ms=1000000000"},
         {}, [](const std::string& path) { return fail(error_code::kafka_storage_error, "no file " + path); });
  return loaded.settings;
}

} // namespace

// -- the node ------------------------------------------------------------------------------------------------------

sim_node::sim_node(std::shared_ptr<sim_files> disk, std::mt19937_64& random, timestamp_ms now)
  : random_(random), now_(now), disk_(disk) {
  settings_ = sim_settings();
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
  c.brokers = {{1, "node", 9092, std::nullopt}};
  c.disk = std::move(disk);
  c.filesystem = random_() % 2 ? std::move(*filesystem) : nullptr;
  c.wall_clock = c.steady_clock = [this] { return now_; };
  c.random = random_source{random_()};
  c.disk_workers = 2;
  c.publish = [this](std::shared_ptr<const broker_image> image) { broker_.image.set(std::move(image)); };
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

bool sim_node::step() {
  auto& jobs = scheduler().jobs;
  if (!jobs.empty() && (loop_.is_idle() || random_() % 3 != 0)) {
    std::rotate(jobs.begin(), jobs.begin() + static_cast<ptrdiff_t>(random_() % jobs.size()), jobs.end());
    return run_next(scheduler(), *disk_);
  }
  disk_->may_wait(false);
  const bool is_more = loop_.step();
  disk_->may_wait(true);
  return is_more;
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
  auto [reply, ended] = owed<supervisor::completed>();
  caf::anon_send(root_, root::end_request{reply});
  reply = {};
  run();
  return ended->has_value();
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
