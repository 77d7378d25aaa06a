// AlterConfigs and IncrementalAlterConfigs.

#include "tests/support/coordinator_fixture.hpp"

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using error = error_code;
using configs = std::map<std::string, std::string>;

constexpr int8_t topic_type = 2, broker_type = 4, group_type = 32;
enum op : int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

class config_operations : public coordinator_test {
protected:
  using replace_request = kafka::alter_configs_request;
  using change_request = kafka::incremental_alter_configs_request;
  using change = change_request::alterable_config;

  static replace_request replace(int8_t type, const std::string& name,
                                 std::vector<replace_request::alterable_config> with) {
    replace_request r;
    r.resources.push_back({type, name, std::move(with)});
    return r;
  }
  static change_request alter(int8_t type, const std::string& name, std::vector<change> changes) {
    change_request r;
    r.resources.push_back({type, name, std::move(changes)});
    return r;
  }

  static auto& answer(const decision& d, replace_request*) {
    return std::get<kafka::alter_configs_response>(d.response).responses;
  }
  static auto& answer(const decision& d, change_request*) {
    return std::get<kafka::incremental_alter_configs_response>(d.response).responses;
  }

  /// The topic's configs after a change that must succeed.
  template <class Request>
  configs after(Request r) {
    auto d = run(r);
    const auto& x = answer(d, &r).at(0);
    EXPECT_EQ(x.error, error::none) << x.error_message.value_or("");
    EXPECT_EQ(x.resource_type, r.resources[0].resource_type);
    EXPECT_EQ(x.resource_name, r.resources[0].resource_name);
    EXPECT_EQ(d.records.size(), 1u);
    apply(d);
    const auto& name = r.resources[0].resource_name;
    switch (r.resources[0].resource_type) {
      case topic_type:
        return state_.find(name)->configs;
      case group_type:
        return state_.configs_of_group(name);
      default:
        return state_.node_configs();
    }
  }

  template <class Request>
  std::string refusal(Request r) {
    auto d = run(r);
    EXPECT_THAT(d.records, IsEmpty());
    const auto& x = answer(d, &r).at(0);
    return to_string(x.error) + ": " + x.error_message.value_or("(none)");
  }
};

TEST_F(config_operations, alter_configs_replaces_all) {
  add("t", 1, {{"retention.ms", "1"}, {"segment.bytes", "1048576"}});
  EXPECT_EQ(after(replace(topic_type, "t", {{"retention.ms", "2"}, {"cleanup.policy", "compact"}})),
            (configs{{"retention.ms", "2"}, {"cleanup.policy", "compact"}}));
  EXPECT_EQ(after(replace(topic_type, "t", {})), configs{});
}

TEST_F(config_operations, incremental_alter_changes_single_ones) {
  add("t", 1, {{"retention.ms", "1"}, {"segment.bytes", "1048576"}});
  EXPECT_EQ(
    after(alter(topic_type, "t",
                {{"retention.ms", set, "2"}, {"segment.bytes", remove, {}}, {"max.message.bytes", set, "5000"}})),
    (configs{{"retention.ms", "2"}, {"max.message.bytes", "5000"}}));
  EXPECT_EQ(after(alter(topic_type, "t", {{"flush.ms", remove, {}}, {"retention.ms", remove, "ignored"}})),
            (configs{{"max.message.bytes", "5000"}}));
}

TEST_F(config_operations, lists_are_appended_to_and_subtracted_from) {
  add("t");
  EXPECT_EQ(after(alter(topic_type, "t", {{"cleanup.policy", append, "compact"}})),
            (configs{{"cleanup.policy", "delete,compact"}}))
    << "to the default";
  EXPECT_EQ(after(alter(topic_type, "t", {{"cleanup.policy", append, "delete"}})),
            (configs{{"cleanup.policy", "delete,compact"}}))
    << "nothing comes twice";
  EXPECT_EQ(after(alter(topic_type, "t", {{"cleanup.policy", subtract, " delete , nothing "}})),
            (configs{{"cleanup.policy", "compact"}}));
  EXPECT_THAT(refusal(alter(topic_type, "t", {{"cleanup.policy", append, "burn"}})), HasSubstr("INVALID_CONFIG"));
  EXPECT_THAT(refusal(alter(topic_type, "t", {{"retention.ms", append, "1"}})),
              HasSubstr("INVALID_CONFIG: retention.ms is not a list"));
}

/// As kafka-reassign-partitions does with these.
TEST_F(config_operations, every_option_that_is_a_list_can_be_appended_to) {
  add("t");
  const auto name = "leader.replication.throttled.replicas";
  EXPECT_EQ(after(alter(topic_type, "t", {{name, append, "0:1,1:1"}})), (configs{{name, "0:1,1:1"}}));
  EXPECT_EQ(after(alter(topic_type, "t", {{name, append, "1:1,2:1"}})), (configs{{name, "0:1,1:1,2:1"}}));
  EXPECT_EQ(after(alter(topic_type, "t", {{name, subtract, "0:1,1:1,2:1"}})), (configs{{name, ""}}));
}

