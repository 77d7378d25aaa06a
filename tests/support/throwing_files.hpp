// A simulated disk that throws where it should return an error: what a broken invariant below an actor looks like.
#pragma once

#include "tests/support/passing_file.hpp"
#include "tests/support/sim_files.hpp"

#include <atomic>
#include <stdexcept>

namespace chisme::test {

class throwing_files : public sim_files {
public:
  /// From here on syncing a segment throws, which is the flusher's to do.
  void throw_at_sync() { *at_sync_ = true; }
  /// So many times opening a file below this folder throws.
  void throw_at_open(std::string folder, int times) {
    below_ = std::move(folder);
    opens_ = times;
  }
  int opens_left() const { return opens_; }
  /// How often a segment was written to.
  int log_writes() const { return *log_writes_; }

  result<log::file_ptr> open(const std::string& path, log::open_mode mode) override {
    if (opens_ > 0 && path.starts_with(below_)) {
      --opens_;
      throw std::logic_error{"a broken invariant"};
    }
    auto opened = sim_files::open(path, mode);
    if (!opened)
      return opened;
    return std::make_shared<throwing_file>(std::move(*opened), at_sync_, log_writes_);
  }

private:
  using flag = std::shared_ptr<std::atomic<bool>>;
  using counter = std::shared_ptr<std::atomic<int>>;

  class throwing_file final : public passing_file {
  public:
    throwing_file(log::file_ptr of, flag at_sync, counter log_writes)
      : passing_file(std::move(of)), at_sync_(std::move(at_sync)), log_writes_(std::move(log_writes)) {}
    result<void> write_at(uint64_t position, std::span<const bytes_view> parts) override {
      *log_writes_ += path().ends_with(".log");
      return of_->write_at(position, parts);
    }
    result<void> sync() override {
      if (*at_sync_ && path().ends_with(".log"))
        throw std::logic_error{"a broken invariant"};
      return of_->sync();
    }

  private:
    flag at_sync_;
    counter log_writes_;
  };

  flag at_sync_ = std::make_shared<std::atomic<bool>>(false);
  counter log_writes_ = std::make_shared<std::atomic<int>>(0);
  std::string below_;
  std::atomic<int> opens_{0};
};

} // namespace chisme::test
