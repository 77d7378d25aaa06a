// The bound of durable requests: group commit and nothing else.
#include "actors/flusher/sync_round.hpp"
#include "tests/bench/bounds.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace chisme::bench {

namespace {

/// Runs in a process of its own that has nobody to tell: whatever fails ends it.
void must(bool good) {
  if (!good)
    ::_exit(1);
}

class syncing_loop {
public:
  syncing_loop(int listener, const std::vector<int>& files, const buffer& answer) : answer_(answer) {
    for (auto fd : files)
      files_.push_back({fd, {}});
    waits_.push_back({listener, POLLIN, 0});
    in_.emplace_back();
  }

  void run() {
    for (;;) {
      must(::poll(waits_.data(), waits_.size(), -1) > 0);
      frames_.assign(waits_.size(), 0);
      for (size_t i = 1; i < waits_.size(); ++i) {
        if (waits_[i].revents != 0)
          receive(i);
      }
      if (waits_[0].revents != 0)
        accept();
      write();
      for (size_t i = 1; i < frames_.size(); ++i)
        answer(i);
    }
  }

private:
  void accept() {
    const auto fd = ::accept4(waits_[0].fd, nullptr, nullptr, SOCK_CLOEXEC);
    must(fd >= 0);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    waits_.push_back({fd, POLLIN, 0});
    in_.emplace_back();
  }

  void receive(size_t i) {
    const auto n = ::recv(waits_[i].fd, scratch_.data(), scratch_.size(), 0);
    if (n <= 0) {
      waits_[i].fd = -1; // gone; poll passes over it
      return;
    }
    auto& in = in_[i];
    in.insert(in.end(), scratch_.begin(), scratch_.begin() + n);
    size_t at = 0;
    for (uint32_t size = 0; in.size() - at >= sizeof size; at += sizeof size + size) {
      std::memcpy(&size, in.data() + at, sizeof size);
      size = ntohl(size);
      if (in.size() - at < sizeof size + size)
        break;
      ++frames_[i];
      auto& batch = files_[next_file_++ % files_.size()].batch;
      const auto frame = in.begin() + static_cast<std::ptrdiff_t>(at);
      batch.insert(batch.end(), frame, frame + static_cast<std::ptrdiff_t>(sizeof size + size));
    }
    in.erase(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(at));
  }

  void write() {
    size_t dirty = 0;
    for (auto& f : files_) {
      if (f.batch.empty())
        continue;
      must(::write(f.fd, f.batch.data(), f.batch.size()) == static_cast<ssize_t>(f.batch.size()));
      ++dirty;
    }
    sync(dirty);
    for (auto& f : files_)
      f.batch.clear();
  }

  /// All is written by now: the first sync's commit of the journal covers what the others need of it.
  void sync(size_t dirty) {
    if (dirty >= flusher::sync_round::whole_filesystem_from)
      return must(::syncfs(files_.front().fd) == 0);
    for (auto& f : files_) {
      if (!f.batch.empty())
        must(::fdatasync(f.fd) == 0);
    }
  }

  void answer(size_t i) {
    bytes out;
    const auto size = htonl(static_cast<uint32_t>(answer_.size()));
    const auto* head = reinterpret_cast<const std::byte*>(&size);
    for (size_t n = 0; n < frames_[i]; ++n) {
      out.insert(out.end(), head, head + sizeof size);
      out.insert(out.end(), answer_.data(), answer_.data() + answer_.size());
    }
    if (!out.empty())
      must(::send(waits_[i].fd, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size()));
  }

  struct dirty_file {
    int fd;
    bytes batch;
  };

  std::vector<dirty_file> files_;
  size_t next_file_ = 0;
  buffer answer_;
  std::vector<pollfd> waits_; // the first is the listener
  std::vector<bytes> in_;     // of each connection: a frame that is not complete
  std::vector<size_t> frames_;
  bytes scratch_ = bytes(256 * 1024);
};

} // namespace

bound_server receive_and_sync(const std::string& file, size_t files, const buffer& answer) {
  const auto listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* name = reinterpret_cast<sockaddr*>(&at);
  if (listener < 0 || ::bind(listener, name, size) != 0 || ::listen(listener, 128) != 0 ||
      ::getsockname(listener, name, &size) != 0)
    give_up("the bound cannot listen");
  bound_server out;
  out.port = ntohs(at.sin_port);
  out.process = child::run([&] {
    std::vector<int> open;
    for (size_t i = 0; i < files; ++i) {
      const auto path = file + "-" + std::to_string(i);
      open.push_back(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
      must(open.back() >= 0);
    }
    syncing_loop{listener, open, answer}.run();
  });
  ::close(listener);
  return out;
}

} // namespace chisme::bench
