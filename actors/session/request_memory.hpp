// How much memory the requests of all connections take, and who may read more of them. Thread-safe.
//
// A request counts for as long as somebody holds its bytes, not until it is answered: one that waits for others, as a
// JoinGroup does, has let go of them. Large requests, those that do not fit into a connection's chunk, and small ones
// have shares of their own: nobody's heartbeat waits for somebody's hundred megabytes. A share is not a hard bound: who
// has begun to read a small request goes on, and one large request at a time does (the finisher), or requests that have
// filled the share half read would wait for each other.
#pragma once

#include "actors/session/frame_reader.hpp"

#include <atomic>
#include <functional>
#include <mutex>

namespace chisme::session {

class request_memory : public std::enable_shared_from_this<request_memory> {
public:
  enum share : size_t { small, large, shares };

  /// Bytes, for each share.
  explicit request_memory(int64_t limit) : limit_(limit) {}

  static share share_of(size_t frame) { return frame > frame_reader::chunk_size ? large : small; }

  /// The same bytes, counted until the last slice of them is gone.
  buffer hold(buffer frame);
  /// What has been read of a request that is not complete yet.
  void count(share of, int64_t more);
  int64_t held(share of) const { return held_[of].load(); }
  int64_t held() const { return held(small) + held(large); }
  bool has_room(share of) const { return held(of) < limit_; }

  /// Whether `who` may read its large request to the end although there is no room: true for one at a time, until it has
  /// finished().
  bool may_finish(const void* who);
  bool is_finisher(const void* who) const { return finisher_.load() == who; }
  void finished(const void* who);

  /// Who lacks room is to look again when `f` is called: once for all calls of expect_room() before, from any thread.
  void on_room(std::function<void(share)> f);
  void expect_room(share of);

private:
  void tell_of_room(share of);

  const int64_t limit_;
  std::atomic<int64_t> held_[shares] = {};
  std::atomic<bool> expected_[shares] = {};
  std::atomic<const void*> finisher_{nullptr};
  std::mutex mutex_;
  std::function<void(share)> on_room_; // under mutex_
};

} // namespace chisme::session
