#include "tests/support/session_fixture.hpp"

#include "actors/session/api_table.hpp"
#include "messages/kafka/10_find_coordinator.hpp"
#include "messages/kafka/18_api_versions.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using kafka::api_versions_request;
using kafka::api_versions_response;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class api_versions_test : public session_test {
protected:
  static api_versions_request from(const std::string& name, const std::string& version) {
    api_versions_request r;
    r.client_software_name = name;
    r.client_software_version = version;
    return r;
  }
};

/// What is advertised is what dispatch() serves, in every version but Produce's 0 to 2, which are advertised
/// for old librdkafka only (KAFKA-18659).
TEST_F(api_versions_test, tells_what_is_served) {
  using row = std::tuple<int, int, int>;
  const std::vector<row> expected{{0, 0, 13}, {1, 4, 18}, {2, 1, 11}, {3, 0, 13}, {8, 2, 10}, {9, 1, 10},
                                  {10, 0, 6}, {11, 0, 9}, {12, 0, 4}, {13, 0, 5}, {14, 0, 5}, {15, 0, 6},
                                  {16, 0, 5}, {18, 0, 4}, {19, 2, 7}, {20, 1, 6}, {21, 0, 2}, {22, 0, 5},
                                  {23, 2, 4}, {32, 1, 4}, {33, 0, 2}, {35, 1, 4}, {37, 0, 3}, {42, 0, 2},
                                  {44, 0, 1}, {47, 0, 0}, {60, 0, 2}, {68, 0, 1}, {69, 0, 1}, {75, 0, 0}};
  for (int16_t version = 0; version <= 4; ++version) {
    auto a = ask_and_answer<api_versions_response>(from("test", "1.0"), version);
    EXPECT_EQ(a.error, error_code::none);
    std::vector<row> told;
    for (const auto& k : a.api_keys)
      told.emplace_back(k.api_key, k.min_version, k.max_version);
    EXPECT_EQ(told, expected) << "version " << version;
  }
}

/// KIP-511: name and version have to match [a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?
TEST_F(api_versions_test, the_clients_name_and_version_are_checked) {
  for (int16_t version : {3, 4}) {
    for (auto good : {"a", "librdkafka", "apache-kafka-java", "2.8.0-rc1", "0"})
      EXPECT_EQ(ask_and_answer<api_versions_response>(from(good, good), version).error, error_code::none) << good;
    for (auto bad : {"", "-a", "a-", ".a", "a.", "a b", "a_b", "caf\xc3\xa9", "a\n"}) {
      auto a = ask_and_answer<api_versions_response>(from(bad, "1"), version);
      EXPECT_EQ(a.error, error_code::invalid_request) << bad;
      EXPECT_THAT(a.api_keys, IsEmpty());
      EXPECT_EQ(ask_and_answer<api_versions_response>(from("ok", bad), version).error, error_code::invalid_request)
        << bad;
    }
  }
}

TEST_F(api_versions_test, find_coordinator_names_who_leads_the_groups_partition) {
  add_topic("__consumer_offsets", 3);
  kafka::find_coordinator_request r;
  r.key = "g1";
  r.coordinator_keys = {"g1", "g2"};
  for (int16_t version = 0; version <= 6; ++version) {
    auto a = ask_and_answer<kafka::find_coordinator_response>(r, version);
    if (version < 4)
      a.coordinators.push_back({"g1", a.node_id, a.host, a.port, a.error, std::nullopt});
    ASSERT_FALSE(a.coordinators.empty());
    for (const auto& c : a.coordinators) {
      EXPECT_EQ(c.error, error_code::none) << version;
      EXPECT_EQ(c.node_id, 1);
      EXPECT_EQ(c.port, 9092);
    }
  }
}

} // namespace
} // namespace chisme::testing
