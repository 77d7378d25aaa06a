// Every struct against Kafka's published schemas: names, order, types, nullability, tags and defaults.
#include "tests/wire/schema.hpp"

#include "messages/wire/describer.hpp"
#include "tests/wire/message_list.hpp"

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::test {
namespace {

template <class M>
std::vector<std::string> described_lines(int16_t version) {
  wire::describer d{version};
  d.record(M{});
  return d.lines();
}

/// Compares what both know; returns how many versions that were.
template <class M>
int compare(const std::filesystem::path& folder) {
  const auto schema = load_schema(folder, M::type_name);
  EXPECT_EQ(schema.flexible_since, M::flexible_since) << M::type_name;
  int compared = 0;
  for (auto v = std::max(M::min_version, schema.min_version); v <= std::min(M::max_version, schema.max_version);
       ++v, ++compared)
    EXPECT_THAT(described_lines<M>(v), testing::ElementsAreArray(schema_lines(schema, v)))
      << M::type_name << " version " << v;
  return compared;
}

TEST(schema, matches_the_snapshot_at_every_version_that_it_has) {
  const std::filesystem::path folder = CHISME_SOURCE_DIR "/tests/wire/schemas";
  each_message<kafka_messages>([&]<class M>() { EXPECT_GT(compare<M>(folder), 0) << M::type_name; });
}

TEST(schema, matches_the_newest_java_client_up_to_our_last_version) {
  const char* folder = std::getenv("CHISME_NEWEST_SCHEMAS");
  if (!folder || !*folder)
    GTEST_SKIP() << "CHISME_NEWEST_SCHEMAS is not set: run tests/wire/fetch_newest_schemas.sh";
  each_message<kafka_messages>([&]<class M>() {
    EXPECT_GT(compare<M>(folder), 0) << M::type_name;
    EXPECT_GE(load_schema(folder, M::type_name).max_version, M::max_version) << M::type_name;
  });
}

/// Local classes cannot have the member templates that a visit is.
struct shape {
  int32_t number = 7;
  std::vector<std::optional<std::string>> texts;
  static void visit(auto& f, auto& x) {
    f("number", x.number, wire::since(2));
    f.tag(3, "texts", x.texts, wire::since(1));
  }
};

TEST(schema, the_describer_names_a_difference) {
  wire::describer first{1}, second{2};
  first.record(shape{});
  second.record(shape{});
  EXPECT_THAT(first.lines(), testing::ElementsAre("texts []string tag 3"));
  EXPECT_THAT(second.lines(), testing::ElementsAre("number int32 =7", "texts []string tag 3"));
}

} // namespace
} // namespace chisme::test
