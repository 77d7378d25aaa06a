#include "nodes/cli/watch.hpp"

#include <ostream>
#include <thread>

namespace chisme::cli {

void add_watch_options(options::options_description& described) {
  auto add = described.add_options();
  add("watch", options::value<double>()->implicit_value(2), "shows it again every so many seconds: --watch=0.5");
  add("count", options::value<int>()->default_value(0, "for ever"), "how often --watch shows it");
}

result<repetition> repetition_of(const parsed& arguments) {
  const bool watches = arguments.has("watch");
  const auto seconds = watches ? arguments.values["watch"].as<double>() : 1;
  const auto count = arguments.values["count"].as<int>();
  if (!(seconds >= 0.1 && seconds <= 86'400))
    return fail(error_code::invalid_request, "--watch takes 0.1 to 86400 seconds");
  if (count < 0 || (!watches && count > 0))
    return fail(error_code::invalid_request, "--count says how often --watch shows it: 1 or more");
  return repetition{seconds, watches ? count : 1};
}

outcome repeat(const call& c, const repetition& times, const std::function<outcome()>& show) {
  for (int shown_times = 1;; ++shown_times) {
    const auto ended = show();
    c.out().flush();
    if (shown_times == times.count)
      return ended;
    std::this_thread::sleep_for(std::chrono::duration<double>{times.seconds});
    c.out() << "\n";
  }
}

} // namespace chisme::cli
