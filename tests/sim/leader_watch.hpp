// Who leads each partition in each epoch, as the nodes themselves take it: at most one does (Raft, election safety).
// And no node goes back to an older epoch within a process.
#pragma once

#include "actors/broker_image.hpp"
#include "messages/ids.hpp"

#include <map>
#include <string>

namespace chisme::test {

class leader_watch {
public:
  /// After each step in which a node has published a new image. Empty: all is well.
  std::string look(node_id at, const broker_image& image) {
    for (const auto& [name, topic] : image.topics)
      for (size_t p = 0; p < topic->partitions.size(); ++p)
        if (auto wrong = look(at, {topic->topic->id, static_cast<partition_index>(p)}, name, topic->partitions[p]);
            !wrong.empty())
          return wrong;
    return "";
  }
  /// What a new process knows of is what it reads and is told.
  void restarted(node_id at) {
    std::erase_if(newest_, [at](const auto& known) { return known.first.first == at; });
  }

private:
  using place = std::pair<uuid, partition_index>;

  std::string look(node_id at, const place& where, const std::string& topic, const partition_image& p) {
    const auto label = topic + "-" + std::to_string(where.second);
    auto& newest = newest_[{at, where}];
    if (p.leader_epoch < newest && p.leader_epoch >= 0)
      return "node " + std::to_string(at) + " goes back from epoch " + std::to_string(newest) + " of " + label +
             " to epoch " + std::to_string(p.leader_epoch);
    newest = std::max(newest, p.leader_epoch);
    if (p.leader != at || !p.port)
      return "";
    const auto [known, is_new] = leaders_.try_emplace({where, p.leader_epoch}, at);
    return is_new || known->second == at ? ""
                                         : label + " is led in epoch " + std::to_string(p.leader_epoch) + " by node " +
                                             std::to_string(known->second) + " and by node " + std::to_string(at);
  }

  std::map<std::pair<place, leader_epoch_t>, node_id> leaders_;
  std::map<std::pair<node_id, place>, leader_epoch_t> newest_;
};

} // namespace chisme::test
