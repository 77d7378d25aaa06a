// A node's data folder: who it belongs to, and that nobody else uses it now.
//
//   <folder>/.lock              held (flock) by the node that runs on it
//            meta.properties    version, cluster.id, node.id, directory.id, as Kafka writes it
//            __cluster-0/       the metadata log
//            <topic>-<p>/       partitions
#pragma once

#include "actors/log/files.hpp"
#include "messages/ids.hpp"

#include <functional>

namespace chisme::nodes {

class data_folder {
public:
  /// Makes the folder where it does not exist, locks it, and reads or writes who it belongs to. Errors: another node
  /// runs on it (says which process), it is another node's or another cluster's, or of a newer version, or it holds
  /// partitions and has lost what says whose they are (meta.properties, the metadata log).
  /// `cluster_id` empty: keep what is there, or make one.
  static result<data_folder> open(log::files& disk, const std::string& path, node_id id, const std::string& cluster_id,
                                  const std::function<uuid()>& new_id);

  data_folder(data_folder&&) noexcept;
  data_folder& operator=(data_folder&&) = delete;
  ~data_folder();

  const std::string& path() const { return path_; } ///< absolute
  const std::string& cluster_id() const { return cluster_id_; }

private:
  result<void> check_whole(log::files& disk, bool has_identity) const;
  data_folder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  result<void> identify(log::files& disk, node_id id, const std::string& cluster_id,
                        const std::function<uuid()>& new_id);

  std::string path_;
  std::string cluster_id_;
  int lock_ = -1;
};

} // namespace chisme::nodes
