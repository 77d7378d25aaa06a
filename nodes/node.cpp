#include "nodes/node.hpp"

#include "actors/root/root_actor.hpp"
#include "nodes/data_folder.hpp"
#include "nodes/gateway.hpp"
#include "nodes/last_line.hpp"
#include "nodes/late_receiver.hpp"
#include "nodes/logging.hpp"
#include "nodes/peer_links.hpp"
#include "nodes/posix_files.hpp"
#include "nodes/start_outcome.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <random>
#include <thread>

namespace chisme::nodes {

namespace {

/// Threads that open logs. Opening mostly waits for the disk, and reads what is in memory at a few hundred MiB a
/// second.
constexpr int disk_worker_count = 4;

/// How long a stop waits for requests that are still being worked on.
constexpr std::chrono::milliseconds drain_at_most{500};

/// Lines of the log that say what a start waits for.
constexpr std::chrono::seconds between_lines{5};

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

/// The seed of all randomness of a node.
random_source from_system() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
  return random_source{seed};
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
  if (is_wildcard(at))
    at.host = host_name();
  const auto rack = settings.rack.empty() ? std::nullopt : std::optional{settings.rack};
  return {settings.node_id, at.host, at.port, rack};
}

peer::address address_of(const endpoint& e) { return {e.host, e.port}; }

bool is_loopback(const endpoint& e) { return e.host == "localhost" || e.host == "::1" || e.host.starts_with("127."); }

/// The largest batch of any topic must fit into a frame, with room for what is around it: max.message.bytes of a topic
/// may be anything that a request can hold.
peer_limits limits_of(const node_settings& s) {
  peer_limits limits;
  limits.bulk.frame = std::max(limits.bulk.frame, static_cast<size_t>(s.max_request_bytes) + (64 << 10));
  return limits;
}

caf::actor_system_config& configured(caf::actor_system_config& config, const node_settings& settings) {
  const auto cores = static_cast<int32_t>(std::thread::hardware_concurrency());
  const auto threads = settings.actor_threads > 0 ? settings.actor_threads : std::max(2, cores);
  // Work sharing wakes sleeping workers at once and costs nothing while idle; stealing polls.
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", static_cast<size_t>(threads));
  return config;
}

} // namespace

struct node::parts {
  parts(const node_settings& s, data_folder f, std::shared_ptr<log::files> d, random_source r)
    : settings(std::make_shared<const node_settings>(s)), disk(std::move(d)), folder(std::move(f)),
      random(std::move(r)), gate(*settings, broker), system(configured(config, s)) {
    broker.settings = settings.get();
    broker.fetch_sessions.free_slots = s.fetch_session_slots;
    broker.fetch_sessions.last_id = static_cast<uint32_t>(random.bits());
    broker.clock = steady_now;
    broker.data_dir = folder.path();
    broker.disk_space = [path = folder.path()] { return space_of(path); };
  }

  std::shared_ptr<const node_settings> settings;
  std::shared_ptr<log::files> disk;
  data_folder folder;
  random_source random;
  session::broker broker;
  // Outlives the actors: what they still owe when they go is posted to its loops.
  gateway gate;
  std::shared_ptr<peer_links> peers; // null without peer.listeners
  caf::actor_system_config config;
  caf::actor_system system;
  root::root_actor root;
  std::shared_ptr<late_receiver> told = std::make_shared<late_receiver>(); ///< by the peers
  uint64_t process_id = random.bits();

  result<void> listen();
  result<void> listen_for_peers();
  result<root::root_config> actors_config();
  root::peer_seams peer_seams(const broker_endpoint& self);
  result<void> start_actors(const std::shared_ptr<start_outcome>& outcome);
  std::string what_is_awaited() const;
  void drain();
  void end_actors();
  void await_actors();
};

node::node(node_settings settings) : node(std::move(settings), std::make_shared<posix_files>()) {}

node::node(node_settings settings, std::shared_ptr<log::files> disk)
  : settings_(std::move(settings)), disk_(std::move(disk)), outcome_(std::make_shared<start_outcome>()) {}

node::~node() { stop(); }

result<void> node::start() {
  auto random = from_system();
  auto folder = data_folder::open(
    *disk_, settings_.data_dir, settings_.node_id, settings_.cluster_id, [&random] { return random.id(); },
    !settings_.peer_listeners.empty());
  if (!folder)
    return tl::make_unexpected(folder.error());
  parts_ = std::make_unique<parts>(settings_, std::move(*folder), disk_, std::move(random));
  outcome_->begin();
  auto started = parts_->listen();
  if (started) {
    parts_->gate.start_loops();
    if (parts_->peers)
      parts_->peers->start();
    started = parts_->start_actors(outcome_);
  }
  if (!started) {
    stop();
    return started;
  }
  parts_->gate.start();
  return {};
}

void node::give_up_start() { outcome_->give_up(); }

bool node::is_given_up() const { return outcome_->is_given_up(); }

void node::stop() {
  if (!parts_)
    return;
  parts_->drain();
  // With the links still there: others are to lead what this node led.
  parts_->end_actors();
  if (parts_->peers)
    parts_->peers->stop();
  parts_->gate.stop();
  parts_->await_actors();
  parts_.reset();
}

result<void> node::parts::listen() {
  auto listening = gate.listen();
  return listening && !settings->peer_listeners.empty() ? listen_for_peers() : listening;
}

