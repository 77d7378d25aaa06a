#include "tests/bench/requests.hpp"

#include "actors/log/batch_builder.hpp"
#include "messages/kafka/00_produce.hpp"
#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/03_metadata.hpp"
#include "messages/kafka/08_offset_commit.hpp"
#include "messages/kafka/19_create_topics.hpp"
#include "messages/kafka/20_delete_topics.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <netinet/tcp.h>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

namespace chisme::bench {

namespace {

/// Text-like bytes that no codec and no page deduplication makes anything of.
std::string noise(size_t size) {
  std::mt19937 random{4711};
  std::string text(size, ' ');
  for (auto& c : text)
    c = static_cast<char>('!' + random() % 90);
  return text;
}

timestamp_ms wall_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace

bytes flat(const payload& p) {
  bytes out;
  out.reserve(p.size());
  for (const auto& part : p.parts()) {
    const auto& b = std::get<buffer>(part);
    out.insert(out.end(), b.data(), b.data() + b.size());
  }
  return out;
}

int connect_to(uint16_t port) {
  const auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0)
    give_up("connect to port " + std::to_string(port));
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

connection::~connection() { ::close(fd_); }

namespace {

void read_all(int fd, std::byte* to, size_t size) {
  while (size > 0) {
    const auto n = ::recv(fd, to, size, 0);
    if (n <= 0)
      give_up("the node closed the connection");
    to += n;
    size -= static_cast<size_t>(n);
  }
}

} // namespace

buffer connection::exchange(const bytes& request) {
  for (size_t sent = 0; sent < request.size();) {
    const auto n = ::send(fd_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (n < 0)
      give_up("send");
    sent += static_cast<size_t>(n);
  }
  uint32_t size = 0;
  read_all(fd_, reinterpret_cast<std::byte*>(&size), sizeof size);
  buffer_builder frame{ntohl(size)};
  read_all(fd_, frame.data(), frame.size());
  return std::move(frame).freeze();
}

bool all_led(connection& to) {
  const auto image = to.call<kafka::metadata_response>(kafka::metadata_request{});
  for (const auto& t : image.topics) {
    for (const auto& p : t.partitions) {
      if (p.error != error_code::none || p.leader_id < 0)
        return false;
    }
  }
  return true;
}

uuid create_topic(connection& to, const std::string& name, const topic_options& options) {
  kafka::create_topics_request request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = options.partitions;
  topic.replication_factor = 1;
  for (const auto& [key, value] : options.configs)
    topic.configs.push_back({key, value});
  const auto answer = to.call<kafka::create_topics_response>(request);
  const auto& made = answer.topics.at(0);
  if (made.error != error_code::none)
    throw std::runtime_error("cannot create " + name + ": " + made.error_message.value_or(to_string(made.error)));
  while (!all_led(to))
    ::usleep(1000);
  return made.topic_id;
}

void delete_topic(connection& to, const uuid& topic) {
  kafka::delete_topics_request request;
  request.topics.emplace_back().topic_id = topic;
  const auto answer = to.call<kafka::delete_topics_response>(request);
  if (answer.responses.at(0).error != error_code::none)
    throw std::runtime_error("cannot delete a topic: " + to_string(answer.responses[0].error));
}

buffer make_batch(size_t size, size_t record_size) {
  constexpr size_t record_overhead = 16; // lengths and deltas are varints
  return make_batch_of(static_cast<int32_t>((size - log::batch_header_size) / (record_size + record_overhead)),
                       record_size);
}

buffer make_batch_of(int32_t count, size_t value_size) {
  log::batch_builder builder;
  const auto text = noise(value_size);
  for (int32_t i = 0; i < count; ++i)
    builder.add(log::record_in{std::nullopt, text, wall_now(), {}});
  return *builder.finish();
}

bytes produce_request(const uuid& topic, int32_t partition, const buffer& batch, int16_t acks) {
  kafka::produce_request r;
  r.acks = acks;
  r.timeout_ms = 30'000;
  auto& t = r.topics.emplace_back();
  t.topic_id = topic;
  t.partitions.push_back({partition, payload{batch}});
  return frame_of(r);
}

bytes fetch_request(const uuid& topic, int32_t partition, int64_t offset, int32_t max_bytes) {
  kafka::fetch_request r;
  r.max_wait_ms = 500;
  r.min_bytes = 1;
  auto& t = r.topics.emplace_back();
  t.topic_id = topic;
  auto& p = t.partitions.emplace_back();
  p.partition = partition;
  p.fetch_offset = offset;
  p.partition_max_bytes = max_bytes;
  return frame_of(r);
}

bytes commit_request(const std::string& group, const uuid& topic, int32_t partitions, int64_t first_offset) {
  kafka::offset_commit_request r;
  r.group_id = group;
  auto& t = r.topics.emplace_back();
  t.topic_id = topic;
  for (int32_t i = 0; i < partitions; ++i) {
    auto& p = t.partitions.emplace_back();
    p.partition_index = i;
    p.committed_offset = first_offset + i;
  }
  return frame_of(r);
}

} // namespace chisme::bench
