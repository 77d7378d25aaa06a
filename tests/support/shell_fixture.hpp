// Shells - actors - on CAF's deterministic scheduler: one thread, the test's, and a clock that the test moves. Whoever
// a shell talks to is a real actor too, or one that keeps what it is told. Everything goes through messages and ports.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/reply.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace chisme::test {

/// None until it is answered.
template <class T>
using answer = std::shared_ptr<std::optional<T>>;

/// A reply that is owed, and where it will be.
template <class T>
std::pair<reply<T>, answer<T>> owed() {
  auto kept = std::make_shared<std::optional<T>>();
  return {reply_with<T>([kept](T value) { *kept = std::move(value); }), kept};
}

/// An actor from a function. CAF's own for functions that take nothing else binds a reference to a null pointer.
class function_actor final : public caf::event_based_actor {
public:
  using function = std::function<caf::behavior(caf::event_based_actor*)>;

  function_actor(caf::actor_config& config, function f) : caf::event_based_actor(config), f_(std::move(f)) {}
  caf::behavior make_behavior() override { return f_(this); }

private:
  function f_;
};

inline caf::actor spawn_function(caf::actor_system& system, function_actor::function f) {
  return system.spawn<function_actor>(std::move(f));
}

/// Somebody who is asked for something and answers when the test says so.
template <class Handle, class Request, class Response>
class held_answers {
public:
  explicit held_answers(caf::actor_system& system)
    : actor_(spawn_function(system, [this](caf::event_based_actor* self) -> caf::behavior {
        self->set_default_handler(caf::drop);
        return {[this, self](const Request& r) {
                  requests.push_back(r);
                  promises_.push_back(self->template make_response_promise<Response>());
                  return promises_.back();
                },
                // Promises are kept by the actor that owes them: in its turn.
                [this](drain) {
                  for (auto& p : std::exchange(promises_, {}))
                    p.deliver(answer_);
                }};
      })) {}

  Handle handle() const { return caf::actor_cast<Handle>(actor_); }
  const caf::actor& actor() const { return actor_; }
  bool is_asked() const { return !promises_.empty(); }
  /// To all who wait; comes with the next run().
  void give(Response r) {
    answer_ = std::move(r);
    requests.clear();
    caf::anon_send(actor_, drain{});
  }

  std::vector<Request> requests; ///< not answered yet

private:
  std::vector<caf::typed_response_promise<Response>> promises_;
  Response answer_;
  caf::actor actor_;
};

/// Stands for another actor: has these handlers, drops everything else.
template <class Handle, class... Handlers>
Handle stand_in(caf::actor_system& system, Handlers... handlers) {
  return caf::actor_cast<Handle>(spawn_function(system, [=](caf::event_based_actor* self) -> caf::behavior {
    self->set_default_handler(caf::drop);
    return {handlers...};
  }));
}

struct testing_config : caf::actor_system_config {
  testing_config() { set("scheduler.policy", caf::atom("testing")); }
};

class shell_test : public ::testing::Test {
protected:
  ~shell_test() override {
    for (const auto& a : std::exchange(spawned_, {}))
      caf::anon_send_exit(a, caf::exit_reason::kill);
    steps().clock().cancel_all();
    steps().run();
  }

  caf::scheduler::test_coordinator& steps() {
    return static_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }
  /// Until nobody has anything to do. Returns how many messages were handled.
  size_t run() { return steps().run(); }

  /// Timers fall due one by one, each at its own time.
  void pass(std::chrono::milliseconds time) {
    const auto end = now_ + time;
    for (;;) {
      const auto& timers = steps().clock().schedule();
      if (timers.empty() || timers.begin()->first - begin_ > end)
        break;
      now_ = std::max(now_, std::chrono::duration_cast<std::chrono::milliseconds>(timers.begin()->first - begin_));
      steps().trigger_timeout();
      run();
    }
    now_ = end;
    steps().clock().current_time = begin_ + end;
    run();
  }
  /// Milliseconds that have passed.
  int64_t now() const { return now_.count(); }

  template <class Actor, class... Args>
  auto spawn(Args&&... args) {
    auto handle = system_.spawn<Actor>(std::forward<Args>(args)...);
    end_later(handle);
    return handle;
  }

  /// A stand_in() that ends with the test.
  template <class Handle, class... Handlers>
  Handle fake(Handlers... handlers) {
    auto made = stand_in<Handle>(system_, std::move(handlers)...);
    end_later(made);
    return made;
  }

  /// Tells when the actor has ended, and why.
  template <class Handle>
  answer<caf::error> watch(const Handle& of) {
    auto ended = std::make_shared<std::optional<caf::error>>();
    caf::actor_cast<caf::actor>(of)->attach_functor([ended](const caf::error& reason) { *ended = reason; });
    return ended;
  }

  template <class Handle>
  void end_later(const Handle& a) {
    spawned_.push_back(caf::actor_cast<caf::actor>(a));
  }

private:
  testing_config config_;

protected:
  caf::actor_system system_{config_};

private:
  caf::actor_clock::time_point begin_ = steps().clock().now();
  std::chrono::milliseconds now_{0};
  std::vector<caf::actor> spawned_;
};

} // namespace chisme::test
