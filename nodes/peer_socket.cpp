#include "nodes/peer_socket.hpp"

#include <algorithm>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace chisme::nodes {

namespace {

/// A socket that lacks an option is as good as others, only slower to notice.
void set(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); }

} // namespace

void watch_peer(int fd, std::chrono::milliseconds stalled) {
  const auto seconds = std::max(1, static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(stalled).count()));
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, std::max(1, seconds / 2));
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, seconds / 5));
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(stalled.count()));
}

void bound_unsent(int fd, int bytes) { set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, bytes); }

} // namespace chisme::nodes
