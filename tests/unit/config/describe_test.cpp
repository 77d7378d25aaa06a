#include "config/describe.hpp"

#include "config/load.hpp"
#include "config/options.hpp"
#include "config/texts.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme {
namespace {

using enum config_source;
using testing::ElementsAre;

node_settings node_with(std::vector<std::string> flags) {
  return load(flags, {}, [](auto&) -> result<std::string> { return fail(error_code::invalid_config, "no file"); })
    .settings;
}

const described_config& named(const std::vector<described_config>& all, std::string_view name) {
  auto found = std::ranges::find(all, name, &described_config::name);
  if (found == all.end())
    throw std::out_of_range{std::string{name}};
  return *found;
}

TEST(describe, an_override_of_the_topic_comes_first_and_the_rest_are_synonyms) {
  auto node = node_with({"--log.retention.ms=5000"});
  auto all = describe_topic({{"retention.ms", "100"}}, node);
  auto& d = named(all, "retention.ms");
  EXPECT_EQ(d.value, "100");
  EXPECT_EQ(d.source, topic_config);
  EXPECT_FALSE(d.read_only);
  EXPECT_EQ(d.type, option_type::int64);
  EXPECT_THAT(d.synonyms, ElementsAre(config_synonym{"retention.ms", "100", topic_config},
                                      config_synonym{"log.retention.ms", "5000", static_broker_config},
                                      config_synonym{"log.retention.hours", "168", default_config}));
}

TEST(describe, a_topic_inherits_from_the_node_in_milliseconds) {
  auto all = describe_topic({}, node_with({"--log.retention.hours=2"}));
  EXPECT_EQ(named(all, "retention.ms").value, "7200000");
  EXPECT_EQ(named(all, "retention.ms").source, static_broker_config);
  EXPECT_EQ(named(all, "segment.ms").value, "604800000");
  EXPECT_EQ(named(all, "segment.ms").source, default_config);
}

TEST(describe, dynamic_values_of_the_node_are_told_apart) {
  auto node = with_dynamic(node_with({"--log.segment.bytes=4096"}), {{"log.segment.bytes", "8192"}});
  ASSERT_TRUE(node);
  auto all = describe_broker(*node);
  auto& d = named(all, "log.segment.bytes");
  EXPECT_EQ(d.value, "8192");
  EXPECT_EQ(d.source, dynamic_broker_config);
  EXPECT_THAT(d.synonyms, ElementsAre(config_synonym{"log.segment.bytes", "8192", dynamic_broker_config},
                                      config_synonym{"log.segment.bytes", "4096", static_broker_config},
                                      config_synonym{"log.segment.bytes", "1073741824", default_config}));
  EXPECT_EQ(named(describe_topic({}, *node), "segment.bytes").source, dynamic_broker_config);
}

TEST(describe, a_group_shows_where_its_times_come_from) {
  auto node = node_with({"--group.consumer.session.timeout.ms=50000"});
  auto all = describe_group({{"consumer.heartbeat.interval.ms", "6000"}}, node);
  EXPECT_EQ(all.size(), group_options().size());
  auto& heartbeat = named(all, "consumer.heartbeat.interval.ms");
  EXPECT_EQ(heartbeat.value, "6000");
  EXPECT_EQ(heartbeat.source, group_config);
  EXPECT_FALSE(heartbeat.read_only);
  EXPECT_THAT(heartbeat.synonyms,
              ElementsAre(config_synonym{"consumer.heartbeat.interval.ms", "6000", group_config},
                          config_synonym{"group.consumer.heartbeat.interval.ms", "5000", default_config}));
  auto& session = named(all, "consumer.session.timeout.ms");
  EXPECT_EQ(session.value, "50000");
  EXPECT_EQ(session.source, static_broker_config);
  EXPECT_EQ(named(describe_group({}, node), "consumer.heartbeat.interval.ms").source, default_config);
}

TEST(describe, options_that_are_read_at_the_start_are_read_only_and_what_is_not_set_has_no_value) {
  auto all = describe_broker(node_with({}));
  EXPECT_EQ(all.size(), node_options().size());
  EXPECT_TRUE(named(all, "node.id").read_only);
  EXPECT_FALSE(named(all, "log.level").read_only);
  EXPECT_EQ(named(all, "cluster.id").value, std::nullopt);
  EXPECT_EQ(named(all, "cluster.id").source, default_config);
  EXPECT_THAT(named(all, "cluster.id").synonyms, ElementsAre());
}

// Whatever DescribeConfigs shows for a topic must mean what the topic runs with.
TEST(describe, shown_values_read_back_as_the_settings_in_force) {
  auto node = node_with({"--log.roll.hours=3", "--log.retention.minutes=9", "--log.cleanup.policy=compact"});
  topic_overrides overrides{{"segment.bytes", "2048"}};
  topic_overrides shown;
  for (auto& d : describe_topic(overrides, node))
    shown[std::string{d.name}] = *d.value;
  EXPECT_EQ(effective_topic_settings({}, shown), effective_topic_settings(node.topic_defaults, overrides));
}

TEST(texts, the_checked_in_example_is_what_the_table_says) {
  std::ifstream file{CHISME_SOURCE_DIR "/config/chisme.properties"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(text, example_file()) << "write it anew with: build/chisme config example > config/chisme.properties";
}

TEST(texts, the_example_with_every_line_made_active_loads) {
  std::string active;
  std::istringstream lines{example_file()};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with('#') && !line.starts_with("# ") && !line.ends_with('='))
      active += line.substr(1) + "\n";
  auto loaded = load({"--config", "x"}, {}, [&](auto&) -> result<std::string> { return active; });
  EXPECT_THAT(loaded.mistakes, ElementsAre());
  loaded.settings.given.clear();
  EXPECT_EQ(loaded.settings, node_settings{});
}

TEST(texts, help_names_every_option) {
  auto help = options_help();
  for (auto& o : node_options())
    EXPECT_NE(help.find("  --" + std::string{o.name} + (o.fallback ? " (" : "\n")), std::string::npos) << o.name;
}

TEST(options, names_are_unique_and_rows_are_complete) {
  for (auto rows : {node_options(), topic_options(), group_options()})
    for (auto& o : rows) {
      EXPECT_EQ(std::ranges::count(rows, o.name, &option::name), 1) << o.name;
      EXPECT_TRUE(o.doc.ends_with('.')) << o.name;
      EXPECT_TRUE(!o.fallback || parse_value(o, *o.fallback)) << o.name;
    }
}

} // namespace
} // namespace chisme
