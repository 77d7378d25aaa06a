// Removes the folders of deleted topics.
//
//   remove_request --> renamed to its doomed name --one sync for all that wait--> answered --> emptied, one at a time
//
// Nothing in a folder goes before its new name is durable: after a power loss a folder with a partition's name is
// whole, and one that is not whole says by its name that it must go. Files are removed after the answer, since a topic
// of the same name needs only the name; one that cannot be removed is tried again until it can.
//
// Blocks its thread in the system calls, so a node spawns it detached.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/log/files.hpp"
#include "actors/remover/backlog.hpp"
#include "actors/retry_delay.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <set>
#include <vector>

namespace chisme::remover {

class remover final : public remover_actor::base {
public:
  /// `root`: the data folder.
  remover(caf::actor_config& config, std::shared_ptr<log::files> disk, std::string root);

  const char* name() const override { return "remover"; }
  void on_exit() override;

private:
  struct waiting {
    remove_request what;
    caf::typed_response_promise<remove_result> answer;
  };

  behavior_type make_behavior() override;
  void rename_all();
  result<void> make_doomed(const remove_request& r);
  result<bool> is_to_go(const remove_request& r) const;
  void remove_next();
  void schedule();
  std::string path_of(const std::string& name) const { return root_ + "/" + name; }

  std::shared_ptr<log::files> disk_;
  std::string root_;
  std::vector<waiting> waiting_;
  backlog backlog_;
  std::set<std::string> told_; // of these it was said that they cannot be removed
  bool scheduled_ = false;
  retry_delay pause_;
};

} // namespace chisme::remover
