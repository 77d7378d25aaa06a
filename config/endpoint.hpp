// A place to listen at or to be reached at, as Kafka writes it: PLAINTEXT://host:port.
#pragma once

#include "messages/errors.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chisme {

/// One entry of `listeners` or `advertised.listeners`.
struct endpoint {
  std::string listener = "PLAINTEXT"; ///< the listener's name, in capitals; unique within a list
  std::string host;                   ///< name or address without brackets; empty: every interface
  uint16_t port = 0;                  ///< 0: the system chooses one

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// "PLAINTEXT://[::1]:9092": brackets come back around an IPv6 address.
std::string to_string(const endpoint& e);

/// Reads one endpoint. Only PLAINTEXT is spoken so far, so any other protocol is an error (invalid_config).
result<endpoint> parse_endpoint(std::string_view text);

/// "host:port" as --bootstrap-server takes it; the port may be left out and is then 9092.
result<endpoint> parse_host_port(std::string_view text);

/// "host:port" of a listener for other nodes, which is named PEER; the port must be there.
result<endpoint> parse_peer_address(std::string_view text);

/// Whether the host stands for every interface ("", 0.0.0.0, ::), which nobody can connect to from elsewhere.
bool is_wildcard(const endpoint& e);

} // namespace chisme
