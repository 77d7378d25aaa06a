// The command line's client against servers that do not behave.
#include "messages/kafka/18_api_versions.hpp"
#include "messages/kafka/19_create_topics.hpp"
#include "nodes/cli/kafka_client.hpp"
#include "tests/unit/cli/command_line.hpp"

#include <boost/asio.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

namespace chisme {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;
using testing::HasSubstr;

std::string flat(const payload& p) {
  std::string bytes;
  for (auto& part : p.parts())
    bytes += as_chars(std::get<buffer>(part).view());
  return bytes;
}

/// What a broker says to ApiVersions in version 0, for the first request of a connection.
std::string versions(std::vector<kafka::api_versions_response::api_version> apis, int32_t correlation_id = 1) {
  kafka::api_versions_response response;
  response.api_keys = std::move(apis);
  return flat(kafka::encode_response(correlation_id, 0, encode(response, 0)));
}

/// Accepts one connection; answers its first request with given bytes, keeps it open until the client goes.
class scripted_server {
public:
  explicit scripted_server(std::string answer) : answer_(std::move(answer)), thread_([this] { serve(); }) {}
  ~scripted_server() { thread_.join(); }

  endpoint address() const { return {"PLAINTEXT", "127.0.0.1", acceptor_.local_endpoint().port()}; }

private:
  void serve() {
    boost::system::error_code ignored;
    tcp::socket peer{io_};
    acceptor_.accept(peer, ignored);
    std::array<char, 4096> bytes;
    peer.read_some(asio::buffer(bytes), ignored);
    asio::write(peer, asio::buffer(answer_), ignored);
    while (!ignored)
      peer.read_some(asio::buffer(bytes), ignored);
  }

  std::string answer_;
  asio::io_context io_;
  tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::thread thread_;
};

error open_fails(const std::string& answer, milliseconds timeout = milliseconds{10'000}) {
  scripted_server server{answer};
  auto opened = cli::kafka_client::open(server.address(), timeout);
  return opened ? error{} : opened.error();
}

TEST(kafka_client, a_server_that_says_nothing_runs_into_the_deadline) {
  auto failure = open_fails("", milliseconds{20});
  EXPECT_EQ(failure.code, error_code::request_timed_out);
  EXPECT_THAT(failure.message, HasSubstr("reading the answer of 127.0.0.1:"));
  EXPECT_THAT(failure.message, HasSubstr("took longer than 20 ms"));
}

TEST(kafka_client, a_frame_of_an_absurd_size_is_not_believed) {
  auto http = open_fails("HTTP/1.1 400 Bad Request\r\n\r\n");
  EXPECT_EQ(http.code, error_code::network_exception);
  EXPECT_THAT(http.message, HasSubstr("does it speak Kafka's protocol?"));
  EXPECT_THAT(open_fails(std::string(4, '\xff')).message, HasSubstr("sent a frame of -1 bytes"));
  EXPECT_THAT(open_fails(std::string(4, '\0')).message, HasSubstr("sent a frame of 0 bytes"));
}

TEST(kafka_client, an_answer_to_another_request_is_refused) {
  EXPECT_THAT(open_fails(versions({}, 7)).message, HasSubstr("another request"));
}

TEST(kafka_client, an_answer_that_is_no_message_is_refused) {
  EXPECT_EQ(open_fails(std::string{"\0\0\0\5\0\0\0\1x", 9}).code, error_code::invalid_request);
}

TEST(kafka_client, an_api_that_the_server_lacks_or_speaks_otherwise_is_named) {
  scripted_server server{versions({{19, 0, 1}})};
  auto client = cli::kafka_client::open(server.address(), milliseconds{10'000});
  ASSERT_TRUE(client);
  auto too_old = client->call<kafka::create_topics_response>(kafka::create_topics_request{});
  ASSERT_FALSE(too_old);
  EXPECT_EQ(too_old.error().message, "the node speaks CreateTopics in versions 0 to 1, this program in 2 to 7");
  auto none = client->call<kafka::metadata_response>(kafka::metadata_request{});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "the node has no Metadata");
}

TEST(kafka_client, nobody_there_names_address_reason_and_cure) {
  asio::io_context io;
  tcp::acceptor closed{io, {asio::ip::address_v4::loopback(), 0}};
  auto address = "127.0.0.1:" + std::to_string(closed.local_endpoint().port());
  closed.close();
  auto told = test::command_line{}({"topic", "list", "--bootstrap-server", address});
  EXPECT_EQ(told.code, 1);
  EXPECT_EQ(told.err, "chisme topic list: connecting to " + address +
                        ": Connection refused; is a node running there? --bootstrap-server names another one\n");
}

} // namespace
} // namespace chisme
