// Stands for a receiver that is not there yet: links are made before the actors that they tell.
#pragma once

#include "actors/links/port.hpp"

#include <map>
#include <memory>
#include <utility>

namespace chisme::test {

/// Messages that come before there is somebody to take them are lost, as any may be; who is up is told later.
class late_receiver final : public links::receiver {
public:
  void set(std::shared_ptr<links::receiver> to) {
    to_ = std::move(to);
    for (const auto& [id, process] : up_)
      to_->peer_up(id, process);
    up_.clear();
  }

  void arrived(node_id from, peer_message m) override {
    if (to_)
      to_->arrived(from, std::move(m));
  }
  void peer_up(node_id id, uint64_t process_id) override {
    if (to_)
      to_->peer_up(id, process_id);
    else
      up_[id] = process_id;
  }
  void peer_down(node_id id, const std::string& reason) override {
    if (to_)
      to_->peer_down(id, reason);
    else
      up_.erase(id);
  }

private:
  std::shared_ptr<links::receiver> to_;
  std::map<node_id, uint64_t> up_; ///< before there was anybody to tell
};

} // namespace chisme::test
