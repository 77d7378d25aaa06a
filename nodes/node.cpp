#include "nodes/node.hpp"

#include "actors/cleaner/cleaner_actor.hpp"
#include "actors/coordinator/coordinator_actor.hpp"
#include "actors/disk_worker/disk_worker_actor.hpp"
#include "actors/flusher/flusher_actor.hpp"
#include "actors/remover/remover_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "nodes/data_folder.hpp"
#include "nodes/gateway.hpp"
#include "nodes/id_source.hpp"
#include "nodes/last_line.hpp"
#include "nodes/logging.hpp"
#include "nodes/posix_files.hpp"

#include <caf/all.hpp>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

namespace chisme::nodes {

namespace {

/// Threads that open logs. Opening mostly waits for the disk, and reads what is in memory at a few hundred MiB a second.
constexpr int disk_worker_count = 4;

/// How long a stop waits for requests that are still being worked on.
constexpr std::chrono::milliseconds drain_at_most{500};

timestamp_ms wall_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// The wall clock of the moment of the first call, and from then on the time that passes.
timestamp_ms steady_now() {
  using namespace std::chrono;
  static const auto wall = wall_now();
  static const auto begin = steady_clock::now();
  return wall + duration_cast<milliseconds>(steady_clock::now() - begin).count();
}

session::disk_space space_of(const std::string& path) {
  struct statvfs s {};
  if (::statvfs(path.c_str(), &s) != 0)
    return {};
  const auto unit = static_cast<int64_t>(s.f_frsize);
  return {static_cast<int64_t>(s.f_blocks) * unit, static_cast<int64_t>(s.f_bavail) * unit};
}

/// What clients are told to connect to: as advertised, or as bound. Nobody can connect to a wildcard from elsewhere:
/// there the host's name stands in.
broker_endpoint advertised(const node_settings& settings, const std::vector<endpoint>& bound) {
  auto at = settings.advertised_listeners.empty() ? bound.front() : settings.advertised_listeners.front();
  if (at.port == 0)
    at.port = bound.front().port;
  if (is_wildcard(at)) {
    char name[256] = {};
    at.host = ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
  }
  return {settings.node_id, at.host, at.port, std::nullopt};
}

caf::actor_system_config& configured(caf::actor_system_config& config, const node_settings& settings) {
  const auto cores = static_cast<int32_t>(std::thread::hardware_concurrency());
  const auto threads = settings.actor_threads > 0 ? settings.actor_threads : std::max(2, cores);
  // Work sharing wakes sleeping workers at once and costs nothing while idle; stealing polls.
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", static_cast<size_t>(threads));
  return config;
}

/// Nobody starts it again, and without it the node would hang or refuse for ever what it is asked.
template <class Handle>
void process_ends_with(const Handle& vital, const char* name) {
  caf::actor_cast<caf::actor>(vital)->attach_functor([name](const caf::error& reason) {
    if (reason != caf::exit_reason::user_shutdown)
      end_process("actor=" + std::string{name}, caf::to_string(reason));
  });
}

} // namespace

struct node::parts {
  explicit parts(const node_settings& s, data_folder f, std::shared_ptr<log::files> d)
    : settings(std::make_shared<const node_settings>(s)), disk(std::move(d)), folder(std::move(f)), gate(*settings, broker),
      system(configured(config, s)) {
    broker.settings = settings.get();
    broker.fetch_slots = s.fetch_session_slots;
    broker.clock = steady_now;
    broker.data_dir = folder.path();
    broker.disk_space = [path = folder.path()] { return space_of(path); };
  }

  std::shared_ptr<const node_settings> settings;
  std::shared_ptr<log::files> disk;
  data_folder folder;
  std::shared_ptr<id_source> ids = std::make_shared<id_source>();
  session::broker broker;
  // Outlives the actors: what they still owe when they go is posted to its loops.
  gateway gate;
  caf::actor_system_config config;
  caf::actor_system system;
  flusher::flusher_actor flusher;
  cleaner::cleaner_actor cleaner;
  remover::remover_actor remover;
  std::vector<disk_worker::disk_worker_actor> disk_workers;
  std::shared_ptr<std::atomic<bool>> cleaner_ends = std::make_shared<std::atomic<bool>>(false);
  supervisor::supervisor_actor supervisor;
  coordinator::coordinator_actor coordinator;

