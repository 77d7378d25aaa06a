// What tests of heartbeats say: groups, inputs, and outputs as text.
#pragma once

#include "actors/heartbeats/node_heartbeats.hpp"

#include <string>

namespace chisme::test {

inline heartbeats::group_id group(int32_t partition) { return {uuid{{7}}, partition}; }

inline std::string text_of(const peer::heartbeat& m) {
  auto text = "#" + std::to_string(m.sequence) + " of " + std::to_string(m.process) + " to " +
              std::to_string(m.to_process) + " ack " + std::to_string(m.acknowledged) + (m.more ? " more" : "");
  for (const auto& e : m.entries)
    text += " [" + std::to_string(e.group.partition) + (e.leads ? " leads in " : " does not lead in ") +
            std::to_string(e.epoch) + " commit " + std::to_string(e.commit) + "]";
  return text;
}

inline std::string text_of(const heartbeats::any_output& o) {
  using namespace heartbeats::output;
  struct words {
    static std::string of(const heartbeats::group_id& g) { return "group " + std::to_string(g.partition) + ": "; }
    std::string operator()(const send& x) const { return "to " + std::to_string(x.to) + ": " + text_of(x.message); }
    std::string operator()(const heard_of& x) const {
      return of(x.group) + std::to_string(x.from) + (x.leads ? " leads in " : " does not lead in ") +
             std::to_string(x.epoch) + " commit " + std::to_string(x.commit);
    }
    std::string operator()(const leader_silent& x) const { return of(x.group) + "leader silent"; }
    std::string operator()(const peer_silent& x) const { return of(x.group) + std::to_string(x.node) + " silent"; }
    std::string operator()(const peer_heard& x) const { return of(x.group) + std::to_string(x.node) + " heard"; }
    std::string operator()(const peer_restarted& x) const {
      return of(x.group) + std::to_string(x.node) + " restarted";
    }
  };
  return std::visit(words{}, o);
}

} // namespace chisme::test
