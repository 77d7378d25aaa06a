#include "actors/disk_worker/disk_worker_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/partition/open_replica.hpp"
#include "actors/supervisor/leftover_folders.hpp"

#include <algorithm>
#include <exception>
#include <type_traits>
#include <utility>

namespace chisme::disk_worker {

namespace {

/// Others have their turn after it.
constexpr uint64_t warmed_in_one_turn = 1 << 20;

/// What one log or request does to it must not end the worker of many: an exception is a failure of that one.
template <class Work>
std::invoke_result_t<Work> guarded(Work work) {
  try {
    return work();
  } catch (const std::exception& e) {
    return fail(error_code::kafka_storage_error, e.what());
  }
}

} // namespace

disk_worker::disk_worker(caf::actor_config& config, std::shared_ptr<log::files> disk)
  : disk_worker_actor::base(config), disk_(std::move(disk)) {
  end_at_exceptions(*this);
}

disk_worker::behavior_type disk_worker::make_behavior() {
  return {
    [this](const open_request& r) -> open_result {
      try {
        return {std::make_shared<partition::opened_replica>(partition::open_replica(*disk_, *r.what)), {}};
      } catch (const std::exception& e) {
        return {nullptr, e.what()};
      }
    },
    [](close_log_request& r) { return close_log(r); },
    [](work_request& r) { return work(r); },
    [this](const search_request& r) -> search_result {
      auto found = guarded(
        [&] { return supervisor::find_leftovers(*disk_, r.what->data_dir, *r.what->cluster, *r.what->deleted); });
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
  const auto done = guarded([&] { return log->close(); });
  return {done ? std::string{} : done.error().message};
}

work_result disk_worker::work(work_request& r) {
  work_result out{std::exchange(r.log, nullptr), {}, {}};
  try {
    out.outcome = r.what(*out.log);
  } catch (const std::exception& e) {
    out.exception = e.what();
  }
  return out;
}

caf::result<warm_result> disk_worker::warm(warm_request& r) {
  if (r.wanted && !r.wanted())
    return warm_result{};
  const auto more = guarded([&] { return warm_some(r.what); });
  if (!more && !r.needed)
    return warm_result{more.error().message};
  if (!more)
    r.what = *std::exchange(r.needed, std::nullopt);
  else if (!*more)
    return warm_result{};
  return delegate(disk_worker_actor{this}, std::move(r));
}

result<bool> disk_worker::warm_some(log::cold_range& rest) {
  if (scratch_.empty())
    scratch_.resize(warmed_in_one_turn);
  const auto n =
    rest.file->read_at(rest.position, std::span{scratch_}.first(std::min(rest.length, warmed_in_one_turn)));
  if (!n)
    return tl::make_unexpected(n.error());
  rest.position += *n;
  rest.length -= *n;
  return rest.length > 0 && *n == warmed_in_one_turn;
}

} // namespace chisme::disk_worker
