// A bound socket that accepts, and the pause after it could not.
#pragma once

#include "config/endpoint.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>

namespace chisme::nodes {

struct listener {
  endpoint where; ///< as bound: a port 0 has become a number
  boost::asio::ip::tcp::acceptor acceptor;
  boost::asio::steady_timer retry;

  void close();
};

/// Shared with what waits for it on a loop, which may come to run after it was closed. `option`: that named it.
/// The error names the listener and, for a port in use, the cure, which ends with `example`.
result<std::shared_ptr<listener>> bind_listener(boost::asio::io_context& context, const endpoint& where,
                                                const std::string& option, const std::string& example);

/// The name of this machine, where an address stands for every interface: nobody can connect to that from elsewhere.
std::string host_name();

} // namespace chisme::nodes
