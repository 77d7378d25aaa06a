// What all sessions of a node share: who leads what, where the coordinator is, the node's settings.
#pragma once

#include "actors/broker_image.hpp"
#include "actors/coordinator/port.hpp"
#include "actors/log/read_memory.hpp"
#include "actors/session/fetch_session.hpp"
#include "actors/session/request_memory.hpp"
#include "config/node_settings.hpp"

#include <atomic>
#include <functional>

namespace chisme::session {

/// The newest image, swapped whole: a reader sees one consistent state for as long as it holds the pointer.
class image_holder {
public:
  std::shared_ptr<const broker_image> get() const { return image_.load(); }
  void set(std::shared_ptr<const broker_image> next) { image_.store(std::move(next)); }

private:
  std::atomic<std::shared_ptr<const broker_image>> image_{std::make_shared<const broker_image>()};
};

/// Of the file system that holds the data; -1 where it cannot be told.
struct disk_space {
  int64_t total = -1;
  int64_t usable = -1;
};

struct broker {
  const node_settings* settings = nullptr;
  image_holder image;
  coordinator::port_ptr coordinator;
  /// That of the group coordinators: never goes back; thread-safe.
  std::function<timestamp_ms()> clock;
  std::string data_dir; ///< absolute
  std::function<chisme::session::disk_space()> disk_space;
  fetch_session_pool fetch_sessions;
  /// The topic of the groups could not be made, and a line in the log says why.
  std::atomic<bool> complained_of_groups_topic{false};
  /// Partitions named by fetches that wait for data, on all connections.
  std::atomic<int64_t> awaited_partitions{0};
  /// Requests that are not answered yet, on all connections.
  std::atomic<int64_t> open_requests{0};
  /// For records in answers to Fetch; who gets none is answered with pieces of files.
  std::shared_ptr<log::read_memory> answers = std::make_shared<log::read_memory>(64 << 20);
  std::shared_ptr<request_memory> memory = std::make_shared<request_memory>(64 << 20);
};

} // namespace chisme::session
