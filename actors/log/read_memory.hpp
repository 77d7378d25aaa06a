// Memory for the records of answers. It is taken before they are read and given back when the last byte of the answer
// has left; a piece of a file costs nothing until then, so who gets no memory is answered with that. Thread-safe.
#pragma once

#include "messages/buffer.hpp"

#include <atomic>
#include <cstdint>

namespace chisme::log {

/// Of all answers of a node.
class read_memory {
public:
  explicit read_memory(uint64_t limit) : limit_(limit) {}

  bool take(uint64_t bytes) {
    auto held = held_.load(std::memory_order_relaxed);
    while (held + bytes <= limit_)
      if (held_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed))
        return true;
    return false;
  }
  void give_back(uint64_t bytes) { held_.fetch_sub(bytes, std::memory_order_relaxed); }
  uint64_t held() const { return held_.load(std::memory_order_relaxed); }

private:
  const uint64_t limit_;
  std::atomic<uint64_t> held_{0};
};

/// What one answer may have of it. Lives as long as the answer and everything that was read for it.
class answer_memory {
public:
  answer_memory(std::shared_ptr<read_memory> of, uint64_t at_most) : of_(std::move(of)), here_(at_most) {}
  answer_memory(const answer_memory&) = delete;
  answer_memory& operator=(const answer_memory&) = delete;
  ~answer_memory() { of_->give_back(here_.held()); }

  bool take(uint64_t bytes) {
    if (!here_.take(bytes))
      return false;
    if (of_->take(bytes))
      return true;
    here_.give_back(bytes);
    return false;
  }
  /// What was taken and is not used.
  void give_back(uint64_t bytes) {
    here_.give_back(bytes);
    of_->give_back(bytes);
  }

  /// The same bytes, which keep `memory` alive.
  static buffer hold(std::shared_ptr<answer_memory> memory, buffer bytes) {
    struct held {
      std::shared_ptr<answer_memory> memory; // goes last
      buffer bytes;
    };
    const auto view = bytes.view();
    return {std::make_shared<const held>(held{std::move(memory), std::move(bytes)}), view};
  }

private:
  std::shared_ptr<read_memory> of_;
  read_memory here_;
};

} // namespace chisme::log
