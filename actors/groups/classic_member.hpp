// A member of a classic group.
#pragma once

#include "actors/groups/machine.hpp"
#include "messages/kafka/group_records.hpp"

namespace chisme::groups {

/// A request that is answered later.
struct parked_request {
  ticket to = 0;
  int16_t version = 0;
};

/// What somebody says under all protocols that it offers.
template <class Protocols>
size_t bytes_said(const Protocols& protocols) {
  size_t bytes = 0;
  for (const auto& p : protocols)
    bytes += p.name.size() + p.metadata.size();
  return bytes;
}

/// What a member costs in records beside what it says: its id stands in several.
inline size_t bytes_called(size_t id, size_t instance, const std::string& client_id, const std::string& client_host) {
  constexpr size_t records = 4, numbers = 100;
  return records * id + instance + client_id.size() + client_host.size() + numbers;
}

struct classic_member {
  using protocol = kafka::join_group_request::protocol;

  std::string id;
  std::optional<std::string> instance; ///< given by static members
  std::string client_id;
  std::string client_host;
  int32_t rebalance_timeout_ms = 0;
  int32_t session_timeout_ms = 0;
  std::vector<protocol> protocols; ///< those it supports, the one it likes best first
  buffer assignment;               ///< of the last generation that came to one: what it may still read from
  std::optional<parked_request> join;
  std::optional<parked_request> sync;
  /// It joined and was not answered yet: it knows no id to send heartbeats with.
  bool is_new = false;
  /// That it had in the consumer group that this was.
  std::optional<int32_t> former_epoch;
  size_t counted = 0; ///< by the group, of bytes()

  bool is_parked() const { return join || sync; }
  /// What it says and is called, in records and as often as a group that changes its protocol writes it.
  size_t bytes() const {
    return bytes_said(protocols) + bytes_called(id.size(), instance ? instance->size() : 0, client_id, client_host);
  }
  bool supports(std::string_view name) const { return find_protocol(name) != nullptr; }
  /// What it said about the protocol; empty for one that it does not support.
  buffer metadata(std::string_view name) const {
    const auto* p = find_protocol(name);
    return p ? p->metadata : buffer{};
  }

private:
  const protocol* find_protocol(std::string_view name) const {
    for (const auto& p : protocols)
      if (p.name == name)
        return &p;
    return nullptr;
  }
};

} // namespace chisme::groups
