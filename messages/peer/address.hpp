// Where another node can be reached.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace chisme::peer {

struct address {
  std::string host; ///< a name, or an address without brackets
  uint16_t port = 0;

  static void visit(auto& f, auto& x) {
    f("host", x.host);
    f("port", x.port);
  }

  friend auto operator<=>(const address&, const address&) = default;
};

/// "[::1]:9093": an IPv6 address stands in brackets.
inline std::string to_string(const address& a) {
  const bool is_v6 = a.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + a.host + "]" : a.host) + ":" + std::to_string(a.port);
}

} // namespace chisme::peer
