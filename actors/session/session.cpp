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
  const auto slot =
    add_slot(bytes, header.correlation_id, kafka::response_header_version(header.key, header.version).value_or(0));
  if (answers_much(header.key))
    expect_large_answer();
  const auto supported = decoded->supported;
  dispatch(
    {shared_from_this(), std::move(decoded->header), std::move(decoded->body), reply_slot{weak_from_this(), slot}},
    supported);
}

const std::shared_ptr<slot_state>& session::add_slot(size_t request_bytes, int32_t correlation_id,
                                                     int16_t response_header_version) {
  auto slot = std::make_shared<slot_state>();
  slot->correlation_id = correlation_id;
  slot->response_header_version = response_header_version;
  slot->request_bytes = request_bytes;
  bytes_in_flight_ += request_bytes;
  ++broker_.open_requests;
  return queue_.emplace_back(std::move(slot));
}

void session::expect_large_answer() {
  if (!queue_.empty() && !std::exchange(queue_.back()->answers_much, true))
    ++large_answers_;
}

void session::end_of_burst() {
  guarded([this] {
    hand_over_appends();
    send_finished();
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
      self->send_finished();
    });
  });
}

void session::slot_finished() {
  if (!send_scheduled_.exchange(true)) {
    loop_.post([weak = weak_from_this()] {
      if (auto self = weak.lock())
        self->guarded([&] { self->send_finished(); });
    });
  }
}

void session::close_later(std::string reason) {
  loop_.post([weak = weak_from_this(), why = std::move(reason)]() mutable {
    if (auto self = weak.lock())
      self->close(std::move(why));
  });
}

void session::send_finished() {
  // Before looking at the queue: a slot that finishes from here on posts again, so none is overlooked. Exchanged,
  // not stored: so one sees what was finished by those who found it set and did not post.
  send_scheduled_.exchange(false);
  if (!transport_)
    return;
  while (!queue_.empty()) {
    auto& head = *queue_.front();
    auto phase = head.now.load(std::memory_order_acquire);
    if (phase == slot_state::phase::open)
      break;
    if (phase == slot_state::phase::lost)
      return close("a request was lost before it was answered");
    if (phase == slot_state::phase::answered)
      transport_->send(kafka::encode_response(head.correlation_id, head.response_header_version, std::move(head.body)));
    bytes_in_flight_ -= head.request_bytes;
    large_answers_ -= head.answers_much ? 1 : 0;
    --broker_.open_requests;
    queue_.pop_front();
  }
  transport_->flush();
}

} // namespace chisme::session
