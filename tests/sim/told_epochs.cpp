#include "tests/sim/told_epochs.hpp"

#include <algorithm>

namespace chisme::test {

using namespace groups;

/// One instance is one member: who had it before is fenced.
void told_epochs::came(const std::string& member, int32_t epoch, const std::optional<std::string>& instance) {
  epochs_[member] = epoch;
  if (!instance)
    return;
  auto& holder = instances_[*instance];
  if (holder != member)
    epochs_.erase(holder);
  holder = member;
}

void told_epochs::told(const group_request& q, const group_response& r) {
  if (const auto* join = std::get_if<kafka::join_group_response>(&r)) {
    if (join->error == error_code::none)
      came(join->member_id, join->generation_id, std::get<kafka::join_group_request>(q).group_instance_id);
  } else if (const auto* beat = std::get_if<kafka::consumer_group_heartbeat_response>(&r)) {
    if (beat->error == error_code::none && beat->member_epoch == leaving_epoch)
      epochs_.erase(*beat->member_id);
    else if (beat->error == error_code::none)
      came(*beat->member_id, beat->member_epoch, std::get<kafka::consumer_group_heartbeat_request>(q).instance_id);
  }
}

void told_epochs::only(const std::set<std::string>& members) {
  std::erase_if(epochs_, [&](const auto& e) { return !members.contains(e.first); });
  members_ = members.size();
}

std::string told_epochs::wrong_with(const kafka::offset_commit_request& q) const {
  const auto epoch = q.generation_id_or_member_epoch;
  if (epoch < 0)
    return members_ == 0 ? "" : "a commit from nobody is taken, while there are members";
  const auto told = epochs_.find(q.member_id);
  if (told == epochs_.end())
    return "a commit of " + q.member_id + " is taken, who is no member";
  return told->second == epoch ? ""
                               : "a commit of " + q.member_id + " in epoch " + std::to_string(epoch) +
                                   " is taken, who was told " + std::to_string(told->second);
}

bool told_epochs::is_told_newest(const std::string& member) const {
  const auto i = epochs_.find(member);
  return i != epochs_.end() &&
         std::ranges::all_of(epochs_, [&](const auto& other) { return other.second <= i->second; });
}

std::string told_epochs::missing_in(const std::vector<group_record>& records) const {
  std::map<std::string, int32_t> reached; // by the records
  std::set<std::string> classic;
  for (const auto& r : records)
    if (const auto* g = std::get_if<classic_group_record>(&r)) {
      for (const auto& m : g->value->members) {
        reached[m.member_id] = g->value->generation;
        classic.insert(m.member_id);
      }
    } else if (const auto* c = std::get_if<consumer_group_record>(&r)) {
      if (const auto* m = std::get_if<current_assignment_record>(c))
        reached[m->name] = m->value->member_epoch;
      if (const auto* m = std::get_if<member_metadata_record>(c); m && m->value->classic)
        classic.insert(m->name);
    }
  for (const auto& [member, epoch] : epochs_) {
    const auto r = reached.find(member);
    // A record of a classic group has one generation for all: who comes of a consumer group may be behind that, and is
    // told so.
    const bool is_known = r != reached.end() && (classic.contains(member) ? r->second >= epoch : r->second == epoch);
    if (!is_known)
      return member + " was told epoch " + std::to_string(epoch) + ", and no record says so";
  }
  return "";
}

} // namespace chisme::test
