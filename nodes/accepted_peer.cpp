#include "nodes/accepted_peer.hpp"

#include "nodes/peer_socket.hpp"
#include "nodes/send_queue.hpp"
#include "nodes/system_calls.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace chisme::nodes {

namespace {

/// A hello takes a few hundred bytes.
constexpr size_t largest_hello = 4096;
constexpr std::string_view not_a_hello = "of a hello: not a node of this kind";
constexpr std::string_view not_a_message = "of a message between nodes";
/// It gives way to the others on its loop after so many bytes.
constexpr size_t burst_bytes = 2 << 20;
/// A frame that misses so much is waited for in larger pieces, of at most the second figure.
constexpr size_t large_rest = 128 << 10;
constexpr size_t largest_wake = 512 << 10;

std::shared_ptr<session::request_memory> memory_of(int64_t limit, const std::shared_ptr<release_notifier>& room) {
  return std::make_shared<session::request_memory>(limit, [room](auto of) { room->notify(of); });
}

} // namespace

accepted_peer::accepted_peer(boost::asio::ip::tcp::socket socket, links::connection_id id, io_loop& loop,
                             const peer_limits& limits, std::weak_ptr<accepted_peer_owner> owner)
  : socket_(std::move(socket)), id_(id), loop_(loop), limits_(limits), owner_(std::move(owner)),
    reader_(largest_hello, not_a_hello), memory_(memory_of(limits.control.memory, room_)) {}

accepted_peer::~accepted_peer() { room_->unsubscribe(); }

void accepted_peer::start() {
  watch_peer(socket_.fd(), limits_.stalled);
  deadline_ = loop_.after(limits_.hello, [weak = weak_from_this()] {
    if (const auto self = weak.lock())
      self->end("no hello came in time");
  });
  wait_readable();
}

void accepted_peer::wait_readable() {
  const auto missing = reader_.missing();
  socket_.wake_at(missing < large_rest ? 1 : std::min(missing, largest_wake));
  socket_.wait(client_socket::wait_type::wait_read, [self = shared_from_this()](boost::system::error_code e) {
    if (!self->open_)
      return;
    if (e)
      return self->end(e.message(), accepted_peer_end::gone);
    self->read_burst();
  });
}

void accepted_peer::read_burst() {
  size_t budget = burst_bytes;
  while (take_frames()) {
    const auto into = reader_.prepare();
    const auto n = uninterrupted([&] { return ::recv(socket_.fd(), into.data(), into.size(), MSG_DONTWAIT); });
    if (n == 0)
      return end("closed by the other side", accepted_peer_end::gone);
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
      return end(std::strerror(errno), accepted_peer_end::gone);
    if (n > 0)
      reader_.commit(static_cast<size_t>(n));
    const auto received = static_cast<size_t>(std::max<ssize_t>(n, 0));
    if (received < into.size() || received >= budget) {
      if (!take_frames())
        return;
      reader_.release();
      return wait_readable(); // at once where there is more: the others on the loop come first
    }
    budget -= received;
  }
}

/// Hands over what is complete. False: stop reading for now, or for ever.
bool accepted_peer::take_frames() {
  while (open_) {
    for (const auto of : {session::request_memory::small, session::request_memory::large})
      if (!memory_->has_room(of)) {
        lacks_memory_ = true;
        memory_->expect_room(of);
        return false;
      }
    auto frame = reader_.next();
    if (!frame) {
      end(frame.error().message);
      return false;
    }
    if (!*frame)
      return true;
    take(std::move(**frame));
  }
  return false;
}

void accepted_peer::there_is_room() {
  if (open_ && std::exchange(lacks_memory_, false))
    read_burst();
}

void accepted_peer::take(buffer frame) {
  if (!version_)
    return take_hello(frame);
  const auto owner = owner_.lock();
  if (!owner)
    return close();
  const auto kind = frame.empty() ? uint8_t{0} : std::to_integer<uint8_t>(frame.data()[0]);
  auto message = peer::decode_frame(memory_->hold(std::move(frame)), *version_);
  if (!message && message.error().code == error_code::unsupported_version)
    return owner->skipped(*this, kind, message.error().message);
  if (!message)
    return end(message.error().message);
  if (std::holds_alternative<peer::hello>(*message) || std::holds_alternative<peer::hello_answer>(*message) ||
      peer::lane_of(*message) != via_)
    return end("a " + std::string{peer::name_of(*message)} + " does not belong here");
  owner->arrived(*this, std::move(*message));
}

void accepted_peer::take_hello(const buffer& frame) {
  auto message = peer::decode_frame(frame, peer::hello::max_version);
  const auto* hello = message ? std::get_if<peer::hello>(&*message) : nullptr;
  if (!hello)
    return end("no hello came first: not a node of this kind" +
               (message ? std::string{} : " (" + message.error().message + ")"));
  if (const auto owner = owner_.lock())
    owner->hello_came(*this, *hello);
}

void accepted_peer::admit(const peer::hello& hello, int16_t version, const peer::hello_answer& answer) {
  deadline_.reset();
  version_ = version;
  process_ = hello.from;
  via_ = hello.via;
  const auto& limits = limits_.of(via_);
  reader_.set_max_frame(limits.frame, not_a_message);
  memory_ = memory_of(limits.memory, room_);
  room_->subscribe([weak = weak_from_this(), &loop = loop_](auto) {
    loop.post([weak] {
      if (const auto self = weak.lock())
        self->there_is_room();
    });
  });
  if (!answer_with(answer))
    end("it does not take the answer to its hello", accepted_peer_end::gone);
}

void accepted_peer::refuse(const peer::hello_answer& answer) {
  answer_with(answer);
  end("refused", accepted_peer_end::refused);
}

/// A few hundred bytes, which a new connection takes at once.
bool accepted_peer::answer_with(const peer::hello_answer& answer) {
  send_queue out;
  out.push(peer::encode_frame(answer, peer::hello_answer::max_version));
  const auto progress = out.write_to(socket_.fd());
  return progress && *progress == send_queue::progress::done;
}

void accepted_peer::close() {
  if (std::exchange(open_, false))
    let_go();
}

void accepted_peer::let_go() {
  deadline_.reset();
  room_->unsubscribe();
  socket_.close();
}

/// The other side sees it when all here know of it.
void accepted_peer::end(const std::string& reason, accepted_peer_end how) {
  if (!std::exchange(open_, false))
    return;
  const auto self = shared_from_this();
  if (const auto owner = owner_.lock())
    owner->ended(*this, reason, how);
  let_go();
}

} // namespace chisme::nodes
