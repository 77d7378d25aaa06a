#include "tests/bench/groups/member.hpp"

#include <algorithm>
#include <cmath>

namespace chisme::bench {

member::member(event_loop& loop, const group_plan& plan, std::string group, size_t number)
  : plan_(plan), group_(std::move(group)), loop_(loop), number_(number), coordinator_(loop, plan.port) {
  if (plan_.reads)
    reader_.emplace(loop, plan_.port, coordinator_, plan_.topic_id, *plan_.reads, number_,
                    [this] { return identity(); });
}

void member::pace(double seconds) {
  constexpr double golden_ratio = 0.6180339887; // its multiples spread evenly over [0, 1)
  const auto part = std::fmod(golden_ratio * static_cast<double>(number_), 1);
  loop_.at(now() + part * seconds, [this, pace = ++pace_, seconds] { beat(pace, seconds); });
}

void member::beat(uint64_t pace, double seconds) {
  if (pace != pace_)
    return;
  heartbeat();
  loop_.at(now() + seconds, [this, pace, seconds] { beat(pace, seconds); });
}

void member::own(std::vector<int32_t> partitions) {
  std::ranges::sort(partitions);
  if (reader_)
    reader_->assign(partitions);
}

} // namespace chisme::bench
