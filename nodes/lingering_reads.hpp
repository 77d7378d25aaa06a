// Sockets of which nothing is expected but heartbeats: they are read together, each `linger` milliseconds.
//
// The io_context watches a socket so that whatever comes wakes the thread at once. With thousands of members that is
// thousands of turns a second, each for one heartbeat. The sockets here are not watched by the io_context; a set of
// their own (epoll) collects what has come, until the timer looks. Who has more to say than a heartbeat goes back.
//
// Lives on its loop. A reader in here is read about `linger` after its bytes came, or the end of its stream.
#pragma once

#include "nodes/linger_rule.hpp"
#include "nodes/system_calls.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <array>
#include <sys/epoll.h>

namespace chisme::nodes {

class lingering_reads {
public:
  class reader : public boost::intrusive::list_base_hook<> {
  public:
    virtual ~reader() = default;
    /// Something came: bytes, an end or an error.
    virtual void read() = 0;
    /// read() comes soon: what it looks at may be fetched from memory meanwhile.
    virtual void prefetch() const {}
    /// It does not pay any more: it is not in here now, and waits for bytes by itself again.
    virtual void wait_alone() = 0;

    bool lingers() const { return is_linked(); }

  private:
    friend class lingering_reads;
    int fd_ = -1; // while in here
  };

  lingering_reads(boost::asio::io_context& context, std::chrono::milliseconds linger);
  lingering_reads(const lingering_reads&) = delete;
  lingering_reads& operator=(const lingering_reads&) = delete;

  /// A heartbeat was read, in here or elsewhere. True: who reads nothing else had better be in here.
  bool heartbeat(linger_rule::time_point now);

  /// False where the system refuses. It stays in until remove(), or until wait_alone() is called. A reader is told once
  /// of what came: it reads all of it.
  bool add(int fd, reader& r);
  /// Before the reader or its descriptor ends. Nothing where it is not in here.
  void remove(reader& r);

private:
  void look_later();
  void look();
  void read_what_came();
  reader* came_at(size_t i) const;
  void prefetch_after(size_t i) const;
  void dissolve();

  const std::chrono::milliseconds linger_;
  linger_rule rule_;
  boost::asio::steady_timer timer_;
  const descriptor epoll_;
  bool is_looking_ = false; // a call of look() is on its way
  boost::intrusive::list<reader> readers_;
  /// What has come and is not read yet; no reader: it has left.
  std::array<epoll_event, 256> came_{};
  size_t came_count_ = 0;
};

} // namespace chisme::nodes
