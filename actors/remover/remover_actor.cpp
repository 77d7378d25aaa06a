#include "actors/remover/remover_actor.hpp"

#include "actors/log/folder_content.hpp"
#include "actors/log/partition_metadata.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace chisme::remover {

namespace {

constexpr std::chrono::milliseconds first_pause{500};
constexpr std::chrono::milliseconds longest_pause{60'000};

} // namespace

remover::remover(caf::actor_config& config, std::shared_ptr<log::files> disk, std::string root)
  : remover_actor::base(config), disk_(std::move(disk)), root_(std::move(root)), pause_(first_pause, longest_pause) {}

remover::behavior_type remover::make_behavior() {
  return {
    [this](remove_request& r) -> caf::result<remove_result> {
      // The drain comes behind everything that is in the mailbox now: all of that shares one sync.
      if (waiting_.empty())
        send(this, drain{});
      waiting_.push_back({std::move(r), make_response_promise<remove_result>()});
      return waiting_.back().answer;
    },
    [this](drain) { rename_all(); },
    [this](tick) {
      scheduled_ = false;
      if (backlog_.must_wait())
        backlog_.retry_failed();
      remove_next();
    },
  };
}

/// A promise kept beyond the end would keep the actor alive for ever. What is left is found by the next start.
void remover::on_exit() {
  for (auto& w : std::exchange(waiting_, {}))
    w.answer.deliver(remove_result{"the node ends"});
}

void remover::rename_all() {
  auto all = std::exchange(waiting_, {});
  std::vector<std::string> failures;
  for (const auto& w : all) {
    auto renamed = make_doomed(w.what);
    failures.push_back(renamed ? std::string{} : renamed.error().message);
  }
  const auto synced = disk_->sync_directory(root_);
  for (size_t i = 0; i < all.size(); ++i) {
    if (failures[i].empty() && !synced)
      failures[i] = synced.error().message;
    if (failures[i].empty())
      backlog_.add(path_of(all[i].what.doomed));
    all[i].answer.deliver(remove_result{std::move(failures[i])});
  }
  schedule();
}

result<void> remover::make_doomed(const remove_request& r) {
  if (r.folder == r.doomed)
    return {};
  auto is_there = is_to_go(r);
  if (!is_there || !*is_there)
    return is_there ? result<void>{} : tl::make_unexpected(is_there.error());
  // Something of this name was on its way out before.
  if (auto ok = disk_->remove_all(path_of(r.doomed)); !ok)
    return ok;
  return disk_->rename(path_of(r.folder), path_of(r.doomed));
}

result<bool> remover::is_to_go(const remove_request& r) const {
  auto there = disk_->exists(path_of(r.folder));
  if (!there || !*there)
    return there;
  auto owner = log::read_partition_metadata(*disk_, path_of(r.folder));
  if (!owner && owner.error().code != error_code::corrupt_message)
    return tl::make_unexpected(owner.error());
  const auto says = owner ? *owner : std::nullopt;
  if (says || r.was_ours)
    return !says || *says == r.topic_id;
  auto keeps = log::holds_records(*disk_, path_of(r.folder));
  return keeps ? result<bool>{!*keeps} : keeps;
}

/// One at a time, so that the end of the node waits for one at most.
void remover::remove_next() {
  if (backlog_.must_wait())
    return;
  const auto path = backlog_.next();
  if (auto ok = disk_->remove_all(path); !ok) {
    if (told_.insert(path).second)
      spdlog::error("the folder of a deleted topic cannot be removed and is tried again folder={} reason=\"{}\"", path,
                    ok.error().message);
    backlog_.failed();
  } else {
    if (told_.erase(path) > 0)
      spdlog::info("the folder of a deleted topic is removed at last folder={}", path);
    backlog_.removed();
    pause_.reset();
  }
  schedule();
}

void remover::schedule() {
  if (scheduled_ || backlog_.empty())
    return;
  scheduled_ = true;
  if (backlog_.must_wait())
    delayed_send(this, pause_.next(), tick{});
  else
    send(this, tick{});
}

} // namespace chisme::remover
