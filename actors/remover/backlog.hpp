// The folders that a remover has still to empty, and in which order.
//
// One that cannot be removed goes behind all others, so that it holds nobody up; when only such are left, it is time to
// wait.
#pragma once

#include <deque>
#include <string>

namespace chisme::remover {

class backlog {
public:
  void add(std::string path) { due_.push_back(std::move(path)); }

  bool empty() const { return due_.empty() && failed_.empty(); }
  /// Nothing is left that has not failed since the last retry_failed().
  bool must_wait() const { return due_.empty(); }
  /// The next one to remove; not to be called where it must_wait().
  const std::string& next() const { return due_.front(); }
  void removed() { due_.pop_front(); }
  void failed() {
    failed_.push_back(std::move(due_.front()));
    due_.pop_front();
  }
  void retry_failed() {
    for (; !failed_.empty(); failed_.pop_front())
      due_.push_back(std::move(failed_.front()));
  }

private:
  std::deque<std::string> due_;
  std::deque<std::string> failed_;
};

} // namespace chisme::remover
