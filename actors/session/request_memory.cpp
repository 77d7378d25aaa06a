#include "actors/session/request_memory.hpp"

namespace chisme::session {

namespace {

struct held_frame {
  held_frame(std::shared_ptr<request_memory> m, buffer f) : memory(std::move(m)), frame(std::move(f)) {
    memory->count(request_memory::share_of(frame.size()), static_cast<int64_t>(frame.size()));
  }
  held_frame(const held_frame&) = delete;
  held_frame& operator=(const held_frame&) = delete;
  ~held_frame() {
    const auto size = frame.size();
    frame = {}; // before it counts as gone
    memory->count(request_memory::share_of(size), -static_cast<int64_t>(size));
  }

  std::shared_ptr<request_memory> memory;
  buffer frame;
};

} // namespace

buffer request_memory::hold(buffer frame) {
  auto held = std::make_shared<const held_frame>(shared_from_this(), std::move(frame));
  const auto view = held->frame.view();
  return {std::move(held), view};
}

void request_memory::count(share of, int64_t more) {
  held_[of].fetch_add(more);
  if (more < 0 && has_room(of))
    tell_of_room(of);
}

bool request_memory::reserve(int64_t bytes) {
  auto held = held_[large].load();
  while (held < limit_)
    if (held_[large].compare_exchange_weak(held, held + bytes))
      return true;
  return false;
}

/// Who frees memory looks for somebody who waits after that, and who waits looks for memory after saying so: so one of
/// the two sees the other.
void request_memory::expect_room(share of) {
  expected_[of].store(true);
  if (has_room(of))
    tell_of_room(of);
}

void request_memory::tell_of_room(share of) {
  if (expected_[of].load() && expected_[of].exchange(false) && on_room_)
    on_room_(of);
}

} // namespace chisme::session