TEST_F(config_operations, what_is_refused) {
  add("t", 1, {{"retention.ms", "1"}});
  EXPECT_THAT(refusal(replace(topic_type, "nobody", {})), HasSubstr("UNKNOWN_TOPIC_OR_PARTITION"));
  EXPECT_THAT(refusal(alter(topic_type, "nobody", {})), HasSubstr("UNKNOWN_TOPIC_OR_PARTITION"));
  EXPECT_THAT(refusal(replace(topic_type, "t", {{"retention.ms", "soon"}})), HasSubstr("INVALID_CONFIG"));
  EXPECT_EQ(refusal(replace(topic_type, "t", {{"retention.ms", {}}})),
            "INVALID_REQUEST: retention.ms: a config needs a value");
  EXPECT_THAT(refusal(replace(topic_type, "t", {{"retention.mss", "1"}})), HasSubstr("retention.ms"));
  EXPECT_EQ(refusal(alter(topic_type, "t", {{"segment.ms", remove, {}}, {"retention.ms", set, {}}})),
            "INVALID_REQUEST: retention.ms: a config needs a value");
  EXPECT_EQ(refusal(alter(topic_type, "t", {{"cleanup.policy", append, {}}})),
            "INVALID_REQUEST: cleanup.policy: a config needs a value");
  EXPECT_THAT(refusal(alter(topic_type, "t", {{"retention.ms", 9, "1"}})), HasSubstr("INVALID_REQUEST"));
  EXPECT_THAT(
    refusal(alter(topic_type, "t", {{"min.compaction.lag.ms", set, "2000"}, {"max.compaction.lag.ms", set, "1000"}})),
    HasSubstr("INVALID_CONFIG"));
  EXPECT_THAT(refusal(replace(8, "1", {})), HasSubstr("INVALID_REQUEST: configs of resource type 8"));
  EXPECT_THAT(refusal(replace(broker_type, "2", {})), HasSubstr("INVALID_REQUEST: there is no node '2'"));
  EXPECT_THAT(refusal(replace(broker_type, "1x", {})), HasSubstr("there is no node '1x'"));
  EXPECT_EQ(state_.find("t")->configs, (configs{{"retention.ms", "1"}}));
}

TEST_F(config_operations, validate_only_changes_nothing) {
  add("t");
  auto r = replace(topic_type, "t", {{"retention.ms", "2"}});
  r.validate_only = true;
  auto d = run(r);
  EXPECT_THAT(d.records, IsEmpty());
  EXPECT_EQ(answer(d, &r).at(0).error, error::none);
}

/// None of them is done: there is no telling which one was meant.
TEST_F(config_operations, a_resource_that_is_named_twice_is_refused_each_time) {
  add("t");
  const auto u = add("u");
  const std::vector<change> two{{"retention.ms", set, "2"}};
  auto r = alter(topic_type, "t", two);
  r.resources.push_back({topic_type, "u", two});
  r.resources.push_back({topic_type, "t", {{"retention.ms", set, "3"}}});
  r.resources.push_back({group_type, "t", {}});
  r.resources.push_back({topic_type, "t", {}});
  auto d = run(r);
  std::vector<error> codes;
  for (const auto& x : answer(d, &r))
    codes.push_back(x.error);
  EXPECT_THAT(codes, ElementsAre(error::invalid_request, error::none, error::invalid_request, error::none,
                                 error::invalid_request));
  auto changed = u;
  changed.configs = {{"retention.ms", "2"}};
  EXPECT_THAT(d.records, ElementsAre(topic_record{u.id, changed}, group_configs_record{"t", {}}));
  auto whole = replace(topic_type, "t", {});
  whole.resources.push_back({topic_type, "t", {}});
  EXPECT_THAT(refusal(whole), HasSubstr("INVALID_REQUEST: the resource is named more than once"));
}

TEST_F(config_operations, a_config_that_is_named_twice_refuses_its_resource) {
  const auto u = add("u");
  add("t");
  auto r = alter(topic_type, "t", {{"retention.ms", set, "2"}, {"segment.ms", set, "9"}, {"retention.ms", remove, {}}});
  EXPECT_EQ(refusal(r), "INVALID_REQUEST: retention.ms: named more than once for this resource");
  EXPECT_THAT(refusal(replace(topic_type, "t", {{"retention.ms", "2"}, {"retention.ms", "2"}})),
              HasSubstr("INVALID_REQUEST: retention.ms: named more than once"));
  r.resources.push_back({topic_type, "u", {{"retention.ms", set, "2"}}});
  auto d = run(r);
  EXPECT_EQ(answer(d, &r).at(1).error, error::none) << "others are not concerned";
  EXPECT_EQ(d.records.size(), 1u);
}

TEST_F(config_operations, each_resource_is_answered_for_itself) {
  const auto t = add("t");
  auto r = replace(topic_type, "nobody", {});
  r.resources.push_back({topic_type, "t", {{"retention.ms", "2"}}});
  auto d = run(r);
  ASSERT_EQ(answer(d, &r).size(), 2u);
  EXPECT_EQ(answer(d, &r)[0].error, error::unknown_topic_or_partition);
  EXPECT_EQ(answer(d, &r)[1].error, error::none);
  auto changed = t;
  changed.configs = {{"retention.ms", "2"}};
  EXPECT_THAT(d.records, ElementsAre(topic_record{t.id, changed}));
}

