// How much memory the requests of all connections take, and who may read more of them. Thread-safe.
//
// A request counts for as long as somebody holds its bytes, not until it is answered: one that waits for others, as a
// JoinGroup does, has let go of them. Large requests, those that do not fit into a connection's chunk, and small ones
// have shares of their own: nobody's heartbeat waits for somebody's hundred megabytes. A large one takes its room
// before it is read, all of it at once, so that requests that are half read never wait for each other. A share is not a
// hard bound: the large request that fills it may go beyond it, and who has begun to read a small one goes on.
#pragma once

#include "actors/session/frame_reader.hpp"

#include <atomic>
#include <functional>

namespace chisme::session {

class request_memory : public std::enable_shared_from_this<request_memory> {
public:
  enum share : size_t { small, large, shares };

  /// `limit`: bytes, for each share. `on_room`: who lacks room is to look again; called once for all calls of
  /// expect_room() before, from any thread.
  explicit request_memory(int64_t limit, std::function<void(share)> on_room = nullptr)
    : limit_(limit), on_room_(std::move(on_room)) {}

  static share share_of(size_t frame) { return frame > frame_reader::chunk_size ? large : small; }

  /// The same bytes, counted until the last slice of them is gone.
  buffer hold(buffer frame);
  /// What has been read of a request that is not complete yet; what was reserved is given back so.
  void count(share of, int64_t more);
  int64_t held(share of) const { return held_[of].load(); }
  int64_t held() const { return held(small) + held(large); }
  bool has_room(share of) const { return held(of) < limit_; }
  /// Takes room for a large request; false where there is none.
  bool reserve(int64_t bytes);

  /// Somebody lacks room.
  void expect_room(share of);
  bool is_expected(share of) const { return expected_[of].load(); }

private:
  void tell_of_room(share of);

  const int64_t limit_;
  const std::function<void(share)> on_room_;
  std::atomic<int64_t> held_[shares] = {};
  std::atomic<bool> expected_[shares] = {};
};

} // namespace chisme::session
