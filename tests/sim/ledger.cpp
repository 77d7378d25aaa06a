#include "tests/sim/ledger.hpp"

#include <algorithm>

namespace chisme::test {

namespace {

std::string in_quotes(const std::string& s) { return '"' + s + '"'; }

} // namespace

void ledger::note_broken(std::string what) {
  if (broken_.empty())
    broken_ = std::move(what);
}

// -- records -------------------------------------------------------------------------------------------------------

void ledger::record(const topic_partition& in, offset_t at, const std::string& value, const char* to) {
  promised();
  const auto [known, is_new] = records_[in].try_emplace(at, value);
  if (!is_new && known->second != value)
    note_broken(to_string(in) + " offset " + std::to_string(at) + " was " + in_quotes(known->second) + ", now " + to +
                " is told " + in_quotes(value));
}

void ledger::committed(const topic_partition& in, offset_t high_watermark) {
  auto& known = committed_[in];
  if (high_watermark < known)
    note_broken("the high watermark of " + to_string(in) + " went back from " + std::to_string(known) + " to " +
                std::to_string(high_watermark));
  known = std::max(known, high_watermark);
}

void ledger::committed(const topic_partition& in, leader_epoch_t epoch, offset_t floor, offset_t high_watermark) {
  if (epoch < 0)
    return committed(in, high_watermark);
  promised();
  if (high_watermark < floor)
    note_broken("the high watermark of " + to_string(in) + " in epoch " + std::to_string(epoch) + " is " +
                std::to_string(high_watermark) + " when " + std::to_string(floor) + " was told before");
  auto& known = committed_in_[in][epoch];
  known = std::max(known, high_watermark);
  auto& largest = committed_[in];
  largest = std::max(largest, high_watermark);
}

offset_t ledger::committed_before(const topic_partition& in, leader_epoch_t epoch) const {
  offset_t floor = 0;
  if (const auto known = committed_in_.find(in); known != committed_in_.end())
    for (const auto& [of, end] : known->second)
      if (of <= epoch)
        floor = std::max(floor, end);
  return floor;
}

void ledger::leader_told(const topic_partition& in, leader_epoch_t epoch, node_id leader) {
  const auto [known, is_new] = leaders_.try_emplace({in, epoch}, leader);
  if (!is_new && known->second != leader)
    note_broken(to_string(in) + " is led in epoch " + std::to_string(epoch) + " by node " +
                std::to_string(known->second) + " and by node " + std::to_string(leader));
}

offset_t ledger::known_end(const topic_partition& in) const {
  const auto i = committed_.find(in);
  return i == committed_.end() ? 0 : i->second;
}

void ledger::check_content(const topic_partition& in, const std::vector<std::string>& values, offset_t high_watermark) {
  committed(in, high_watermark);
  if (static_cast<offset_t>(values.size()) != high_watermark)
    return note_broken("reads of " + to_string(in) + " end at " + std::to_string(values.size()) +
                       ", the high watermark is " + std::to_string(high_watermark));
  std::map<std::string, size_t> seen;
  for (size_t i = 0; i < values.size(); ++i)
    if (const auto [first, is_new] = seen.try_emplace(values[i], i); !is_new)
      return note_broken(in_quotes(values[i]) + " stands in " + to_string(in) + " at " + std::to_string(first->second) +
                         " and at " + std::to_string(i));
  for (const auto& [at, value] : records_[in])
    if (at >= high_watermark || values[static_cast<size_t>(at)] != value)
      return note_broken(to_string(in) + " offset " + std::to_string(at) + ", promised to be " + in_quotes(value) +
                         ", is lost");
}

// -- topics --------------------------------------------------------------------------------------------------------

void ledger::topic_answered(const std::string& name, bool exists) {
  promised();
  topics_[name] = exists;
  uncertain_.erase(name);
}

std::string ledger::wrong_topic(const std::set<std::string>& there) const {
  for (const auto& [name, exists] : topics_)
    if (!uncertain_.contains(name) && exists != there.contains(name))
      return "topic " + name + (exists ? " was created and is not there" : " was deleted and is there");
  return "";
}

void ledger::check_topics(const std::set<std::string>& there) {
  if (const auto wrong = wrong_topic(there); !wrong.empty())
    note_broken(wrong);
}

// -- offsets -------------------------------------------------------------------------------------------------------

void ledger::commit_sent(const std::string& group, const topic_partition& of, offset_t offset) {
  auto& possible = offsets_[{group, of}];
  if (possible.empty())
    possible.insert(-1);
  possible.insert(offset);
}

void ledger::commit_answered(const std::string& group, const topic_partition& of, offset_t offset) {
  promised();
  offsets_[{group, of}] = {offset};
}

bool ledger::is_committed(const std::string& group, const topic_partition& of) const {
  const auto i = offsets_.find({group, of});
  return i != offsets_.end() && !i->second.empty() && !i->second.contains(-1);
}

void ledger::committed_offset(const std::string& group, const topic_partition& of, offset_t offset) {
  promised();
  auto& possible = offsets_[{group, of}];
  if (possible.empty())
    possible.insert(-1);
  if (!possible.contains(offset))
    note_broken("group " + group + " has committed " + std::to_string(offset) + " of " + to_string(of) +
                ", which is none of the " + std::to_string(possible.size()) + " that it may be, the largest of them " +
                std::to_string(*possible.rbegin()));
  possible = {offset};
}

// -- producers and generations -------------------------------------------------------------------------------------

void ledger::producer_id(int64_t id) {
  promised();
  if (!producer_ids_.insert(id).second)
    note_broken("producer id " + std::to_string(id) + " was given twice");
}

void ledger::generation(const std::string& group, int32_t id) {
  promised();
  generations_[group] = std::max(generations_[group], id);
}

int32_t ledger::newest_generation(const std::string& group) const {
  const auto i = generations_.find(group);
  return i == generations_.end() ? 0 : i->second;
}

void ledger::generation_accepted(const std::string& group, int32_t of, int32_t known) {
  if (of < known)
    note_broken("group " + group + " accepts a member of generation " + std::to_string(of) + " when one was told of " +
                std::to_string(known));
}

} // namespace chisme::test
