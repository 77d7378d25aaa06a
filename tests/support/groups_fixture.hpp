// A session of a node that coordinates groups: `__consumer_offsets` has three partitions, and what is asked about their
// groups is kept until the test answers.
#pragma once

#include "actors/groups/coordinator_partition.hpp"
#include "actors/groups/port.hpp"
#include "tests/support/session_fixture.hpp"

namespace chisme::testing {

struct fake_groups final : groups::port {
  void send(groups::group_call call) override { calls.push_back(std::move(call)); }
  std::vector<groups::group_call> calls;
};

/// Group "c" belongs to partition 0, which another node leads; "a" and "d" to 1, "b" and "e" to 2: these are led here.
class groups_session_test : public session_test {
protected:
  groups_session_test() {
    for (auto [group, partition] : {std::pair{"c", 0}, {"a", 1}, {"d", 1}, {"b", 2}, {"e", 2}})
      EXPECT_EQ(groups::partition_for(group, 3), partition) << group;
    add_topic(std::string{groups::offsets_topic}, 3);
    change_partitions([this](std::vector<partition_image>& partitions) {
      partitions.at(0).leader = 2;
      partitions.at(1).groups = coordinators_[1];
      partitions.at(2).groups = coordinators_[2];
    });
  }
  ~groups_session_test() override {
    for (auto& c : coordinators_)
      c->calls.clear();
  }

  void change_partitions(const std::function<void(std::vector<partition_image>&)>& f) {
    change_image([&](broker_image& image) {
      auto changed = std::make_shared<topic_image>(*image.find(groups::offsets_topic));
      f(changed->partitions);
      image.put(changed);
    });
  }

  /// What the coordinator of that partition was asked first, of those that it still owes an answer.
  groups::group_call take_call(size_t partition) {
    auto& calls = coordinators_.at(partition)->calls;
    if (calls.empty()) {
      ADD_FAILURE() << "coordinator " << partition << " is not asked";
      return {};
    }
    auto call = std::move(calls.front());
    calls.erase(calls.begin());
    return call;
  }
  template <class Request>
  static const Request& asked(const groups::group_call& call) {
    return std::get<Request>(call.request);
  }
  void give(const groups::group_call& call, groups::group_response response) {
    call.done({error_code::none, std::move(response)});
    loop_.drain();
  }
  void refuse(const groups::group_call& call, error_code code) {
    call.done(groups::group_answer::failed(code));
    loop_.drain();
  }
  /// All have been answered, and nobody was asked more than that.
  bool nobody_is_asked() const {
    return std::ranges::all_of(coordinators_, [](const auto& c) { return c->calls.empty(); });
  }

  std::vector<std::shared_ptr<fake_groups>> coordinators_{
    std::make_shared<fake_groups>(), std::make_shared<fake_groups>(), std::make_shared<fake_groups>()};
};

} // namespace chisme::testing
