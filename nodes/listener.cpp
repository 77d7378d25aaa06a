#include "nodes/listener.hpp"

#include <unistd.h>

namespace chisme::nodes {

namespace asio = boost::asio;
using asio::ip::tcp;

void listener::close() {
  boost::system::error_code e;
  acceptor.close(e);
  retry.cancel();
}

result<std::shared_ptr<listener>> bind_listener(asio::io_context& context, const endpoint& where,
                                                const std::string& option, const std::string& example) {
  boost::system::error_code e;
  tcp::resolver resolver{context};
  auto host = where.host.empty() ? std::string{"0.0.0.0"} : where.host;
  auto found = resolver.resolve(host, std::to_string(where.port), tcp::resolver::passive, e);
  if (e)
    return fail(error_code::invalid_config, option + ": cannot resolve " + to_string(where) + ": " + e.message());
  auto l = std::make_shared<listener>(listener{where, tcp::acceptor{context}, asio::steady_timer{context}});
  const auto at = found.begin()->endpoint();
  l->acceptor.open(at.protocol(), e);
  if (!e)
    l->acceptor.set_option(tcp::acceptor::reuse_address{true}, e);
  if (!e)
    l->acceptor.bind(at, e);
  if (!e)
    l->acceptor.listen(1024, e);
  if (e)
    return fail(error_code::invalid_config,
                "cannot listen on " + to_string(where) + ": " + e.message() +
                  (e == asio::error::address_in_use
                     ? "; stop what listens there, or choose another port with --" + option + " " + example
                     : ""));
  l->where.port = l->acceptor.local_endpoint().port();
  return l;
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

} // namespace chisme::nodes
