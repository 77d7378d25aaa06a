#include "nodes/data_folder.hpp"

#include "actors/coordinator/operations.hpp"
#include "actors/log/file_names.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <sstream>
#include <sys/file.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace chisme::nodes {

namespace {

/// The layout of the folder that this version writes; a folder of a larger number is from a newer version.
constexpr int layout_version = 1;

std::string absolute(const std::string& path) {
  char resolved[PATH_MAX];
  return ::realpath(path.c_str(), resolved) ? std::string{resolved} : path;
}

/// A node that was killed a moment ago holds its lock until the system has cleared it away.
constexpr std::chrono::milliseconds lock_patience{500};

bool lock(int fd) {
  const auto end = std::chrono::steady_clock::now() + lock_patience;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK || std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return true;
}

result<int> take_lock(const std::string& path) {
  const auto file = path + "/.lock";
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0)
    return fail(error_code::kafka_storage_error, file + ": " + std::strerror(errno));
  if (!lock(fd)) {
    char text[32] = {};
    const auto n = ::pread(fd, text, sizeof text - 1, 0);
    ::close(fd);
    return fail(error_code::kafka_storage_error, path + " is in use by another node" +
                                                   (n > 0 ? " (process " + std::string{text} + ")" : "") +
                                                   ": stop that one, or choose another folder with --log.dirs");
  }
  const auto pid = std::to_string(::getpid());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    ::close(fd);
    return fail(error_code::kafka_storage_error, file + ": " + std::strerror(errno));
  }
  return fd;
}

properties parse_properties(const std::string& text) {
  properties found;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    auto equals = line.find('=');
    if (equals != std::string::npos && !line.starts_with('#'))
      found[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return found;
}

result<void> check_version(const std::string& file, const std::string& text) {
  int version = 0;
  const auto [end, e] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (e != std::errc{} || end != text.data() + text.size() || version < 1)
    return fail(error_code::kafka_storage_error,
                file + ": \"version=" + text + "\" is no layout version: the file is damaged, or of another program");
  if (version > layout_version)
    return fail(error_code::kafka_storage_error, file + ": the folder has layout version " + text +
                                                   ", this program knows " + std::to_string(layout_version) +
                                                   ": it was written by a newer version; use that one");
  return {};
}

/// The name of some folder that holds a partition other than `but`; empty: there is none.
result<std::string> some_partition(log::files& disk, const std::string& path, const std::string& but) {
  auto entries = disk.list(path);
  if (!entries)
    return tl::make_unexpected(entries.error());
  for (const auto& e : *entries) {
    if (!e.is_directory || e.name == but)
      continue;
    auto claimed = disk.exists(path + "/" + e.name + "/" + std::string{log::metadata_file_name});
    if (!claimed)
      return tl::make_unexpected(claimed.error());
    if (*claimed)
      return e.name;
  }
  return std::string{};
}

/// A new folder may have new parents. One that may not be opened is somebody else's, and was there before.
result<void> make_name_durable(log::files& disk, const std::string& path) {
  for (auto slash = path.rfind('/'); slash != std::string::npos && slash > 0; slash = path.rfind('/', slash - 1)) {
    auto parent = disk.open_directory(path.substr(0, slash));
    if (!parent)
      return {};
    if (auto ok = (*parent)->sync(); !ok)
      return ok;
  }
  return {};
}

} // namespace

data_folder::data_folder(data_folder&& other) noexcept
  : path_(std::move(other.path_)), properties_(std::move(other.properties_)), formation_(std::move(other.formation_)),
    lock_(std::exchange(other.lock_, -1)) {}

data_folder::~data_folder() {
  if (lock_ >= 0)
    ::close(lock_);
}

result<data_folder> data_folder::open(log::files& disk, const std::string& path, node_id id,
                                      const std::string& cluster_id, const std::function<uuid()>& new_id,
                                      bool has_peers) {
  if (auto ok = disk.make_directories(path); !ok)
    return tl::make_unexpected(ok.error());
  auto lock = take_lock(path);
  if (!lock)
    return tl::make_unexpected(lock.error());
  data_folder folder{absolute(path), *lock};
  if (auto ok = folder.identify(disk, id, cluster_id, new_id, has_peers); !ok)
    return tl::make_unexpected(ok.error());
  return folder;
}

/// A folder that has lost its identity or its metadata must not pass for a new one: its topics would be nobody's.
result<void> data_folder::check_whole(log::files& disk, bool has_identity) const {
  const auto metadata = to_string(topic_partition{std::string{coordinator::metadata_topic}, 0});
  auto has_metadata = disk.exists(path_ + "/" + metadata);
  if (!has_metadata)
    return tl::make_unexpected(has_metadata.error());
  if (has_identity && *has_metadata)
    return {};
  auto orphan = some_partition(disk, path_, has_identity ? metadata : "");
  if (!orphan)
    return tl::make_unexpected(orphan.error());
  if (orphan->empty())
    return {};
  const auto lost = path_ + "/" + (has_identity ? metadata : "meta.properties");
  return fail(error_code::kafka_storage_error,
              lost + " is missing, though the folder holds " + *orphan +
                ": bring it back from a copy, or choose another folder with --log.dirs");
}

