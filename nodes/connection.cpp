#include "nodes/connection.hpp"

#include "nodes/gateway.hpp"
#include "nodes/system_calls.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <utility>

namespace chisme::nodes {

namespace {

/// A connection gives way to the others on its thread after so many bytes.
constexpr size_t burst_bytes = 2 << 20;

/// A frame that misses so much is waited for in larger pieces, of at most the second figure.
constexpr size_t large_rest = 128 << 10;
constexpr size_t largest_wake = 512 << 10;

/// While so much waits to be read by the client, no further request of it is taken.
constexpr uint64_t unread_at_most = 4 << 20;

/// A large request that others wait for: so many bytes a second are not slow.
constexpr double slowest_rate = 1 << 20;

} // namespace

connection::connection(boost::asio::ip::tcp::socket socket, io_loop& loop, gateway& owner, session::broker& b)
  : socket_(std::move(socket)), loop_(loop), owner_(owner),
    reader_(static_cast<size_t>(b.settings->max_request_bytes)) {
  session::session_limits limits{static_cast<size_t>(b.settings->queued_requests),
                                 // No single connection may take what all have together.
                                 static_cast<size_t>(b.settings->queued_request_bytes / 2)};
  const auto& peer = socket_.peer();
  session_ = std::make_shared<session::session>(b, loop, *this, limits, peer.substr(0, peer.rfind(':')));
}

connection::~connection() {
  session_->disconnected();
  release_memory();
}

void connection::start() {
  spdlog::debug("connection opened peer={}", socket_.peer());
  wait_readable();
}

void connection::wait_readable() {
  reading_ = true;
  const auto missing = reader_.missing();
  socket_.wake_at(missing < large_rest ? 1 : std::min(missing, largest_wake));
  socket_.wait(client_socket::wait_type::wait_read,
               [self = shared_from_this()](boost::system::error_code e) { self->readable(e); });
}

void connection::readable(boost::system::error_code e) {
  reading_ = false;
  if (!open_)
    return;
  if (e)
    return ended(e.message(), false);
  read_burst();
}

bool connection::may_go_on() const {
  return open_ && out_.memory() < unread_at_most && !session_->saturated() && !owner_.is_ending();
}

/// What has begun to come in is read to its end; a large request begins when its size is known. See request_memory.hpp.
bool connection::may_receive() {
  auto& memory = owner_.memory();
  const auto size = reader_.under_way();
  if (session::request_memory::share_of(size) == session::request_memory::small)
    return reader_.mid_frame() || memory.has_room(session::request_memory::small);
  if (reserved_ > 0)
    return true;
  if (!memory.reserve(static_cast<int64_t>(size)))
    return false;
  reserved_ = static_cast<int64_t>(size);
  reserved_at_ = last_received_ = clock::now();
  return true;
}

/// Where there is no memory for another request, not beyond the end of this one. Empty: none for this one either.
std::span<std::byte> connection::room_to_receive() {
  if (!may_receive())
    return {};
  auto into = reader_.prepare();
  const auto missing = reader_.missing();
  if (missing == 0 || owner_.memory().has_room(session::request_memory::small))
    return into;
  return into.first(std::min(into.size(), missing));
}

void connection::read_burst() {
  in_burst_ = true;
  const auto left = read_and_take();
  // Still within the burst: answers that leave here must not ask for another one, or a connection that has been
  // answered would never come to rest.
  if (open_)
    session_->end_of_burst();
  in_burst_ = false;
  if (!open_)
    return;
  reader_.release();
  account_partial();
  if (!may_go_on())
    return; // an answer that leaves goes on
  if (!may_receive())
    return wait_for_room();
  if (left == rest::frames)
    resume_reading();
  else
    wait_readable();
}

connection::rest connection::take_rest(rest otherwise) { return take_frames() ? otherwise : rest::frames; }

/// Reads what has come, up to a bound, and hands over what is complete.
connection::rest connection::read_and_take() {
  size_t budget = burst_bytes;
  while (take_frames()) {
    const auto into = room_to_receive();
    if (into.empty())
      return rest::bytes;
    const auto n = uninterrupted([&] { return ::recv(socket_.fd(), into.data(), into.size(), MSG_DONTWAIT); });
    if (n > 0) {
      const auto received = static_cast<size_t>(n);
      last_read_ = last_received_ = clock::now();
      reader_.commit(received);
      if (received < into.size())
        return take_rest(rest::nothing);
      if (budget < received)
        return take_rest(rest::bytes);
      budget -= received;
    } else if (n == 0) {
      ended("closed by the client", true);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return rest::nothing;
    } else {
      ended(std::strerror(errno), true);
    }
  }
  return rest::frames;
}

/// A frame that is still coming in counts as memory, too, or unfinished requests could take any amount of it.
void connection::account_partial() {
  const auto before = std::exchange(partial_bytes_, reserved_ > 0 ? 0 : reader_.buffered());
  if (partial_bytes_ != before)
    owner_.memory().count(session::request_memory::small,
                          static_cast<int64_t>(partial_bytes_) - static_cast<int64_t>(before));
}

void connection::release_reserved() {
  if (reserved_ > 0)
    owner_.memory().count(session::request_memory::large, -std::exchange(reserved_, 0));
}

void connection::release_memory() {
  if (partial_bytes_ > 0)
    owner_.memory().count(session::request_memory::small, -static_cast<int64_t>(std::exchange(partial_bytes_, 0)));
  release_reserved();
}

void connection::wait_for_room() {
  if (!std::exchange(lacks_memory_, true))
    owner_.wait_for_room(loop_, session::request_memory::share_of(reader_.under_way()), weak_from_this());
}

void connection::there_is_room() {
  lacks_memory_ = false;
  go_on();
}

void connection::go_on() {
  if (reading_ || in_burst_ || !may_go_on())
    return;
  may_receive() ? resume_reading() : wait_for_room();
}

/// Hands over what is complete. False: stop reading for now.
bool connection::take_frames() {
  while (may_go_on()) {
    auto frame = reader_.next();
    if (!frame) {
      close(frame.error().message);
      return false;
    }
    if (!*frame)
      return true;
    session_->on_frame(std::move(**frame));
    release_reserved(); // it counts as a request from here on
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
    auto progress = out_.write_to(socket_.fd());
    if (!progress)
      return ended(progress.error().message, true);
    if (*progress == send_queue::progress::blocked)
      wait_writable();
  }
  // Answers left, so there may be room for further requests, some of which may be in the reader already.
  go_on();
}

void connection::resume_reading() {
  reading_ = true;
  last_read_ = last_received_ = clock::now(); // the client could not get anything through before
  boost::asio::post(loop_.context(), [self = shared_from_this()] {
    self->reading_ = false;
    if (self->open_)
      self->read_burst();
  });
}

void connection::wait_writable() {
  writing_ = true;
  socket_.wait(client_socket::wait_type::wait_write, [self = shared_from_this()](boost::system::error_code e) {
    self->writing_ = false;
    if (!e)
      self->flush();
    else if (self->open_)
      self->ended(e.message(), false);
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
  look_for_departure();
  if (!open_)
    return;
  const milliseconds drain{limits.drain_timeout_ms};
  // A slow client's bytes may be there without having woken anybody.
  if (now - last_read_ > drain / 4)
    socket_.wake_at(1);
  if (!out_.empty() && now - last_drained_ > drain)
    return close("the client does not read its answers (connection.drain.timeout.ms=" +
                 std::to_string(limits.drain_timeout_ms) + ")");
  close_where_overdue(now);
  if (open_ && limits.connection_idle_ms >= 0 && session_->idle() && out_.empty() &&
      now - last_read_ > milliseconds{limits.connection_idle_ms})
    ended("idle", true);
}

/// Who is not read because an answer is owed is not seen to leave. What waits for a time is answered at once. Other
/// work, such as a read that waits for a disk, may take as long as it likes: where nothing is left that the client
/// sent, it is given up as it would be if reading met the end. But not before the next sweep, because some clients
/// close their half, and read what comes.
void connection::look_for_departure() {
  if (reading_ || session_->idle() || !socket_.peer_has_closed()) {
    seems_gone_ = false;
    return;
  }
  if (session_->has_waits())
    return session_->end_waits();
  const bool has_all_been_taken = !socket_.has_bytes() && (reader_.buffered() == 0 || reader_.missing() > 0);
  if (has_all_been_taken && out_.empty() && std::exchange(seems_gone_, true))
    ended("closed by the client", true);
}

/// Where reading stopped because of answers that the client owes us to take, the rest of its request is not overdue.
/// Where it stopped for want of memory, it is if nothing of it has come that could be read.
void connection::close_where_overdue(clock::time_point now) {
  if (!reader_.mid_frame() || session_->saturated() || out_.memory() >= unread_at_most)
    return;
  const auto& limits = owner_.settings();
  const std::chrono::milliseconds drain{limits.drain_timeout_ms};
  const bool is_overdue =
    lacks_memory_ ? now - last_received_ > drain && !socket_.has_bytes() : now - last_read_ > drain;
  if (is_overdue)
    close("a request stayed unfinished (connection.drain.timeout.ms=" + std::to_string(limits.drain_timeout_ms) + ")");
  else if (reserved_ > 0 && owner_.memory().is_expected(session::request_memory::large) && is_slow(now))
    close("a request stayed unfinished while others waited for its memory (connection.drain.timeout.ms=" +
          std::to_string(limits.drain_timeout_ms) +
          ", queued.max.request.bytes=" + std::to_string(limits.queued_request_bytes) + ")");
}

/// It has stopped, or has had time enough and comes in drops.
bool connection::is_slow(clock::time_point now) const {
  const std::chrono::milliseconds drain{owner_.settings().drain_timeout_ms};
  if (now - last_received_ > drain / 8 && !socket_.has_bytes())
    return true;
  const auto seconds = std::chrono::duration<double>(now - reserved_at_).count();
  return now - reserved_at_ > drain && static_cast<double>(reader_.buffered()) < seconds * slowest_rate;
}

void connection::close(std::string reason) { ended(reason, false); }

void connection::end() {
  const auto self = shared_from_this();
  ended("the node ends", true);
}

/// `is_usual`: not worth a warning.
void connection::ended(std::string_view reason, bool is_usual) {
  if (!open_)
    return;
  open_ = false;
  session_->disconnected();
  release_memory();
  if (is_usual)
    spdlog::debug("connection closed peer={} reason=\"{}\"", socket_.peer(), reason);
  else
    spdlog::warn("connection closed peer={} reason=\"{}\"", socket_.peer(), reason);
  socket_.close();
  owner_.forget(loop_, shared_from_this());
}

} // namespace chisme::nodes
