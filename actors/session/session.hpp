// One client connection: frames in, answers out, in order.
//
//   connection --on_frame--> session --api table--> handler (one file per API) --> partition or coordinator
//   connection <---send----- session <--in order--- queued_request <-------------- answer, from any thread
//
// A session decides nothing about topics or logs. It keeps the order of the answers, bounds what is in flight, and
// collects the appends of one read burst, so that each partition gets one message for all of them.
//
// Lives on its loop: all members are called there, except the ones marked thread-safe.
#pragma once

#include "actors/partition/port.hpp"
#include "actors/session/broker.hpp"
#include "actors/session/fetch_session.hpp"
#include "actors/session/loop.hpp"
#include "actors/session/queued_request.hpp"

#include <deque>
#include <exception>
#include <unordered_map>
#include <vector>

namespace chisme::session {

/// What a session allows one connection to have in flight before it stops reading.
struct session_limits {
  size_t max_requests = 500;
  size_t max_bytes = 100 << 20;
};

class session : public std::enable_shared_from_this<session> {
public:
  /// `host` is the client's address for logs and group descriptions.
  session(broker& b, loop& l, transport& t, session_limits limits, std::string host);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// One request without its size prefix. May close the connection.
  void on_frame(buffer frame);

  /// The connection has no more frames for now: appends go to their partitions, what is answered leaves.
  void end_of_burst();

  /// The connection should stop reading; it is told by a flush() when to look again.
  bool saturated() const;

  /// Nothing is owed to this client: it may be closed for idling.
  bool idle() const { return queue_.empty(); }

  /// The connection is gone: no call reaches the transport after this.
  void disconnected();

  /// The node ends, or the client has said its last: what waits for a time is answered now, and nothing waits from here
  /// on.
  void end_waits();
  bool has_waits() const { return !timers_.empty(); }

  // -- for handlers, on the loop ---------------------------------------------------------------------------------

  broker& shared() { return broker_; }
  loop& own_loop() { return loop_; }
  const std::string& host() const { return host_; }
  fetch_session_slot& fetch_session() { return fetch_session_; }

  /// For the request that is being handed to its handler: no other one is taken before the answer has been sent.
  void expect_large_answer();

  /// Collected until end_of_burst().
  void append(const partition::port_ptr& to, partition::append_request request);

  /// Runs `f` on the loop after `delay`, unless stop_timer() is called or the connection ends before; then `f` and
  /// what it holds are dropped at once. After end_waits() it does not wait. One timer for each `who`.
  void start_timer(const void* who, std::chrono::milliseconds delay, std::function<void()> f);
  void stop_timer(const void* who) { timers_.erase(who); }

  /// Closes at once. The reason goes to the log.
  void close(std::string reason);

  // -- thread-safe -----------------------------------------------------------------------------------------------

  /// Nobody will see an answer any more.
  bool is_gone() const { return gone_.load(std::memory_order_relaxed); }

  /// Runs `f` on the loop, later. An answer that is given in there leaves at its end, without another turn.
  void run_later(std::function<void()> f);

  /// A request of the queue is.
  void answered();

private:
  void take(buffer frame);
  /// What is thrown in there, for want of memory or by mistake, costs this client its connection, nobody else anything.
  template <class F>
  void guarded(F f) {
    try {
      f();
    } catch (const std::exception& e) {
      close(std::string{"an exception: "} + e.what());
    }
  }

  void send_answered();
  bool send(queued_request& head);
  void hand_over_appends();

  struct collected {
    partition::port_ptr to;
    partition::append_batch batch;
  };

  broker& broker_;
  loop& loop_;
  transport* transport_;
  session_limits limits_;
  std::string host_;
  std::deque<std::shared_ptr<queued_request>> queue_;
  size_t bytes_in_flight_ = 0;
  size_t large_answers_ = 0; // in the queue
  std::vector<collected> appends_;
  std::unordered_map<const partition::port*, size_t> places_in_appends_;
  struct timer {
    std::function<void()> f;
    std::shared_ptr<void> handle;
  };
  std::unordered_map<const void*, timer> timers_;
  bool waits_end_ = false;
  fetch_session_slot fetch_session_;
  /// True while a call of send_answered() is on its way: who is answered meanwhile need not post another.
  std::atomic<bool> send_scheduled_{false};
  std::atomic<bool> gone_{false};
};

} // namespace chisme::session
