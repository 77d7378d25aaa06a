#include "actors/raft/progress.hpp"

#include <algorithm>

namespace chisme::raft {

bool progress::may_send(size_t in_flight) const {
  if (silent_ || is_asked_ || is_held_up_)
    return false;
  return in_flight_ < (state_ == state::replicate ? std::min(in_flight, window) : 1);
}

void progress::sent(position from, position to) {
  is_asked_ = false;
  if (in_flight_ == window || (state_ != state::reset && from != next_))
    return;
  if (state_ != state::reset)
    is_owed_word_ = false;
  if (in_flight_ == 0)
    ticks_ = 0;
  flight_[in_flight_++] = to;
  if (state_ == state::replicate)
    next_ = to;
}

void progress::hold_up() {
  is_asked_ = false;
  is_held_up_ = true;
}

void progress::reset() {
  forget_flight();
  state_ = state::reset;
}

void progress::probe(position at) {
  forget_flight();
  state_ = state::probe;
  next_ = at;
}

bool progress::acknowledged(position at) {
  const bool is_new = at > match_;
  match_ = std::max(match_, at);
  ticks_ = 0;
  const auto last = in_flight_ > 0 ? flight_[in_flight_ - 1u] : at;
  const auto open = std::find_if(flight_.begin(), flight_.begin() + in_flight_, [&](position p) { return p > at; });
  const auto left = std::move(open, flight_.begin() + in_flight_, flight_.begin());
  in_flight_ = static_cast<uint8_t>(left - flight_.begin());
  if (state_ != state::replicate) {
    // What a reset was sent for is behind its start; a probe may have brought more than is synced so far.
    next_ = std::max(at, state_ == state::probe ? last : at);
    state_ = state::replicate;
  }
  next_ = std::max(next_, at);
  return is_new;
}

void progress::silent() {
  silent_ = true;
  probe(state_ == state::replicate ? match_ : next_);
}

void progress::heard() { silent_ = false; }

void progress::restarted() {
  has_lost_disk_ = false; // it says so itself
  probe(state_ == state::replicate ? match_ : next_);
  match_ = before_all;
}

void progress::tick() {
  if (is_held_up_) {
    is_held_up_ = false;
    return;
  }
  if (in_flight_ == 0 || ++ticks_ < 2)
    return;
  if (state_ == state::replicate)
    probe(match_);
  else
    forget_flight();
}

void progress::forget_flight() {
  in_flight_ = 0;
  ticks_ = 0;
  is_asked_ = false;
  is_held_up_ = false;
}

} // namespace chisme::raft
