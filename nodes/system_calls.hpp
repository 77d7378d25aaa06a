// What every use of POSIX needs: calls that signals interrupt, descriptors that are closed.
#pragma once

#include <cerrno>
#include <unistd.h>

namespace chisme {

/// Calls `f` again as long as a signal interrupts it.
template <class F>
auto uninterrupted(F f) {
  for (;;) {
    auto n = f();
    if (n != -1 || errno != EINTR)
      return n;
  }
}

/// Owns a descriptor; negative: none.
class descriptor {
public:
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_;
};

} // namespace chisme
