// A consumer group to talk to: topics that a test makes, members that speak to the group, and what was said
// as text.
#pragma once

#include "actors/groups/consumer_group.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {

using namespace chisme::groups;
using heartbeat_request = kafka::consumer_group_heartbeat_request;
using heartbeat_response = kafka::consumer_group_heartbeat_response;

class test_catalog : public topic_catalog {
public:
  void put(const std::string& name, int32_t partitions) {
    auto [i, is_new] = by_name_.try_emplace(name);
    if (is_new)
      i->second.id.bytes[15] = ++last_id_;
    i->second.name = name;
    i->second.partitions = partitions;
    ++version_;
  }
  void remove(const std::string& name) {
    by_name_.erase(name);
    ++version_;
  }

  const topic_info* find(std::string_view name) const override {
    const auto i = by_name_.find(name);
    return i == by_name_.end() ? nullptr : &i->second;
  }
  const topic_info* find(const uuid& id) const override {
    for (const auto& [name, topic] : by_name_)
      if (topic.id == id)
        return &topic;
    return nullptr;
  }
  std::vector<std::string_view> names() const override {
    std::vector<std::string_view> out;
    for (const auto& [name, topic] : by_name_)
      out.push_back(name);
    return out;
  }
  uint64_t version() const override { return version_; }

private:
  std::map<std::string, topic_info, std::less<>> by_name_;
  uint64_t version_ = 1;
  uint8_t last_id_ = 0;
};

/// What a request says of the partitions a member has.
inline std::vector<heartbeat_request::owned_topic> owned(const partition_set& set) {
  return by_topic<heartbeat_request::owned_topic>(set);
}

/// The first heartbeat of a member.
inline heartbeat_request join_request(const std::string& member, std::vector<std::string> topics) {
  heartbeat_request r;
  r.group_id = "g";
  r.member_id = member;
  r.rebalance_timeout_ms = 10'000;
  r.subscribed_topic_names = std::move(topics);
  r.topic_partitions.emplace();
  return r;
}

/// One with nothing new.
inline heartbeat_request beat_request(const std::string& member, int32_t epoch) {
  heartbeat_request r;
  r.group_id = "g";
  r.member_id = member;
  r.member_epoch = epoch;
  return r;
}

class consumer_group_test : public ::testing::Test {
protected:
  struct member {
    int32_t epoch = 0;
    partition_set has;
    std::optional<partition_set> told; ///< by the last answer that had an assignment
  };

  consumer_group_test() { catalog_.put("t", 4); }

  heartbeat_response send(const heartbeat_request& r, int16_t version = 1) { return send(*group_, r, version); }
  heartbeat_response send(consumer_group& to, const heartbeat_request& r, int16_t version = 1) {
    consumer_group_effects out;
    to.heartbeat({++ticket_, "client", "/127.0.0.1", version}, r, now_, catalog_, out);
    EXPECT_EQ(out.answers.size(), 1u);
    EXPECT_EQ(out.answers.at(0).to, ticket_);
    keep(out);
    return std::get<heartbeat_response>(out.answers.at(0).response);
  }
  error_code error_of(const heartbeat_request& r, int16_t version = 1) { return send(r, version).error; }

  void keep(const consumer_group_effects& out) {
    last_records_ = out.records;
    log_.insert(log_.end(), out.records.begin(), out.records.end());
  }

  void tick(timestamp_ms to) {
    now_ = to;
    consumer_group_effects out;
    group_->tick(now_, catalog_, out);
    EXPECT_TRUE(out.answers.empty());
    keep(out);
  }

  std::unique_ptr<consumer_group> make() {
    return std::make_unique<consumer_group>("g", settings_, [this] {
      uuid id;
      id.bytes[0] = ++last_id_;
      return id;
    });
  }

  /// Thrown away and made anew from its records, as after a restart.
  void restart() {
    group_ = make();
    for (const auto& r : log_)
      group_->apply(r);
    group_->loaded(now_);
  }

  /// "t0 t1": a topic's name and the partition's number.
  std::string show(const partition_set& set) const {
    std::string out;
    for (const auto& p : set) {
      const auto* topic = catalog_.find(p.topic);
      out += (out.empty() ? "" : " ") + (topic ? topic->name : std::string{"?"}) + std::to_string(p.index);
    }
    return out;
  }

  // a conversation, line by line

  void joins(const std::string& name, std::vector<std::string> topics = {"t"}) {
    auto r = join_request(name, std::move(topics));
    says(name, "joins", r);
  }
  void joins_as(const std::string& instance, const std::string& name) {
    auto r = join_request(name, {"t"});
    r.instance_id = instance;
    says(name, "joins as " + instance, r);
  }
  void beats(const std::string& name) { says(name, "beats", beat_request(name, members_[name].epoch)); }
  /// Gives up what it was not assigned, takes what it was, and says what it has now.
  void obeys(const std::string& name) {
    auto& m = members_[name];
    if (m.told)
      m.has = *m.told;
    auto r = beat_request(name, m.epoch);
    r.topic_partitions = owned(m.has);
    says(name, "has [" + show(m.has) + "]", r);
  }
  void leaves(const std::string& name) {
    says(name, "leaves", beat_request(name, leaving_epoch));
    members_.erase(name);
  }
  void says(const std::string& name, const std::string& what, const heartbeat_request& r) {
    const auto response = send(r);
    auto line = name + " " + what;
    line.resize(std::max<size_t>(line.size(), 24), ' ');
    line += "| ";
    if (response.error != error_code::none) {
      trace_ += line + to_string(response.error) + "\n";
      return;
    }
    auto& m = members_[name];
    m.epoch = response.member_epoch;
    line += "epoch " + std::to_string(m.epoch);
    if (response.assignment) {
      m.told = to_set(response.assignment->topic_partitions);
      line += " [" + show(*m.told) + "]";
    }
    trace_ += line + "\n";
  }
  void fences_at(timestamp_ms when) {
    tick(when);
    trace_ += "--- " + std::to_string(when) + " ms: " + std::string{to_string(group_->status())} + "\n";
  }
  /// What was said since the last time.
  std::string trace() { return "\n" + std::exchange(trace_, {}); }

  consumer_group_settings settings_;
  test_catalog catalog_;
  timestamp_ms now_ = 1'000;
  std::unique_ptr<consumer_group> group_ = make();
  std::vector<consumer_group_record> log_;
  std::vector<consumer_group_record> last_records_;
  std::map<std::string, member> members_;
  ticket ticket_ = 0;
  uint8_t last_id_ = 0;
  std::string trace_;
};

} // namespace chisme::testing
