#include "actors/session/reply_slot.hpp"

#include "actors/session/session.hpp"

namespace chisme::session {

reply_slot::reply_slot(std::weak_ptr<session> owner, std::shared_ptr<slot_state> state)
  : right_(std::make_shared<right>(std::move(owner), std::move(state))) {}

void reply_slot::complete(payload body) const {
  if (right_->used.exchange(true))
    return;
  right_->state->body = std::move(body);
  right_->finish(slot_state::phase::answered);
}

void reply_slot::complete_silently() const {
  if (!right_->used.exchange(true))
    right_->finish(slot_state::phase::silent);
}

void reply_slot::close_connection(std::string why) const {
  if (right_->used.exchange(true))
    return;
  if (auto s = right_->owner.lock())
    s->close_later(std::move(why));
}

void reply_slot::right::finish(slot_state::phase how) {
  state->now.store(how, std::memory_order_release);
  if (auto s = owner.lock())
    s->slot_finished();
}

reply_slot::right::~right() {
  if (!used.exchange(true))
    finish(slot_state::phase::lost);
}

} // namespace chisme::session
