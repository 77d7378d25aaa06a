// A node's data folder: who it belongs to, and that nobody else uses it now.
//
//   <folder>/.lock              held (flock) by the node that runs on it
//            meta.properties    version, cluster.id, node.id, directory.id, as Kafka writes it
//            __cluster-0/       the metadata log
//            <topic>-<p>/       partitions
#pragma once

#include "actors/log/files.hpp"
#include "messages/ids.hpp"
#include "nodes/formation_text.hpp"

#include <functional>

namespace chisme::nodes {

class data_folder {
public:
  /// Makes the folder where it does not exist, locks it, and reads or writes who it belongs to. Errors: another node
  /// runs on it (says which process), it is another node's or another cluster's, or of a newer version, or it holds
  /// partitions and has lost what says whose they are (meta.properties, the metadata log).
  /// `cluster_id` empty: keep what is there, or make one. A node that `has_peers` gets its cluster from them, see
  /// keep(); where it was alone before, others may join it.
  static result<data_folder> open(log::files& disk, const std::string& path, node_id id, const std::string& cluster_id,
                                  const std::function<uuid()>& new_id, bool has_peers = false);

  data_folder(data_folder&&) noexcept;
  data_folder& operator=(data_folder&&) = delete;
  ~data_folder();

  const std::string& path() const { return path_; } ///< absolute
  /// Empty where it is no member of one yet.
  const std::string& cluster_id() const {
    static const std::string none;
    return formation_.at == coordinator::formation::phase::member ? formation_.cluster_id : none;
  }
  const coordinator::formation& formation() const { return formation_; }
  /// Tells this folder from any other one that the node had or will have; zero: it does not say.
  uuid directory_id() const;
  /// Durably, and as a whole or not at all.
  result<void> keep(log::files& disk, coordinator::formation what);

private:
  result<void> check_whole(log::files& disk, bool has_identity) const;
  data_folder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  result<void> identify(log::files& disk, node_id id, const std::string& cluster_id,
                        const std::function<uuid()>& new_id, bool has_peers);
  void keep_alone_no_more(node_id id);
  result<void> check_cluster(const std::string& file, const std::string& cluster_id, bool has_peers) const;
  result<void> write(log::files& disk) const;
  std::string file() const { return path_ + "/meta.properties"; }

  std::string path_;
  properties properties_; ///< all that the file says
  coordinator::formation formation_;
  int lock_ = -1;
};

} // namespace chisme::nodes
