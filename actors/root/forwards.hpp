// Changes on their way between the coordinators of two nodes.
#pragma once

#include "actors/coordinator/forward_port.hpp"
#include "actors/links/port.hpp"

#include <utility>

namespace chisme::root {

/// To the coordinators of other nodes. What the link drops is asked again, or given up, by who has sent it.
class forward_to_links final : public coordinator::forward_port {
public:
  explicit forward_to_links(std::shared_ptr<links::port> links) : links_(std::move(links)) {}

  void send(coordinator::peer_forward m) override { links_->send(m.peer, std::move(m.what)); }
  void send(coordinator::peer_answer m) override { links_->send(m.peer, std::move(m.what)); }

private:
  std::shared_ptr<links::port> links_;
};

inline coordinator::forward_port_ptr make_forward_port(std::shared_ptr<links::port> links) {
  return std::make_shared<forward_to_links>(std::move(links));
}

} // namespace chisme::root
