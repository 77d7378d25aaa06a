// A value that many threads read, and some change, none of them ever waiting for another.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace chisme::peers {

template <class Value>
class published {
public:
  /// As it is now; it stays like that.
  std::shared_ptr<const Value> get() const { return value_.load(); }

  /// Puts a copy that `change` has changed in its place; `change` runs again where somebody else was faster.
  template <class Change>
  void update(Change change) {
    auto before = value_.load();
    for (;;) {
      auto next = std::make_shared<Value>(*before);
      change(*next);
      if (value_.compare_exchange_strong(before, std::move(next)))
        return;
    }
  }

private:
  std::atomic<std::shared_ptr<const Value>> value_{std::make_shared<const Value>()};
};

} // namespace chisme::peers
