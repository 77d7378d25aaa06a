// Stands for a receiver that is not there yet: links are made before the actors that they tell.
#pragma once

#include "actors/links/port.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace chisme::nodes {

/// Messages that come before there is somebody to take them are lost, as any may be; who is up is told later.
/// Thread-safe.
class late_receiver final : public links::receiver {
public:
  void set(std::shared_ptr<links::receiver> to) {
    std::lock_guard lock{mutex_};
    to_ = std::move(to);
    for (const auto& [id, process] : up_)
      to_->peer_up(id, process);
    up_.clear();
  }

  void arrived(node_id from, peer_message m) override {
    if (const auto to = known())
      to->arrived(from, std::move(m));
  }
  void peer_up(node_id id, uint64_t process_id) override {
    std::lock_guard lock{mutex_};
    if (to_)
      to_->peer_up(id, process_id);
    else
      up_[id] = process_id;
  }
  void peer_down(node_id id, const std::string& reason) override {
    std::lock_guard lock{mutex_};
    if (to_)
      to_->peer_down(id, reason);
    else
      up_.erase(id);
  }

private:
  std::shared_ptr<links::receiver> known() const {
    std::lock_guard lock{mutex_};
    return to_;
  }

  mutable std::mutex mutex_;
  std::shared_ptr<links::receiver> to_;
  std::map<node_id, uint64_t> up_; ///< before there was anybody to tell
};

} // namespace chisme::nodes