// -- nodes
// -----------------------------------------------------------------------------------------------------------

TEST_F(config_operations, node_configs_that_may_change_at_run_time) {
  EXPECT_EQ(after(alter(broker_type, "", {{"log.retention.ms", set, "1000"}})),
            (configs{{"log.retention.ms", "1000"}}));
  EXPECT_EQ(after(alter(broker_type, "1", {{"log.cleanup.policy", append, "compact"}})),
            (configs{{"log.retention.ms", "1000"}, {"log.cleanup.policy", "delete,compact"}}));
  EXPECT_EQ(after(replace(broker_type, "1", {})), configs{});
}

TEST_F(config_operations, node_configs_that_may_not) {
  EXPECT_THAT(refusal(alter(broker_type, "1", {{"node.id", set, "7"}})), HasSubstr("INVALID_CONFIG"));
  EXPECT_THAT(refusal(alter(broker_type, "1", {{"log.retention.mss", set, "7"}})), HasSubstr("INVALID_CONFIG"));
  EXPECT_THAT(refusal(alter(broker_type, "1", {{"log.retention.ms", set, "soon"}})), HasSubstr("INVALID_CONFIG"));
}

/// "" and "1" name the same configs: what the second one changes comes on top of what the first one did.
TEST_F(config_operations, node_configs_named_in_two_ways) {
  auto r = alter(broker_type, "", {{"log.retention.ms", set, "1000"}});
  r.resources.push_back({broker_type, "1", {{"log.segment.bytes", set, "1048576"}}});
  auto d = run(r);
  apply(d);
  EXPECT_EQ(state_.node_configs(), (configs{{"log.retention.ms", "1000"}, {"log.segment.bytes", "1048576"}}));
}

// -- groups
// ----------------------------------------------------------------------------------------------------------

TEST_F(config_operations, a_groups_configs_need_no_group) {
  EXPECT_EQ(after(alter(group_type, "g", {{"consumer.session.timeout.ms", set, "50000"}})),
            (configs{{"consumer.session.timeout.ms", "50000"}}));
  EXPECT_EQ(after(alter(group_type, "g", {{"consumer.heartbeat.interval.ms", set, "6000"}})),
            (configs{{"consumer.session.timeout.ms", "50000"}, {"consumer.heartbeat.interval.ms", "6000"}}));
  EXPECT_EQ(state_.configs_of_group("h"), configs{});
  EXPECT_EQ(after(replace(group_type, "g", {{"consumer.heartbeat.interval.ms", "7000"}})),
            (configs{{"consumer.heartbeat.interval.ms", "7000"}}));
  EXPECT_EQ(after(alter(group_type, "g", {{"consumer.heartbeat.interval.ms", remove, {}}})), configs{});
  EXPECT_THAT(state_.group_configs(), IsEmpty()) << "what sets nothing leaves nothing";
}

TEST_F(config_operations, what_a_group_may_not_set) {
  state_.apply(group_configs_record{"g", {{"consumer.session.timeout.ms", "50000"}}});
  EXPECT_THAT(refusal(alter(group_type, "g", {{"consumer.session.timeout.ms", set, "60001"}})),
              HasSubstr("INVALID_CONFIG: consumer.session.timeout.ms: 60001 is above"));
  EXPECT_THAT(refusal(replace(group_type, "g", {{"consumer.heartbeat.interval.ms", "1"}})),
              HasSubstr("INVALID_CONFIG: consumer.heartbeat.interval.ms: 1 is below"));
  EXPECT_THAT(refusal(alter(group_type, "g", {{"retention.ms", set, "1"}})),
              HasSubstr("INVALID_CONFIG: unknown group option retention.ms"));
  EXPECT_THAT(refusal(alter(group_type, "g", {{"consumer.session.timeout.ms", set, {}}})),
              HasSubstr("INVALID_REQUEST: consumer.session.timeout.ms: a config needs a value"));
  EXPECT_THAT(refusal(alter(group_type, "g", {{"consumer.session.timeout.ms", append, "1"}})),
              HasSubstr("INVALID_CONFIG: consumer.session.timeout.ms is not a list"));
  EXPECT_THAT(refusal(alter(group_type, "", {{"consumer.session.timeout.ms", set, "50000"}})),
              HasSubstr("INVALID_REQUEST: a group has a name"));
  EXPECT_THAT(refusal(replace(group_type, "", {})), HasSubstr("INVALID_REQUEST: a group has a name"));
  EXPECT_EQ(state_.configs_of_group("g"), (configs{{"consumer.session.timeout.ms", "50000"}}));
}

TEST_F(config_operations, a_group_keeps_to_the_bounds_of_its_node) {
  settings_.consumer_max_session_timeout_ms = 300'000;
  EXPECT_EQ(after(alter(group_type, "g", {{"consumer.session.timeout.ms", set, "300000"}})),
            (configs{{"consumer.session.timeout.ms", "300000"}}));
}

} // namespace
} // namespace chisme::testing
