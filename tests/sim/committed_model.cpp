#include "tests/sim/committed_model.hpp"

namespace chisme::test {

using namespace groups;

void committed_model::apply(const change& c, of_groups& to) {
  if (c.put)
    to[c.group][c.where] = *c.put;
  else
    to[c.group].erase(c.where);
}

bool committed_model::answered(const kafka::offset_commit_request& q, const kafka::offset_commit_response& r,
                               const topic_catalog& topics) {
  const auto before = at_hand_.size();
  for (size_t t = 0; t < q.topics.size(); ++t)
    for (size_t p = 0; p < q.topics[t].partitions.size(); ++p) {
      if (r.topics.at(t).partitions.at(p).error != error_code::none)
        continue;
      const auto& partition = q.topics[t].partitions[p];
      const auto* topic = topics.find(q.topics[t].name);
      at_hand_.push_back({q.group_id,
                          {q.topics[t].name, partition.partition_index},
                          committed_offset{partition.committed_offset, topic ? topic->id : uuid{}}});
      apply(at_hand_.back(), now_);
    }
  return at_hand_.size() > before;
}

void committed_model::forgotten(const offset_record& r) {
  at_hand_.push_back({r.group, {r.topic, r.partition}, std::nullopt});
  apply(at_hand_.back(), now_);
}

const committed_model::of_group& committed_model::offsets_of(const std::string& group) const {
  static const of_group none;
  const auto i = now_.find(group);
  return i == now_.end() ? none : i->second;
}

bool committed_model::has_lost_its_topic(const offset_record& r, const topic_catalog& topics) const {
  const auto& offsets = offsets_of(r.group);
  const auto i = offsets.find({r.topic, r.partition});
  const auto* topic = topics.find(r.topic);
  return !topic || (i != offsets.end() && i->second.topic != topic->id);
}

void committed_model::committed() {
  for (const auto& c : open_.front())
    apply(c, kept_);
  open_.pop_front();
}

void committed_model::lost() {
  open_.clear();
  now_ = kept_;
}

std::string committed_model::difference(group_shard& shard, const std::string& group, const topic_catalog& topics,
                                        timestamp_ms now) const {
  const auto& expected = offsets_of(group);
  kafka::offset_fetch_request::group r;
  r.group_id = group;
  effects out;
  shard.handle({0, "tool", "/", 9}, r, topics, now, out);
  size_t found = 0;
  for (const auto& t : std::get<kafka::offset_fetch_response::group>(out.answers.at(0).response).topics)
    for (const auto& p : t.partitions) {
      const auto i = expected.find({t.name, p.partition_index});
      if (i == expected.end() || i->second.offset != p.committed_offset)
        return "offset " + std::to_string(p.committed_offset) + " of " + group + " " + t.name + "-" +
               std::to_string(p.partition_index) + " is not what was committed last";
      ++found;
    }
  return found == expected.size() ? "" : "an offset that " + group + " committed is lost";
}

} // namespace chisme::test