result<void> data_folder::identify(log::files& disk, node_id id, const std::string& cluster_id,
                                   const std::function<uuid()>& new_id, bool has_peers) {
  using phase = coordinator::formation::phase;
  auto exists = disk.exists(file());
  if (!exists)
    return tl::make_unexpected(exists.error());
  if (auto ok = check_whole(disk, *exists); !ok)
    return ok;
  const auto begin_alone = [&] {
    formation_ = {phase::member, cluster_id.empty() ? to_string(new_id()) : cluster_id, -1, {}, {}, false};
    put(properties_, formation_);
  };
  if (!*exists) {
    properties_ = {{"version", std::to_string(layout_version)}, {"node.id", std::to_string(id)}};
    if (!has_peers)
      begin_alone();
    properties_["directory.id"] = to_string(new_id());
    if (auto ok = make_name_durable(disk, path_); !ok)
      return ok;
    return write(disk);
  }
  auto text = disk.read_all(file());
  if (!text)
    return tl::make_unexpected(text.error());
  properties_ = parse_properties(*text);
  if (auto ok = check_version(file(), properties_["version"]); !ok)
    return ok;
  if (properties_["node.id"] != std::to_string(id))
    return fail(error_code::kafka_storage_error, file() + ": the folder belongs to node " + properties_["node.id"] +
                                                   ", this is node " + std::to_string(id) +
                                                   ": set --node.id, or choose another folder with --log.dirs");
  auto formation = formation_of(properties_);
  if (!formation)
    return fail(error_code::kafka_storage_error, file() + ": " + formation.error().message);
  formation_ = std::move(*formation);
  if (auto ok = check_cluster(file(), cluster_id, has_peers); !ok)
    return ok;
  if (formation_.at == phase::none && !has_peers)
    begin_alone();
  else if (formation_.at == phase::member && formation_.voters.empty() && has_peers)
    keep_alone_no_more(id);
  else
    return {};
  return write(disk);
}

/// The node was a cluster of one: it is its first voter, and others may join.
void data_folder::keep_alone_no_more(node_id id) {
  formation_.voters = {id};
  formation_.is_founder = true;
  put(properties_, formation_);
}

result<void> data_folder::check_cluster(const std::string& file, const std::string& cluster_id, bool has_peers) const {
  using phase = coordinator::formation::phase;
  if (formation_.at == phase::bound && !has_peers)
    return fail(error_code::kafka_storage_error,
                file + ": the node has promised node " + std::to_string(formation_.proposer) +
                  " to form a cluster with it: start it with --seeds, or choose another folder with --log.dirs");
  if (formation_.at == phase::member && !formation_.voters.empty() && !has_peers)
    return fail(error_code::kafka_storage_error,
                file + ": the node is a member of the cluster " + formation_.cluster_id +
                  ", whose nodes need each other: start it with --peer.listeners and --seeds, or choose another folder "
                  "with --log.dirs");
  if (formation_.at == phase::member && !cluster_id.empty() && cluster_id != formation_.cluster_id)
    return fail(error_code::kafka_storage_error, file + ": the folder belongs to cluster " + formation_.cluster_id +
                                                   ", not " + cluster_id + " (cluster.id)");
  return {};
}

uuid data_folder::directory_id() const {
  const auto i = properties_.find("directory.id");
  return i == properties_.end() ? uuid{} : parse_uuid(i->second).value_or(uuid{});
}

result<void> data_folder::keep(log::files& disk, coordinator::formation what) {
  auto before = properties_;
  put(properties_, what);
  if (auto ok = write(disk); !ok) {
    properties_ = std::move(before);
    return ok;
  }
  formation_ = std::move(what);
  return {};
}

/// The keys that Kafka has come first, in Kafka's order.
result<void> data_folder::write(log::files& disk) const {
  constexpr std::array<std::string_view, 4> first{"version", "cluster.id", "node.id", "directory.id"};
  std::string text;
  for (const auto key : first)
    if (const auto i = properties_.find(std::string{key}); i != properties_.end())
      text += i->first + "=" + i->second + "\n";
  for (const auto& [key, value] : properties_)
    if (std::ranges::find(first, std::string_view{key}) == first.end())
      text += key + "=" + value + "\n";
  return disk.replace(file(), text, true);
}

} // namespace chisme::nodes
