// Leadership that a failure has moved goes back to where placement wants it: the first of a partition's replicas is its
// preferred leader, and over all partitions these are spread evenly. Each leader looks for itself.
#include "actors/supervisor/supervision.hpp"

#include <algorithm>
#include <utility>

namespace chisme::supervisor {

void supervision::arm_balance(context c) const {
  c.out.push_back(
    action::set_timer{std::chrono::seconds{settings_->leader_imbalance_check_interval_s}, timer::balance{}});
}

/// Who could lead in the place of this node, as it has everything; the preferred leader rather than another one.
std::optional<node_id> supervision::heir_of(const replica_key& key, const replica& r) const {
  if (r.at != phase::running || !r.image.port || (key != metadata_log_key() && !is_assigned(key)))
    return std::nullopt;
  const auto& in_sync = r.image.in_sync;
  for (const auto id : voters_of(key))
    if (id != self_ && std::ranges::find(in_sync, id) != in_sync.end())
      return id;
  return std::nullopt;
}

bool supervision::is_for_another_one(const replica_key& key, const replica& r) const {
  const auto heir = heir_of(key, r);
  return heir && key != metadata_log_key() && *heir == voters_of(key).front();
}

/// One that has just come back may go again: it has to be in sync at two looks.
void supervision::on_timer(const timer::balance&, context c) {
  arm_balance(c);
  if (leaving_)
    return;
  size_t handed_over = 0;
  for (auto& [key, r] : replicas_) {
    const bool may_be = settings_->auto_leader_rebalance && is_for_another_one(key, r);
    if (!may_be || !r.may_be_handed_over || handed_over == most_handed_over) {
      r.may_be_handed_over = may_be;
      continue;
    }
    r.may_be_handed_over = false;
    ++handed_over;
    c.out.push_back(action::hand_over{key, voters_of(key).front()});
  }
}

// -- the end of a node -------------------------------------------------------------------------------------------

/// Clients go on with the others at once, instead of waiting until these have noticed and elected.
void supervision::begin_to_leave(context c) {
  for (const auto& [key, r] : replicas_) {
    const auto heir = heir_of(key, r);
    if (!heir)
      continue;
    handing_over_.insert(key);
    c.out.push_back(action::hand_over{key, *heir});
  }
  if (handing_over_.empty())
    return end_all(c);
  c.out.push_back(action::set_timer{longest_farewell, timer::farewell{}});
}

void supervision::is_led_elsewhere(const replica_key& key, context c) {
  if (handing_over_.erase(key) > 0 && handing_over_.empty())
    end_all(c);
}

void supervision::on_timer(const timer::farewell&, context c) { end_all(c); }

} // namespace chisme::supervisor
