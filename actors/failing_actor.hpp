// What all shells do of an exception that leaves a handler: it is a broken invariant, because expected failures are
// values. The actor ends, whoever watches it acts, and one line of the log names both.
#pragma once

#include <caf/error.hpp>
#include <caf/sec.hpp>
#include <spdlog/spdlog.h>

#include <exception>
#include <string>

namespace chisme {

/// For an actor's constructor. `label` says which one of its kind, for people; it may be empty.
template <class Actor>
void end_at_exceptions(Actor& self, std::string label = {}) {
  self.set_exception_handler([&self, label = std::move(label)](std::exception_ptr& thrown) -> caf::error {
    std::string what = "of an unknown type";
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      what = e.what();
    } catch (...) {
    }
    spdlog::critical("an exception ended an actor actor={} of=\"{}\" reason=\"{}\"", self.name(), label, what);
    return caf::make_error(caf::sec::runtime_error, what);
  });
}

} // namespace chisme
