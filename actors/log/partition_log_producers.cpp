// The producer state as the log has it: the newest snapshot that is not ahead of it, and what came after.
#include "actors/log/file_names.hpp"
#include "actors/log/partition_log.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

/// All batches of `s` from the one with `from` on, as far as they can be walked through: damage is for the reader to
/// meet, it is no reason to refuse the whole log. Returns how many bytes they have.
result<uint64_t> replay(segment& s, offset_t from, bool gaps_allowed, producer_state& into) {
  auto first = s.find(from, gaps_allowed);
  if (!first && first.error().code != error_code::corrupt_message)
    return tl::make_unexpected(first.error());
  if (!first || !*first)
    return 0;
  batch_scanner scanner{*s.log(), (*first)->position, s.size(), batch_scanner::check::headers};
  for (;;) {
    auto batch = scanner.next();
    if (!batch)
      return tl::make_unexpected(batch.error());
    if (!*batch)
      return scanner.position() - (*first)->position;
    into.update((*batch)->header);
  }
}

/// Takes the state from a snapshot file; false where it is damaged, the log then tells as much. A disk that refuses to
/// give it is no reason to forget what the log may not hold any more.
result<bool> load_state(files& disk, const std::string& path, size_t most_producers, producer_state& into) {
  auto content = disk.read_all(path);
  if (!content)
    return tl::make_unexpected(content.error());
  auto state = producer_state::load(*content, path, most_producers);
  if (!state)
    return false;
  into = std::move(*state);
  return true;
}

} // namespace

result<bool> partition_log::rebuild_producers(offset_t empty_at) {
  producers_.clear();
  since_snapshot_ = 0;
  auto from = empty_at;
  bool dropped = false;
  while (!snapshots_.empty()) {
    const auto at = snapshots_.back();
    const auto path = file_stem(dir_, at) + std::string{snapshot_suffix};
    if (at >= empty_at && at <= end_offset_) {
      auto loaded = load_state(*disk_, path, options_.most_producers, producers_);
      if (!loaded)
        return loaded;
      if (*loaded) {
        from = at;
        break;
      }
    }
    if (auto ok = disk_->remove(path); !ok)
      return tl::make_unexpected(ok.error());
    dropped = true;
    snapshots_.pop_back();
  }
  for (auto i = segment_index(from); i < segments_.size() && from < end_offset_; ++i) {
    auto& s = *segments_[i];
    auto replayed = replay(s, std::max(from, s.base_offset()), gaps_allowed(s), producers_);
    if (!replayed)
      return tl::make_unexpected(replayed.error());
    since_snapshot_ += *replayed;
  }
  return dropped;
}

} // namespace chisme::log
