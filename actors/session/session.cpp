#include "actors/session/session.hpp"

#include "actors/session/api_table.hpp"
#include "messages/kafka/header.hpp"

#include <utility>

namespace chisme::session {

session::session(broker& b, loop& l, transport& t, session_limits limits, std::string host)
  : broker_(b), loop_(l), transport_(&t), limits_(limits), host_(std::move(host)), fetch_session_(b.fetch_sessions) {}

session::~session() { disconnected(); }

void session::on_frame(buffer frame) {
  guarded([&] { take(std::move(frame)); });
}

void session::take(buffer frame) {
  if (!transport_)
    return;
  // Answers that finish while the burst goes on are sent at its end; nobody needs to post for that.
  send_scheduled_.exchange(true);
  const auto bytes = frame.size();
  frame = broker_.memory->hold(std::move(frame));
  auto decoded = kafka::decode_request_header(frame);
  if (!decoded)
    return close("request header: " + decoded.error().message);
  const auto& header = decoded->header;
  auto queued =
    std::make_shared<queued_request>(weak_from_this(), bytes, header.correlation_id,
                                     kafka::response_header_version(header.key, header.version).value_or(0));
  bytes_in_flight_ += bytes;
  ++broker_.open_requests;
  queue_.push_back(queued);
  if (answers_much(header.key))
    expect_large_answer();
  const auto supported = decoded->supported;
  dispatch(
    {shared_from_this(), std::move(decoded->header), std::move(decoded->body), reply<outcome>{std::move(queued), 0}},
    supported);
}

void session::expect_large_answer() {
  if (!queue_.empty() && !std::exchange(queue_.back()->answers_much, true))
    ++large_answers_;
}

void session::end_of_burst() {
  guarded([this] {
    hand_over_appends();
    send_answered();
  });
}

bool session::saturated() const {
  return queue_.size() >= limits_.max_requests || bytes_in_flight_ >= limits_.max_bytes || large_answers_ > 0;
}

void session::disconnected() {
  transport_ = nullptr;
  gone_.store(true, std::memory_order_relaxed);
  fetch_session_.close();
  // Dropped requests answer as they go, so nothing of the session may be half changed by then.
  auto appends = std::move(appends_);
  auto queue = std::move(queue_);
  auto timers = std::move(timers_);
  appends_.clear();
  places_in_appends_.clear();
  queue_.clear();
  timers_.clear();
  bytes_in_flight_ = 0;
  large_answers_ = 0;
  broker_.open_requests -= static_cast<int64_t>(queue.size());
}

void session::append(const partition::port_ptr& to, partition::append_request request) {
  const auto [place, is_new] = places_in_appends_.try_emplace(to.get(), appends_.size());
  if (is_new)
    appends_.push_back({to, {}});
  appends_[place->second].batch.requests.push_back(std::move(request));
}

void session::start_timer(const void* who, std::chrono::milliseconds delay, std::function<void()> f) {
  if (!transport_)
    return;
  if (waits_end_)
    return run_later(std::move(f));
  auto handle = loop_.after(delay, [self = shared_from_this(), f] { self->guarded(f); });
  timers_[who] = {std::move(f), std::move(handle)};
}

void session::end_waits() {
  waits_end_ = true;
  for (auto& [who, waiting] : std::exchange(timers_, {}))
    run_later(std::move(waiting.f));
}

void session::hand_over_appends() {
  for (auto& x : appends_)
    x.to->send(std::move(x.batch));
  appends_.clear();
  places_in_appends_.clear();
}

void session::close(std::string reason) {
  if (!transport_)
    return;
  auto* t = transport_;
  disconnected();
  t->close(std::move(reason));
}

void session::run_later(std::function<void()> f) {
  loop_.post([self = shared_from_this(), run = std::move(f)] {
    self->guarded([&] {
      self->send_scheduled_.exchange(true);
      run();
      self->send_answered();
    });
  });
}

void session::answered() {
  if (!send_scheduled_.exchange(true)) {
    loop_.post([weak = weak_from_this()] {
      if (auto self = weak.lock())
        self->guarded([&] { self->send_answered(); });
    });
  }
}

void session::send_answered() {
  // Before looking at the queue: who is answered from here on posts again, so none is overlooked. Exchanged, not
  // stored: so one sees what was given by those who found it set and did not post.
  send_scheduled_.exchange(false);
  if (!transport_)
    return;
  while (!queue_.empty() && queue_.front()->is_answered()) {
    if (!send(*queue_.front()))
      return;
    queue_.pop_front();
  }
  transport_->flush();
}

/// False: the connection is closed.
bool session::send(queued_request& head) {
  auto& given = head.given();
  if (!given.failure.empty()) {
    close(std::move(given.failure));
    return false;
  }
  if (given.encode)
    transport_->send(kafka::encode_response(head.correlation_id, head.response_header_version, given.encode()));
  bytes_in_flight_ -= head.request_bytes;
  large_answers_ -= head.answers_much ? 1 : 0;
  --broker_.open_requests;
  return true;
}

void queued_request::deliver(size_t, outcome value) {
  given_ = std::move(value);
  is_answered_.store(true, std::memory_order_release);
  if (auto s = owner_.lock())
    s->answered();
}

} // namespace chisme::session
