#include "nodes/page_cache.hpp"

#include "nodes/system_calls.hpp"

#include <cerrno>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace chisme {

namespace {

/// Linux' usual one.
constexpr uint64_t read_ahead_window = 128 << 10;

/// As the system defines them; older headers do not have them.
constexpr long cachestat_number = 451;
struct cachestat_range {
  uint64_t position;
  uint64_t length;
};
struct cachestat_counts {
  uint64_t cached;
  uint64_t dirty;
  uint64_t under_writeback;
  uint64_t evicted;
  uint64_t recently_evicted;
};

enum class share : uint8_t { all, some, none };

/// `none` also where it cannot be told.
share share_in_cache(int fd, uint64_t position, uint64_t length) {
  static const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  cachestat_range range{position, length};
  cachestat_counts counts{};
  if (::syscall(cachestat_number, fd, &range, &counts, 0U) != 0 || counts.cached == 0)
    return share::none;
  const auto pages = (position + length - 1) / page - position / page + 1;
  return counts.cached >= pages ? share::all : share::some;
}

bool is_byte_cached(int fd, uint64_t position) {
  std::byte one;
  const auto n = read_cached(fd, position, {&one, 1});
  return n || n.error() != EAGAIN;
}

} // namespace

tl::expected<size_t, int> read_cached(int fd, uint64_t position, std::span<std::byte> into) {
  size_t done = 0;
  while (done < into.size()) {
    const iovec rest{into.data() + done, into.size() - done};
    const auto n =
      uninterrupted([&] { return ::preadv2(fd, &rest, 1, static_cast<off_t>(position + done), RWF_NOWAIT); });
    if (n < 0)
      return tl::make_unexpected(errno);
    if (n == 0)
      break;
    done += static_cast<size_t>(n);
  }
  return done;
}

bool is_cached(int fd, uint64_t position, uint64_t length) {
  if (length == 0)
    return true;
  const auto last = position + length - 1;
  switch (share_in_cache(fd, position, length)) {
    case share::all:
      return is_byte_cached(fd, last);
    case share::some:
      return false;
    case share::none:
      break;
  }
  for (auto at = position; at < last; at += read_ahead_window)
    if (!is_byte_cached(fd, at))
      return false;
  return is_byte_cached(fd, last);
}

} // namespace chisme
