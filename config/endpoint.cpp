#include "config/endpoint.hpp"

#include <charconv>

namespace chisme {

namespace {

constexpr uint16_t default_port = 9092;
constexpr size_t max_host_length = 253; // RFC 1035, in text form

result<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc{} || end != text.data() + text.size())
    return fail(error_code::invalid_config,
                "\"" + std::string{text} + "\" is not a port: expected a number from 0 to 65535");
  return port;
}

/// Length of the host part, brackets included; npos where brackets do not match.
size_t host_length(std::string_view text) {
  if (!text.starts_with('['))
    return std::min(text.rfind(':'), text.size());
  auto close = text.find(']');
  return close == std::string_view::npos ? close : close + 1;
}

result<endpoint> split_host_port(std::string_view text, bool port_required) {
  auto length = host_length(text);
  if (length == std::string_view::npos)
    return fail(error_code::invalid_config, "\"" + std::string{text} + "\" has '[' without ']'");
  auto host = text.substr(0, length);
  auto rest = text.substr(length);
  if (host.starts_with('['))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return fail(error_code::invalid_config, "an IPv6 address needs brackets: [" + std::string{text} + "]:9092");
  if (host.size() > max_host_length || host.find_first_of(" \t/") != std::string_view::npos)
    return fail(error_code::invalid_config, "\"" + std::string{host} + "\" is not a host name or address");
  endpoint e;
  e.host = host;
  e.port = default_port;
  if (rest.empty() && !port_required)
    return e;
  if (!rest.starts_with(':'))
    return fail(error_code::invalid_config, "\"" + std::string{text} + "\" has no port: expected host:port");
  auto port = parse_port(rest.substr(1));
  if (!port)
    return tl::make_unexpected(port.error());
  e.port = *port;
  return e;
}

} // namespace

std::string to_string(const endpoint& e) {
  auto host = e.host.find(':') == std::string::npos ? e.host : "[" + e.host + "]";
  return e.listener + "://" + host + ":" + std::to_string(e.port);
}

result<endpoint> parse_endpoint(std::string_view text) {
  auto mark = text.find("://");
  if (mark == std::string_view::npos)
    return fail(error_code::invalid_config, "\"" + std::string{text} + "\" is not of the form PLAINTEXT://host:port");
  auto listener = std::string{text.substr(0, mark)};
  if (listener != "PLAINTEXT")
    return fail(error_code::invalid_config,
                "\"" + listener + "\" is not a protocol that is spoken here: expected PLAINTEXT");
  auto e = split_host_port(text.substr(mark + 3), true);
  if (e)
    e->listener = listener;
  return e;
}

result<endpoint> parse_host_port(std::string_view text) {
  auto e = split_host_port(text, false);
  if (e && (e->host.empty() || e->port == 0))
    return fail(error_code::invalid_config,
                "\"" + std::string{text} + "\" needs a host and a port, as in 127.0.0.1:9092");
  return e;
}

result<endpoint> parse_peer_address(std::string_view text) {
  auto e = split_host_port(text, true);
  if (e)
    e->listener = "PEER";
  return e;
}

bool is_wildcard(const endpoint& e) { return e.host.empty() || e.host == "0.0.0.0" || e.host == "::"; }

} // namespace chisme
