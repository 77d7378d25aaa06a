// The machine's disk, and files of it that have left the memory while the disk does not answer: reading one of them
// blocks until the test says otherwise, and asking whether it is in memory says no.
#pragma once

#include "nodes/posix_files.hpp"
#include "tests/support/passing_file.hpp"

#include <condition_variable>
#include <mutex>

namespace chisme::test {

class slow_disk final : public log::files {
public:
  /// From now on reads of files with this in their path block.
  void stop_answering(std::string in_path) {
    std::lock_guard lock{state_->mutex};
    state_->stuck = std::move(in_path);
  }
  /// The disk answers again, and everything is in memory.
  void answer() {
    std::lock_guard lock{state_->mutex};
    state_->stuck.clear();
    state_->changed.notify_all();
  }
  /// So many reads block.
  void wait_until_stuck(int reads) {
    std::unique_lock lock{state_->mutex};
    state_->changed.wait(lock, [&] { return state_->blocked >= reads; });
  }

  result<log::file_ptr> open(const std::string& path, log::open_mode mode) override {
    auto opened = disk_.open(path, mode);
    if (!opened)
      return opened;
    return std::make_shared<slow_file>(std::move(*opened), state_);
  }
  result<bool> exists(const std::string& path) override { return disk_.exists(path); }
  result<std::vector<log::dir_entry>> list(const std::string& path) override { return disk_.list(path); }
  result<void> make_directories(const std::string& path) override { return disk_.make_directories(path); }
  result<void> remove(const std::string& path) override { return disk_.remove(path); }
  result<void> remove_all(const std::string& path) override { return disk_.remove_all(path); }
  result<void> rename(const std::string& from, const std::string& to) override { return disk_.rename(from, to); }
  result<log::file_ptr> open_directory(const std::string& path) override { return disk_.open_directory(path); }
  result<log::filesystem_ptr> open_filesystem(const std::string& path) override { return disk_.open_filesystem(path); }
  result<uint64_t> free_space(const std::string& path) override { return disk_.free_space(path); }

private:
  struct state {
    bool is_stuck(const std::string& path) const { return !stuck.empty() && path.find(stuck) != std::string::npos; }

    std::mutex mutex;
    std::condition_variable changed;
    std::string stuck; // under mutex, as is the next one
    int blocked = 0;
  };

  class slow_file final : public passing_file {
  public:
    slow_file(log::file_ptr of, std::shared_ptr<state> s) : passing_file(std::move(of)), state_(std::move(s)) {}

    result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
      {
        std::unique_lock lock{state_->mutex};
        ++state_->blocked;
        state_->changed.notify_all();
        state_->changed.wait(lock, [this] { return !state_->is_stuck(path()); });
        --state_->blocked;
      }
      return of_->read_at(position, into);
    }
    result<std::optional<size_t>> read_from_memory(uint64_t position, std::span<std::byte> into) override {
      if (!is_in_memory(position, into.size()))
        return std::nullopt;
      return of_->read_from_memory(position, into);
    }
    bool is_in_memory(uint64_t, uint64_t) override {
      std::lock_guard lock{state_->mutex};
      return !state_->is_stuck(path());
    }

  private:
    std::shared_ptr<state> state_;
  };

  posix_files disk_;
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

} // namespace chisme::test
