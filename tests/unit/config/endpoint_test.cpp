#include "config/endpoint.hpp"

#include "config/edit_distance.hpp"

#include <gtest/gtest.h>

namespace chisme {
namespace {

TEST(endpoint, reads_and_writes_names_addresses_and_brackets) {
  EXPECT_EQ(parse_endpoint("PLAINTEXT://kafka.local:19092"), (endpoint{"PLAINTEXT", "kafka.local", 19092}));
  EXPECT_EQ(parse_endpoint("PLAINTEXT://[::1]:0"), (endpoint{"PLAINTEXT", "::1", 0}));
  EXPECT_EQ(parse_endpoint("PLAINTEXT://:9092"), (endpoint{"PLAINTEXT", "", 9092}));
  for (auto text : {"PLAINTEXT://[fe80::2]:9092", "PLAINTEXT://a:1", "PLAINTEXT://:9092"})
    EXPECT_EQ(to_string(*parse_endpoint(text)), text);
}

TEST(endpoint, refuses_what_is_not_one) {
  for (auto text : {"", "a:1", "PLAINTEXT://a", "PLAINTEXT://a:", "PLAINTEXT://a:65536", "PLAINTEXT://a:-1",
                    "PLAINTEXT://a:1x", "PLAINTEXT://[::1:1", "PLAINTEXT://::1:1", "PLAINTEXT://a b:1", "SSL://a:1",
                    "PLAINTEXT://[::1]9092", "PLAINTEXT://a/b:1"})
    EXPECT_FALSE(parse_endpoint(text)) << text;
}

TEST(endpoint, bootstrap_servers_have_a_default_port_but_need_a_host) {
  EXPECT_EQ(parse_host_port("localhost"), (endpoint{"PLAINTEXT", "localhost", 9092}));
  EXPECT_EQ(parse_host_port("[::1]"), (endpoint{"PLAINTEXT", "::1", 9092}));
  EXPECT_EQ(parse_host_port("h:1"), (endpoint{"PLAINTEXT", "h", 1}));
  EXPECT_FALSE(parse_host_port(":9092"));
  EXPECT_FALSE(parse_host_port("h:0"));
}

TEST(endpoint, addresses_of_peers_name_their_port) {
  EXPECT_EQ(parse_peer_address("[::1]:9093"), (endpoint{"PEER", "::1", 9093}));
  EXPECT_EQ(parse_peer_address(":0"), (endpoint{"PEER", "", 0}));
  for (auto text : {"h", "h:", "h:x", "PLAINTEXT://h:1", "a b:1"})
    EXPECT_FALSE(parse_peer_address(text)) << text;
}

TEST(endpoint, wildcards) {
  EXPECT_TRUE(is_wildcard(*parse_endpoint("PLAINTEXT://0.0.0.0:1")));
  EXPECT_TRUE(is_wildcard(*parse_endpoint("PLAINTEXT://[::]:1")));
  EXPECT_FALSE(is_wildcard(*parse_endpoint("PLAINTEXT://127.0.0.1:1")));
}

TEST(edit_distance, counts_changes_and_swaps_up_to_the_limit) {
  EXPECT_EQ(edit_distance("log.level", "log.level", 9), 0u);
  EXPECT_EQ(edit_distance("log.levle", "log.level", 9), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 9), 3u);
  EXPECT_EQ(edit_distance("", "abc", 9), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 2), 2u);
  EXPECT_EQ(edit_distance(std::string(65, 'a'), "a", 100), 100u);
}

} // namespace
} // namespace chisme
