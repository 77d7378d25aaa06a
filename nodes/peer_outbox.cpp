#include "nodes/peer_outbox.hpp"

#include <spdlog/spdlog.h>

namespace chisme::nodes {

peer_outbox::peer_outbox(int16_t version, peer::lane via, const peer_limits::of_lane& limits,
                         std::function<void()> wake)
  : version_(version), max_frame_(limits.frame), wake_(std::move(wake)),
    box_(limits.queue, via == peer::lane::bulk ? links::overflow::refuses_newest : links::overflow::drops_oldest) {}

bool peer_outbox::send(const peer_message& m) {
  auto frame = peer::encode_frame(m, version_);
  const auto size = frame.size();
  std::lock_guard lock{mutex_};
  if (size > max_frame_ + peer::size_prefix) {
    // The other side would close the connection.
    ++dropped_;
    spdlog::error("message not sent message={} bytes={} limit={}", peer::name_of(m), size, max_frame_);
    return false;
  }
  if (!open_ || !box_.push(std::move(frame)))
    return false;
  if (!std::exchange(awake_, true))
    wake_();
  return true;
}

std::optional<payload> peer_outbox::take() {
  std::lock_guard lock{mutex_};
  if (!box_.empty())
    return box_.pop();
  awake_ = false;
  return std::nullopt;
}

void peer_outbox::close() {
  std::lock_guard lock{mutex_};
  open_ = false;
  while (!box_.empty()) {
    box_.pop();
    ++dropped_;
  }
}

uint64_t peer_outbox::bytes() const {
  std::lock_guard lock{mutex_};
  return box_.bytes();
}

uint64_t peer_outbox::dropped() const {
  std::lock_guard lock{mutex_};
  return dropped_ + box_.dropped();
}

} // namespace chisme::nodes
