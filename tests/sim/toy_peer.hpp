// Stands for what is behind the links of a node, where that is not part of a simulation: it says a number to each node
// that is up, and finds wrong what no link may do.
#pragma once

#include "actors/links/port.hpp"

#include <algorithm>
#include <map>
#include <memory>

namespace chisme::test {

class toy_peer final : public links::receiver {
public:
  /// The how-manieth process of its node it is part of: its numbers are larger than those of all before.
  explicit toy_peer(uint64_t process) : said_(static_cast<int64_t>(process) * 1'000'000) {}

  /// Empty, or what went wrong.
  const std::string& wrong() const { return wrong_; }
  uint64_t heard() const { return heard_; }

  void speak(links::port& to) {
    for (const auto& [id, process] : up_) {
      to.send(id, peer::ping{++said_, false});
      to.send(id, peer::bulk_ping{said_, buffer::copy_of(std::string(1000, 'x'))});
    }
  }
  /// Frames may come twice and overtake.
  void forgive_order() { forgives_ = true; }

  void arrived(node_id from, peer_message m) override {
    ++heard_;
    const auto* small = std::get_if<peer::ping>(&m);
    const auto number = small ? small->number : std::get<peer::bulk_ping>(m).number;
    auto& last = last_[{from, small != nullptr}];
    if (number <= last && !forgives_)
      wrong_ = "node " + std::to_string(from) + " says " + std::to_string(number) + " after " + std::to_string(last);
    last = std::max(last, number);
  }
  void peer_up(node_id id, uint64_t process_id) override {
    if (!up_.emplace(id, process_id).second)
      wrong_ = "node " + std::to_string(id) + " comes up twice";
  }
  void peer_down(node_id id, const std::string&) override {
    if (up_.erase(id) == 0)
      wrong_ = "node " + std::to_string(id) + " goes down and was not up";
  }

private:
  std::map<node_id, uint64_t> up_;
  std::map<std::pair<node_id, bool>, int64_t> last_;
  int64_t said_;
  uint64_t heard_ = 0;
  bool forgives_ = false;
  std::string wrong_;
};

} // namespace chisme::test
