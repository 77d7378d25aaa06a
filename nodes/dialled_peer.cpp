#include "nodes/dialled_peer.hpp"

#include "nodes/peer_socket.hpp"
#include "nodes/system_calls.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>

#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace chisme::nodes {

namespace asio = boost::asio;

namespace {

/// The answer holds a sentence.
constexpr size_t largest_answer = 8192;
constexpr std::string_view not_an_answer = "of an answer to a hello: not a node of this kind";
/// It gives way to the others on its loop after so many bytes.
constexpr uint64_t turn_bytes = 4 << 20;

} // namespace

dialled_peer::dialled_peer(links::dial what, io_loop& loop, const peer_limits& limits,
                           std::weak_ptr<dialled_peer_owner> owner)
  : what_(std::move(what)), loop_(loop), limits_(limits), owner_(std::move(owner)),
    reader_(largest_answer, not_an_answer) {}

void dialled_peer::start(const peer::hello& hello) {
  auto frame = peer::encode_frame(hello, peer::hello::max_version);
  handed_ += frame.size();
  out_.push(std::move(frame));
  deadline_ = loop_.after(limits_.dial, [weak = weak_from_this()] {
    if (const auto self = weak.lock())
      self->end("no answer within " + std::to_string(self->limits_.dial.count()) + " ms");
  });
  resolve();
}

void dialled_peer::resolve() {
  boost::system::error_code e;
  const auto literal = asio::ip::make_address(what_.to.host, e);
  if (!e)
    return connect(tcp::resolver::results_type::create(tcp::endpoint{literal, what_.to.port}, what_.to.host, ""));
  resolver_.emplace(loop_.context());
  resolver_->async_resolve(what_.to.host, std::to_string(what_.to.port), tcp::resolver::numeric_service,
                           [self = shared_from_this()](boost::system::error_code failed, auto found) {
                             if (!self->open_)
                               return;
                             if (failed)
                               return self->end("cannot resolve its name: " + failed.message());
                             self->connect(found);
                           });
}

void dialled_peer::connect(const tcp::resolver::results_type& to) {
  connecting_.emplace(loop_.context());
  asio::async_connect(*connecting_, to, [self = shared_from_this()](boost::system::error_code e, const auto&) {
    if (!self->open_)
      return;
    if (e)
      return self->end(e.message());
    self->connected();
  });
}

void dialled_peer::connected() {
  socket_.emplace(std::move(*connecting_));
  connecting_.reset();
  watch_peer(socket_->fd(), limits_.stalled);
  bound_unsent(socket_->fd(), limits_.of(what_.via).unsent);
  wait_readable();
  drain();
}

void dialled_peer::wait_readable() {
  socket_->wait(client_socket::wait_type::wait_read, [self = shared_from_this()](boost::system::error_code e) {
    if (!self->open_)
      return;
    if (e)
      return self->end(e.message());
    self->readable();
  });
}

void dialled_peer::readable() {
  const auto into = reader_.prepare();
  const auto n = uninterrupted([&] { return ::recv(socket_->fd(), into.data(), into.size(), MSG_DONTWAIT); });
  if (n == 0)
    return end(is_answered_ ? "closed by the other side" : "closed by the other side without an answer to the hello");
  if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
    return end(std::strerror(errno));
  if (n > 0 && is_answered_)
    return end("it sends where it is only to read");
  if (n > 0) {
    reader_.commit(static_cast<size_t>(n));
    take_answer();
  }
  if (open_)
    wait_readable();
}

void dialled_peer::take_answer() {
  auto frame = reader_.next();
  if (!frame)
    return end(frame.error().message);
  if (!*frame)
    return;
  auto message = peer::decode_frame(**frame, peer::hello_answer::max_version);
  const auto* answer = message ? std::get_if<peer::hello_answer>(&*message) : nullptr;
  if (!answer)
    return end("it does not answer a hello: not a node of this kind" +
               (message ? std::string{} : " (" + message.error().message + ")"));
  if (reader_.buffered() > 0)
    return end("it sends where it is only to read");
  is_answered_ = true;
  deadline_.reset();
  frame->reset();
  reader_.release();
  if (const auto owner = owner_.lock())
    owner->answered(what_.id, *answer);
}

void dialled_peer::use(std::shared_ptr<peer_outbox> box) { box_ = std::move(box); }

/// As much as is to be on its way at a time: what is left in the box can still be dropped for something newer.
bool dialled_peer::refill() {
  const auto most = limits_.of(what_.via).handed;
  while (box_ && handed_ - out_.sent() < most) {
    auto frame = box_->take();
    if (!frame)
      break;
    handed_ += frame->size();
    out_.push(std::move(*frame));
  }
  return !out_.empty();
}

void dialled_peer::drain() {
  if (!open_ || !socket_ || writing_)
    return;
  const auto end_of_turn = out_.sent() + turn_bytes;
  while (refill()) {
    const auto progress = out_.write_to(socket_->fd());
    if (!progress)
      return end(progress.error().message);
    if (*progress == send_queue::progress::blocked)
      return wait_writable();
    if (out_.sent() > end_of_turn)
      return loop_.post([self = shared_from_this()] { self->drain(); });
  }
}

void dialled_peer::wait_writable() {
  writing_ = true;
  socket_->wait(client_socket::wait_type::wait_write, [self = shared_from_this()](boost::system::error_code e) {
    self->writing_ = false;
    if (!self->open_)
      return;
    if (e)
      return self->end(e.message());
    self->drain();
  });
}

void dialled_peer::close() {
  if (!std::exchange(open_, false))
    return;
  deadline_.reset();
  if (box_)
    box_->close();
  if (resolver_)
    resolver_->cancel();
  boost::system::error_code ignored;
  if (connecting_)
    connecting_->close(ignored);
  if (socket_)
    socket_->close();
}

void dialled_peer::end(const std::string& words) {
  if (!open_)
    return;
  const auto self = shared_from_this();
  close();
  if (const auto owner = owner_.lock())
    owner->failed(what_.id, words);
}

} // namespace chisme::nodes