  result<partition::port_ptr> start_supervisor();
  result<void> start_coordinator(partition::port_ptr log);
  void drain();
  void stop_actors();
};

node::node(node_settings settings) : node(std::move(settings), std::make_shared<posix_files>()) {}

node::node(node_settings settings, std::shared_ptr<log::files> disk)
  : settings_(std::move(settings)), disk_(std::move(disk)) {}

node::~node() { stop(); }

result<void> node::start() {
  id_source ids;
  auto folder = data_folder::open(*disk_, settings_.data_dir, settings_.node_id, settings_.cluster_id, std::ref(ids));
  if (!folder)
    return tl::make_unexpected(folder.error());
  parts_ = std::make_unique<parts>(settings_, std::move(*folder), disk_);
  auto started = parts_->gate.listen();
  if (started) {
    auto log = parts_->start_supervisor();
    started = log ? parts_->start_coordinator(*log) : tl::make_unexpected(log.error());
  }
  if (!started) {
    stop();
    return started;
  }
  parts_->gate.start();
  return {};
}

void node::stop() {
  if (!parts_)
    return;
  parts_->drain();
  parts_->gate.stop();
  parts_->stop_actors();
  parts_.reset();
}

result<partition::port_ptr> node::parts::start_supervisor() {
  auto whole = disk->open_filesystem(folder.path());
  if (!whole)
    return tl::make_unexpected(whole.error());
  flusher = system.spawn<chisme::flusher::flusher, caf::detached>(std::move(*whole));
  cleaner = system.spawn<chisme::cleaner::cleaner, caf::detached>(disk, cleaner_ends);
  remover = system.spawn<chisme::remover::remover, caf::detached>(disk, folder.path());
  for (int i = 0; i < disk_worker_count; ++i) {
    disk_workers.push_back(system.spawn<chisme::disk_worker::disk_worker, caf::detached>(disk));
    process_ends_with(disk_workers.back(), "disk_worker");
  }
  process_ends_with(flusher, "flusher");
  process_ends_with(cleaner, "cleaner");
  process_ends_with(remover, "remover");
  auto opened = std::make_shared<std::promise<result<partition::port_ptr>>>();
  supervisor::supervisor_config c;
  c.self = settings->node_id;
  c.cluster_id = folder.cluster_id();
  c.data_dir = folder.path();
  c.brokers = {advertised(*settings, gate.bound())};
  c.disk = disk;
  c.wall_clock = wall_now;
  c.flusher = flusher;
  c.cleaner = cleaner;
  c.remover = remover;
  c.disk_workers = disk_workers;
  c.settings = settings;
  c.publish = [this, level = settings->level](std::shared_ptr<const broker_image> image) mutable {
    if (const auto now = image->settings->level; now != level)
      set_log_level(level = now);
    broker.image.set(std::move(image));
  };
  c.steady_clock = steady_now;
  c.new_id = [source = ids] { return (*source)(); };
  c.random = [source = ids] { return source->bits(); };
  c.metadata_log_opened = [opened](result<partition::port_ptr> r) { opened->set_value(std::move(r)); };
  supervisor = system.spawn<chisme::supervisor::supervisor>(std::move(c));
  process_ends_with(supervisor, "supervisor");
  return opened->get_future().get();
}

result<void> node::parts::start_coordinator(partition::port_ptr log) {
  auto ready = std::make_shared<std::promise<result<void>>>();
  coordinator::coordinator_config c;
  c.settings = settings;
  c.log = std::move(log);
  c.supervisor = supervisor;
  c.new_id = [source = ids] { return (*source)(); };
  c.wall_clock = wall_now;
  c.ready = [ready](result<void> r) { ready->set_value(std::move(r)); };
  coordinator = system.spawn<chisme::coordinator::coordinator>(std::move(c));
  process_ends_with(coordinator, "coordinator");
  broker.coordinator = chisme::coordinator::make_port(coordinator);
  return ready->get_future().get();
}

/// No new requests; the ones that are being worked on get a moment to be answered.
void node::parts::drain() {
  gate.stop_reading();
  const auto end = std::chrono::steady_clock::now() + drain_at_most;
  while (broker.open_requests.load() > 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
}

void node::parts::stop_actors() {
  if (supervisor) {
    auto closed = std::make_shared<std::promise<void>>();
    caf::anon_send(supervisor, supervisor::shut_down{reply_with<chisme::supervisor::completed>(
                                 [closed](chisme::supervisor::completed) { closed->set_value(); })});
    closed->get_future().wait();
  }
  *cleaner_ends = true;
  broker.coordinator.reset();
  broker.image.set(std::make_shared<const broker_image>());
  for (const auto& a : {caf::actor_cast<caf::actor>(coordinator), caf::actor_cast<caf::actor>(supervisor),
                        caf::actor_cast<caf::actor>(cleaner), caf::actor_cast<caf::actor>(remover),
                        caf::actor_cast<caf::actor>(flusher)}) {
    if (a)
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  }
  coordinator = nullptr;
  supervisor = nullptr;
  cleaner = nullptr;
  remover = nullptr;
  flusher = nullptr;
  for (auto& worker : std::exchange(disk_workers, {}))
    caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
  // Answers that were owed by the actors are posted to the loops when their mailboxes go; run them while both live.
  system.await_all_actors_done();
  gate.run_leftovers();
}

std::vector<endpoint> node::listeners() const { return parts_ ? parts_->gate.bound() : std::vector<endpoint>{}; }

const std::string& node::data_dir() const { return parts_ ? parts_->folder.path() : settings_.data_dir; }

const std::string& node::cluster_id() const { return parts_ ? parts_->folder.cluster_id() : settings_.cluster_id; }

size_t node::partitions() const {
  size_t n = 0;
  if (parts_) {
    for (const auto& [name, topic] : parts_->broker.image.get()->topics)
      n += topic->partitions.size();
  }
  return n;
}

} // namespace chisme::nodes
