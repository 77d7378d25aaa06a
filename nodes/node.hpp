// A node: the composition root. Data folder, actors, gateway, and how they begin and end.
//
//   chisme::nodes::node n{settings};
//   if (auto ok = n.start(); !ok) ...      // serving when it returns
//   n.stop();                              // answers what is in flight, syncs, closes
//
// An exception in an actor that nobody starts again ends the process: see last_line.hpp.
#pragma once

#include "actors/log/files.hpp"
#include "actors/session/broker.hpp"
#include "config/node_settings.hpp"

#include <memory>

namespace chisme::nodes {

class start_outcome;

class node {
public:
  explicit node(node_settings settings);
  /// The logs are on `disk`; who owns the data folder is settled on the machine's own.
  node(node_settings settings, std::shared_ptr<log::files> disk);
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Opens the data folder, replays the metadata, opens every log, listens. On failure the message names cause and
  /// cure, and nothing is left running.
  /// With peer.listeners it waits, for as long as that takes, until the node is a member of a cluster and has the
  /// metadata.
  result<void> start();
  /// From any thread: a start that waits fails at once.
  void give_up_start();
  bool is_given_up() const;

  /// Stops taking requests, answers what is in flight and what waits, syncs and closes the logs. What is not answered
  /// within half a second, as a JoinGroup that waits for others, is closed; from there on it waits for the disk only,
  /// for as long as that takes (shutdown.timeout.ms ends the process). Does nothing where it is not running.
  void stop();

  /// Where it listens; a port 0 has become a number.
  std::vector<endpoint> listeners() const;
  /// Likewise for other nodes; none without peer.listeners.
  std::vector<endpoint> peer_listeners() const;
  const std::string& data_dir() const; ///< absolute
  std::string cluster_id() const;      ///< empty: it is no member of one yet
  size_t partitions() const;

private:
  struct parts;
  node_settings settings_;
  std::shared_ptr<log::files> disk_;
  std::shared_ptr<start_outcome> outcome_;
  std::unique_ptr<parts> parts_;
};

} // namespace chisme::nodes
