#include "actors/log/log_beginning.hpp"

#include "actors/log/big_endian.hpp"
#include "actors/log/crc32c.hpp"
#include "messages/peer/raft_reset.hpp"
#include "messages/wire/codec.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

constexpr uint32_t file_magic = 0x43684c42; // "ChLB"
constexpr size_t crc_at = 4;
constexpr size_t version_at = 8; ///< of the message in which the rest is written; the checksum begins here
constexpr size_t body_at = 10;

bool are_nodes(const std::vector<node_id>& ids) {
  return std::ranges::all_of(ids, [](node_id id) { return id >= 0; });
}

} // namespace

const char* insane(const log_beginning& b) {
  if (b.start < 0)
    return "its start is negative";
  const peer::raft_mark* before = nullptr;
  for (const auto& m : b.marks) {
    if (m.epoch < 0 || (before && m.epoch <= before->epoch))
      return "its epochs do not ascend";
    if (m.start < 0 || m.start > b.start || (before && m.start < before->start))
      return "its epochs begin at offsets that do not ascend";
    if (m.config && (m.config->voters.empty() || !are_nodes(m.config->voters) || !are_nodes(m.config->outgoing)))
      return "one of its configurations has no voters";
    before = &m;
  }
  return nullptr;
}

// The message that carries it to a follower is its format on the disk as well.
std::string encode(const log_beginning& b) {
  peer::raft_reset message;
  message.start = b.position();
  message.marks = b.marks;
  message.producers = b.producers;
  std::string out(body_at, '\0');
  const auto body = chisme::encode(message, peer::raft_reset::max_version);
  for (const auto& part : body.parts())
    out += as_chars(std::get<buffer>(part));
  auto* begin = reinterpret_cast<std::byte*>(out.data());
  store_be(begin, file_magic);
  store_be(begin + version_at, peer::raft_reset::max_version);
  store_be(begin + crc_at, crc32c_of(as_bytes(out).subspan(version_at)));
  return out;
}

result<log_beginning> decode_beginning(std::string_view content, const std::string& path) {
  const auto bytes = as_bytes(content);
  if (bytes.size() < body_at || load_be<uint32_t>(bytes.data()) != file_magic ||
      load_be<uint32_t>(bytes.data() + crc_at) != crc32c_of(bytes.subspan(version_at)))
    return fail(error_code::corrupt_message, path + ": damaged, its CRC does not match");
  auto message = chisme::decode<peer::raft_reset>(buffer::copy_of(bytes.subspan(body_at)),
                                                  load_be<int16_t>(bytes.data() + version_at));
  if (!message)
    return fail(message.error().code == error_code::unsupported_version ? error_code::unsupported_version
                                                                        : error_code::corrupt_message,
                path + ": " + message.error().message);
  log_beginning out{message->start.offset, std::move(message->marks), std::move(message->producers)};
  if (const auto* problem = insane(out))
    return fail(error_code::corrupt_message, path + ": damaged: " + problem);
  return out;
}

} // namespace chisme::log
