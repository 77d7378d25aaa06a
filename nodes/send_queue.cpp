#include "nodes/send_queue.hpp"

#include "nodes/system_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

namespace chisme::nodes {

namespace {

constexpr size_t gather_at_most = 64;
constexpr size_t sendfile_at_most = 4 << 20;

uint64_t memory_of(const payload_part& part) {
  const auto* b = std::get_if<buffer>(&part);
  return b ? b->size() : 0;
}

uint64_t length_of(const payload_part& part) {
  if (const auto* b = std::get_if<buffer>(&part))
    return b->size();
  return std::get<file_slice>(part).length;
}

} // namespace

void send_queue::push(payload p) {
  for (auto& part : std::move(p).take_parts()) {
    memory_ += memory_of(part);
    parts_.push_back(std::move(part));
  }
}

result<send_queue::progress> send_queue::write_to(int fd) {
  while (!empty()) {
    auto more = std::holds_alternative<buffer>(parts_[head_]) ? write_memory(fd) : write_file(fd);
    if (!more)
      return tl::make_unexpected(more.error());
    if (!*more)
      return progress::blocked;
  }
  return progress::done;
}

/// False: the call would block.
template <class F>
result<bool> send_queue::written(const char* what, F call) {
  const auto n = uninterrupted(call);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return false;
  if (n < 0)
    return fail(error_code::network_exception, std::string{what} + ": " + std::strerror(errno));
  if (n == 0) // none is asked to write nothing
    return fail(error_code::kafka_storage_error, "a segment file became shorter while it was being sent");
  consumed(static_cast<size_t>(n));
  return true;
}

result<bool> send_queue::write_memory(int fd) {
  return parts_.size() - head_ == 1 ? write_one(fd) : write_gathered(fd);
}

result<bool> send_queue::write_one(int fd) {
  const auto rest = std::get<buffer>(parts_[head_]).view().subspan(head_offset_);
  return written("send", [&] { return ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT); });
}

result<bool> send_queue::write_gathered(int fd) {
  std::array<iovec, gather_at_most> vectors{};
  size_t n = 0;
  uint64_t skip = head_offset_;
  bool file_follows = false;
  for (auto i = head_; i < parts_.size(); ++i) {
    const auto* b = std::get_if<buffer>(&parts_[i]);
    if (!b) {
      file_follows = true;
      break;
    }
    if (n == vectors.size())
      break;
    vectors[n++] = {const_cast<std::byte*>(b->data() + skip), b->size() - skip};
    skip = 0;
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = n;
  const auto flags = MSG_NOSIGNAL | MSG_DONTWAIT | (file_follows ? MSG_MORE : 0);
  return written("send", [&] { return ::sendmsg(fd, &message, flags); });
}

result<bool> send_queue::write_file(int fd) {
  const auto& slice = std::get<file_slice>(parts_[head_]);
  auto position = static_cast<off_t>(slice.position + head_offset_);
  const auto length = std::min<uint64_t>(slice.length - head_offset_, sendfile_at_most);
  return written("sendfile", [&] { return ::sendfile(fd, slice.fd, &position, length); });
}

void send_queue::consumed(size_t bytes) {
  sent_ += bytes;
  uint64_t left = bytes;
  while (left > 0) {
    auto rest = length_of(parts_[head_]) - head_offset_;
    if (left < rest) {
      head_offset_ += left;
      break;
    }
    left -= rest;
    head_offset_ = 0;
    pop();
  }
  give_back();
}

void send_queue::pop() {
  memory_ -= memory_of(parts_[head_]);
  parts_[head_++] = buffer{};
}

/// The places of those that have left: all of them where nothing else is there, or else half of all at a time.
void send_queue::give_back() {
  if (empty()) {
    head_ = 0;
    if (parts_.size() <= gather_at_most)
      return parts_.clear();
    // Made anew: nothing else gives the memory of a long queue back and leaves the room for a short one.
    std::destroy_at(&parts_);
    std::construct_at(&parts_);
  } else if (head_ > gather_at_most && head_ > parts_.size() / 2) {
    parts_.erase(parts_.begin(), parts_.begin() + static_cast<ptrdiff_t>(std::exchange(head_, 0)));
  }
}

} // namespace chisme::nodes