result<void> node::parts::listen_for_peers() {
  peer_links::config c;
  c.listeners = settings->peer_listeners;
  c.self.cluster_id = folder.cluster_id().empty() ? settings->cluster_id : folder.cluster_id();
  c.self.id = settings->node_id;
  c.self.process_id = process_id;
  if (!settings->advertised_peer_listener.empty())
    c.advertised = address_of(settings->advertised_peer_listener.front());
  c.limits = limits_of(*settings);
  peers = std::make_shared<peer_links>(std::move(c), gate.last_loop(), random.split(), told);
  auto listening = peers->listen();
  if (listening && !std::ranges::all_of(peers->bound(), is_loopback))
    spdlog::warn("other machines can connect to peer.listeners, where nothing is encrypted and nobody is asked for a "
                 "password: let only the cluster's own network reach it");
  return listening;
}

root::peer_seams node::parts::peer_seams(const broker_endpoint& self) {
  root::peer_seams p;
  if (!peers)
    return p;
  p.links = peers;
  p.self.id = self.id;
  p.self.process = process_id;
  p.self.peer = peers->address();
  p.self.clients = {{self.host, static_cast<uint16_t>(self.port)}};
  p.self.rack = settings->rack;
  p.self.folder = folder.directory_id();
  for (const auto& seed : settings->seeds)
    p.seeds.push_back(address_of(seed));
  p.formation = folder.formation();
  p.expect = settings->expect;
  p.cluster_id = settings->cluster_id;
  p.keep = [this](const coordinator::formation& what) { return folder.keep(*disk, what); };
  p.receive = [to = told](std::shared_ptr<links::receiver> r) { to->set(std::move(r)); };
  return p;
}

result<root::root_config> node::parts::actors_config() {
  auto filesystem = disk->open_filesystem(folder.path());
  if (!filesystem)
    return tl::make_unexpected(filesystem.error());
  root::root_config c;
  c.settings = settings;
  c.cluster_id = folder.cluster_id();
  c.data_dir = folder.path();
  c.brokers = {advertised(*settings, gate.bound())};
  c.peers = peer_seams(c.brokers.front());
  c.disk = disk;
  c.filesystem = std::move(*filesystem);
  c.wall_clock = wall_now;
  c.steady_clock = steady_now;
  c.random = random.split();
  c.has_threads = true;
  c.disk_workers = disk_worker_count;
  c.publish = [this, level = settings->level](std::shared_ptr<const broker_image> image) mutable {
    if (const auto now = image->settings->level; now != level)
      set_log_level(level = now);
    broker.image.set(std::move(image));
  };
  c.vital_actor_ended = [](const std::string& actor, const caf::error& why) {
    end_process("actor=" + actor, caf::to_string(why));
  };
  return c;
}

result<void> node::parts::start_actors(const std::shared_ptr<start_outcome>& outcome) {
  auto c = actors_config();
  if (!c)
    return tl::make_unexpected(c.error());
  c->ready = [outcome](result<coordinator::port_ptr> r) { outcome->set(std::move(r)); };
  root = system.spawn<chisme::root::root>(std::move(*c));
  while (!outcome->wait_for(between_lines))
    if (const auto what = what_is_awaited(); !what.empty())
      spdlog::info("not serving yet waits_for=\"{}\"", what);
  auto port = outcome->take();
  if (!port)
    return tl::make_unexpected(port.error());
  broker.coordinator = std::move(*port);
  return {};
}

/// Empty where the actors tell it themselves.
std::string node::parts::what_is_awaited() const {
  const auto image = broker.image.get();
  if (!peers || image->cluster_id.empty())
    return {};
  return image->controller < 0 ? "a leader of the metadata: a majority of the cluster's voters must be up"
                               : "the metadata, from node " + std::to_string(image->controller);
}

/// No new requests; the ones that are being worked on get a moment to be answered.
void node::parts::drain() {
  gate.stop_reading();
  const auto end = std::chrono::steady_clock::now() + drain_at_most;
  while (broker.open_requests.load() > 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
}

void node::parts::end_actors() {
  if (!root)
    return;
  auto ended = std::make_shared<std::promise<void>>();
  caf::anon_send(
    root, root::end_request{reply_with<supervisor::completed>([ended](supervisor::completed) { ended->set_value(); })});
  root = nullptr;
  ended->get_future().wait();
}

void node::parts::await_actors() {
  broker.coordinator.reset();
  broker.image.set(std::make_shared<const broker_image>());
  // Answers that were owed by the actors are posted to the loops when their mailboxes go; run them while both live.
  system.await_all_actors_done();
  gate.run_leftovers();
}

std::vector<endpoint> node::listeners() const { return parts_ ? parts_->gate.bound() : std::vector<endpoint>{}; }

std::vector<endpoint> node::peer_listeners() const {
  return parts_ && parts_->peers ? parts_->peers->bound() : std::vector<endpoint>{};
}

const std::string& node::data_dir() const { return parts_ ? parts_->folder.path() : settings_.data_dir; }

std::string node::cluster_id() const { return parts_ ? parts_->broker.image.get()->cluster_id : settings_.cluster_id; }

size_t node::partitions() const {
  size_t n = 0;
  if (parts_) {
    for (const auto& [name, topic] : parts_->broker.image.get()->topics)
      n += topic->partitions.size();
  }
  return n;
}

} // namespace chisme::nodes
