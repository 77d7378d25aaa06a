#include "actors/disk_worker/disk_worker_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/partition/open_replica.hpp"
#include "actors/supervisor/leftover_folders.hpp"

#include <algorithm>
#include <utility>

namespace chisme::disk_worker {

namespace {

/// Others have their turn after it.
constexpr uint64_t warmed_in_one_turn = 1 << 20;

} // namespace

disk_worker::disk_worker(caf::actor_config& config, std::shared_ptr<log::files> disk)
  : disk_worker_actor::base(config), disk_(std::move(disk)) {
  end_at_exceptions(*this);
}

disk_worker::behavior_type disk_worker::make_behavior() {
  return {
    [this](const open_request& r) -> open_result {
      // What one log does to it must not end the worker of many.
      try {
        return {std::make_shared<partition::opened_replica>(partition::open_replica(*disk_, *r.what)), {}};
      } catch (const std::exception& e) {
        return {nullptr, e.what()};
      }
    },
    [](close_log_request& r) { return close_log(r); },
    [this](const search_request& r) -> search_result {
      auto found = supervisor::find_leftovers(*disk_, r.what->data_dir, *r.what->cluster, *r.what->deleted);
      if (!found)
        return {nullptr, found.error().message};
      return {std::make_shared<const supervisor::leftovers>(std::move(*found)), {}};
    },
    [this](warm_request& r) { return warm(r); },
    [](close_request& r) { r.files.clear(); },
  };
}

close_log_result disk_worker::close_log(close_log_request& r) {
  const auto log = std::exchange(r.log, nullptr);
  try {
    const auto done = log->close();
    return {done ? std::string{} : done.error().message};
  } catch (const std::exception& e) {
    return {e.what()};
  }
}

caf::result<warm_result> disk_worker::warm(warm_request& r) {
  if (r.wanted && !r.wanted())
    return warm_result{};
  if (scratch_.empty())
    scratch_.resize(warmed_in_one_turn);
  auto& rest = r.what;
  const auto n =
    rest.file->read_at(rest.position, std::span{scratch_}.first(std::min(rest.length, warmed_in_one_turn)));
  if (!n)
    return warm_result{};
  rest.position += *n;
  rest.length -= *n;
  if (rest.length == 0 || *n < warmed_in_one_turn)
    return warm_result{true};
  return delegate(disk_worker_actor{this}, std::move(r));
}

} // namespace chisme::disk_worker
