// An answer that is owed.
//
// Whoever asks an actor from outside the actor world (a client's session on an io thread) hands a reply along with
// the question. It can be answered from any thread, once; if everybody drops it unanswered - the actor died, the
// message was lost in a mailbox that closed - it answers T::lost() by itself. So nothing outside ever waits for an
// answer that cannot come, and no timeout has to be guessed for it.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace chisme {

/// Collects the answers of one question that went to several places; `index` says which place answers.
/// deliver() is called from any thread, exactly once for each index.
template <class T>
class reply_sink {
public:
  virtual ~reply_sink() = default;
  virtual void deliver(size_t index, T value) = 0;
  /// False once nobody will look at the answers any more, because the client has gone. From any thread.
  virtual bool wanted() const { return true; }
};

/// A copyable handle to one owed answer. T needs `static T lost()`.
template <class T>
class reply {
public:
  reply() = default;

  reply(std::shared_ptr<reply_sink<T>> sink, size_t index) : debt_(std::make_shared<debt>(std::move(sink), index)) {}

  /// Answers; later calls do nothing. An empty reply ignores the answer.
  void operator()(T value) const {
    if (debt_ && !debt_->paid.exchange(true))
      debt_->sink->deliver(debt_->index, std::move(value));
  }

  explicit operator bool() const { return debt_ != nullptr; }

  /// Whether somebody will look at the answer. Where nobody will, the work for it may be left out.
  bool wanted() const { return debt_ && debt_->sink->wanted(); }

  /// The same question for those who will not answer: it does not keep the answer owed.
  std::function<bool()> watch() const {
    return [sink = debt_ ? debt_->sink : nullptr] { return sink && sink->wanted(); };
  }

private:
  struct debt {
    debt(std::shared_ptr<reply_sink<T>> s, size_t i) : sink(std::move(s)), index(i) {}
    debt(const debt&) = delete;
    debt& operator=(const debt&) = delete;
    ~debt() {
      if (!paid.exchange(true))
        sink->deliver(index, T::lost());
    }

    std::shared_ptr<reply_sink<T>> sink;
    size_t index;
    std::atomic<bool> paid{false};
  };

  std::shared_ptr<debt> debt_;
};

/// A sink for one answer, from a callable.
template <class T, class F>
reply<T> reply_with(F f) {
  struct sink final : reply_sink<T> {
    explicit sink(F g) : g_(std::move(g)) {}
    void deliver(size_t, T value) override { g_(std::move(value)); }
    F g_;
  };
  return reply<T>{std::make_shared<sink>(std::move(f)), 0};
}

} // namespace chisme
