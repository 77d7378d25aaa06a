#include "nodes/connection.hpp"

#include "nodes/gateway.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace chisme::nodes {

namespace {

/// A connection gives way to the others on its thread after so many bytes.
constexpr size_t burst_bytes = 2 << 20;

/// A frame that misses so much is waited for in larger pieces, of at most the second figure.
constexpr size_t large_rest = 128 << 10;
constexpr size_t largest_wake = 512 << 10;

/// While so much waits to be read by the client, no further request of it is taken.
constexpr uint64_t unread_at_most = 4 << 20;

std::string name_of(const boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code e;
  auto endpoint = socket.remote_endpoint(e);
  return e ? std::string{"?"} : endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

} // namespace

connection::connection(boost::asio::ip::tcp::socket socket, io_loop& loop, gateway& owner, session::broker& b)
  : socket_(std::move(socket)), loop_(loop), owner_(owner),
    reader_(static_cast<size_t>(b.settings->max_request_bytes)), peer_(name_of(socket_)) {
  session::session_limits limits{static_cast<size_t>(b.settings->queued_requests),
                                 // No single connection may take what all have together.
                                 static_cast<size_t>(b.settings->queued_request_bytes / 2)};
  auto colon = peer_.rfind(':');
  session_ = std::make_shared<session::session>(b, loop, *this, limits, peer_.substr(0, colon));
}

connection::~connection() {
  session_->disconnected();
  account_partial(0);
}

void connection::start() {
  boost::system::error_code e;
  socket_.non_blocking(true, e);
  socket_.set_option(boost::asio::ip::tcp::no_delay{true}, e);
  spdlog::debug("connection opened peer={}", peer_);
  wait_readable();
}

void connection::wait_readable() {
  reading_ = true;
  const auto missing = reader_.missing();
  wake_at(missing < large_rest ? 1 : std::min(missing, largest_wake));
  socket_.async_wait(boost::asio::ip::tcp::socket::wait_read,
                     [self = shared_from_this()](boost::system::error_code e) {
                       self->reading_ = false;
                       if (!e && self->open_)
                         self->read_burst();
                     });
}

/// The kernel wakes the loop when so many bytes are there (SO_RCVLOWAT): a megabyte that comes in costs a few wake-ups
/// instead of one for each piece, and does not take the core from whoever sends it each time.
void connection::wake_at(size_t bytes) {
  if (bytes == wakes_at_)
    return;
  const auto n = static_cast<int>(bytes);
  if (::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVLOWAT, &n, sizeof n) == 0)
    wakes_at_ = bytes;
}

bool connection::may_read() const {
  return open_ && out_.memory() < unread_at_most && !session_->saturated() && !owner_.may_not_read();
}

void connection::read_burst() {
  in_burst_ = true;
  const bool all_taken = read_and_take();
  // Still within the burst: answers that leave here must not ask for another one, or a connection that has been
  // answered would never come to rest.
  if (open_)
    session_->end_of_burst();
  in_burst_ = false;
  if (!open_)
    return;
  reader_.release();
  account_partial(reader_.buffered());
  if (!may_read())
    return; // an answer that leaves, or the sweep, goes on
  if (all_taken)
    wait_readable();
  else
    resume_reading();
}

/// Reads what has come, up to a bound, and hands over what is complete. False where complete frames may be left.
bool connection::read_and_take() {
  size_t budget = burst_bytes;
  while (take_frames()) {
    auto into = reader_.prepare();
    const auto n = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (n > 0) {
      const auto received = static_cast<size_t>(n);
      last_read_ = clock::now();
      reader_.commit(received);
      if (received < into.size() || budget < received)
        return take_frames();
      budget -= received;
    } else if (n == 0) {
      ended("closed by the client", true);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return true;
    } else if (errno != EINTR) {
      ended(std::strerror(errno), true);
    }
  }
  return false;
}

/// A frame that is still coming in counts as memory, too, or unfinished requests could take any amount of it.
void connection::account_partial(size_t bytes) {
  owner_.count_request_bytes(static_cast<int64_t>(bytes) - static_cast<int64_t>(partial_bytes_));
  partial_bytes_ = bytes;
}

/// Hands over what is complete. False: stop reading for now.
bool connection::take_frames() {
  while (may_read()) {
    auto frame = reader_.next();
    if (!frame) {
      close(frame.error().message);
      return false;
    }
    if (!*frame)
      return true;
    session_->on_frame(std::move(**frame));
  }
  return false;
}

void connection::send(payload response) {
  if (out_.empty())
    last_drained_ = clock::now();
  out_.push(std::move(response));
}

void connection::flush() {
  if (!open_)
    return;
  if (!writing_ && !out_.empty()) {
    auto progress = out_.write_to(socket_.native_handle());
    if (!progress)
      return ended(progress.error().message, true);
    if (*progress == send_queue::progress::blocked)
      wait_writable();
  }
  // Answers left, so there may be room for further requests, some of which may be in the reader already.
  if (!reading_ && !in_burst_ && may_read())
    resume_reading();
}

void connection::resume_reading() {
  reading_ = true;
  last_read_ = clock::now(); // the client could not get anything through before
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->reading_ = false;
    if (self->open_)
      self->read_burst();
  });
}

void connection::wait_writable() {
  writing_ = true;
  socket_.async_wait(boost::asio::ip::tcp::socket::wait_write,
                     [self = shared_from_this()](boost::system::error_code e) {
                       self->writing_ = false;
                       if (!e)
                         self->flush();
                     });
}

void connection::sweep(clock::time_point now) {
  using std::chrono::milliseconds;
  if (!open_)
    return;
  const auto& limits = owner_.settings();
  if (out_.sent() != sent_at_sweep_) {
    sent_at_sweep_ = out_.sent();
    last_drained_ = now;
  }
  const milliseconds drain{limits.drain_timeout_ms};
  // A slow client's bytes may be there without having woken anybody.
  if (now - last_read_ > drain / 4)
    wake_at(1);
  if (!out_.empty() && now - last_drained_ > drain)
    return close("the client does not read its answers (connection.drain.timeout.ms=" +
                 std::to_string(limits.drain_timeout_ms) + ")");
  // Where reading stopped because of answers that the client owes us to take, the rest of its request is not overdue.
  const bool paused_by_itself = session_->saturated() || out_.memory() >= unread_at_most;
  if (reader_.mid_frame() && !paused_by_itself && now - last_read_ > drain)
    return close("a request stayed unfinished (connection.drain.timeout.ms=" +
                 std::to_string(limits.drain_timeout_ms) + ")");
  if (limits.connection_idle_ms >= 0 && session_->idle() && out_.empty() &&
      now - last_read_ > milliseconds{limits.connection_idle_ms})
    return ended("idle", true);
  // Reading stopped because the node was short of memory, not because of this connection: look again.
  if (!reading_ && may_read())
    flush();
}

void connection::close(std::string reason) { ended(reason, false); }

void connection::ended(std::string_view reason, bool by_client) {
  if (!open_)
    return;
  open_ = false;
  session_->disconnected();
  account_partial(0);
  if (by_client)
    spdlog::debug("connection closed peer={} reason=\"{}\"", peer_, reason);
  else
    spdlog::warn("connection closed peer={} reason=\"{}\"", peer_, reason);
  boost::system::error_code e;
  socket_.close(e);
  owner_.forget(loop_, shared_from_this());
}

} // namespace chisme::nodes
