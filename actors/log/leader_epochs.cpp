#include "actors/log/leader_epochs.hpp"

#include <algorithm>
#include <charconv>

namespace chisme::log {

namespace {

/// Takes a number off the front of `text`, which must be followed by `separator`.
template <class T>
bool take_number(std::string_view& text, char separator, T& value) {
  auto [at, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || at == text.data() + text.size() || *at != separator)
    return false;
  text.remove_prefix(static_cast<size_t>(at - text.data()) + 1);
  return true;
}

} // namespace

result<leader_epochs> leader_epochs::parse(std::string_view text, const std::string& path) {
  int version = 0;
  size_t count = 0;
  if (!take_number(text, '\n', version))
    return fail(error_code::corrupt_message, path + ": not a leader epoch file");
  if (version != 0)
    return fail(error_code::unsupported_version,
                path + ": version " + std::to_string(version) + ", written by a newer program than this");
  if (!take_number(text, '\n', count))
    return fail(error_code::corrupt_message, path + ": damaged, its second line is not a count");
  leader_epochs out;
  for (size_t i = 0; i < count; ++i) {
    epoch_mark m;
    const bool readable = take_number(text, ' ', m.epoch) && take_number(text, '\n', m.start_offset);
    if (!readable || m.epoch < 0 || m.start_offset < 0 || !out.assign(m.epoch, m.start_offset) ||
        out.marks_.size() != i + 1)
      return fail(error_code::corrupt_message, path + ": damaged at entry " + std::to_string(i + 1));
  }
  return out;
}

std::string leader_epochs::text() const {
  auto out = "0\n" + std::to_string(marks_.size()) + "\n";
  for (const auto& m : marks_)
    out += std::to_string(m.epoch) + " " + std::to_string(m.start_offset) + "\n";
  return out;
}

bool leader_epochs::assign(leader_epoch_t epoch, offset_t start_offset) {
  if (epoch < 0 || (!marks_.empty() && epoch <= marks_.back().epoch))
    return false;
  while (!marks_.empty() && marks_.back().start_offset > start_offset)
    marks_.pop_back();
  marks_.push_back({epoch, start_offset});
  return true;
}

void leader_epochs::witness(const epoch_mark& batch) {
  std::erase_if(marks_,
                [&](const epoch_mark& m) { return m.start_offset > batch.start_offset && m.epoch <= batch.epoch; });
  const auto newer = std::ranges::partition_point(marks_, [&](const epoch_mark& m) { return m.epoch <= batch.epoch; });
  const bool known = newer != marks_.begin() && std::prev(newer)->epoch == batch.epoch;
  // An older epoch behind the mark of a newer one is nothing that a leader writes: the marks stay as they are.
  const bool fits = newer == marks_.end() || newer->start_offset >= batch.start_offset;
  if (!known && fits && batch.epoch >= 0)
    marks_.insert(newer, batch);
}

std::optional<epoch_mark> leader_epochs::latest() const {
  return marks_.empty() ? std::nullopt : std::optional{marks_.back()};
}

leader_epoch_t leader_epochs::epoch_of(offset_t offset) const {
  auto behind =
    std::partition_point(marks_.begin(), marks_.end(), [&](const epoch_mark& m) { return m.start_offset <= offset; });
  return behind == marks_.begin() ? -1 : std::prev(behind)->epoch;
}

epoch_end leader_epochs::end_offset_for(leader_epoch_t epoch, offset_t log_end) const {
  if (epoch < 0 || marks_.empty() || epoch > marks_.back().epoch)
    return {};
  if (epoch == marks_.back().epoch)
    return {epoch, log_end};
  auto higher =
    std::partition_point(marks_.begin(), marks_.end(), [&](const epoch_mark& m) { return m.epoch <= epoch; });
  return {higher == marks_.begin() ? epoch : std::prev(higher)->epoch, higher->start_offset};
}

bool leader_epochs::truncate_end(offset_t end, leader_epoch_t keep_epoch) {
  const auto before = marks_.size();
  while (!marks_.empty() &&
         (marks_.back().start_offset > end || (marks_.back().start_offset == end && marks_.back().epoch > keep_epoch)))
    marks_.pop_back();
  return marks_.size() != before;
}

bool leader_epochs::truncate_start(offset_t start) {
  auto behind =
    std::partition_point(marks_.begin(), marks_.end(), [&](const epoch_mark& m) { return m.start_offset <= start; });
  if (behind == marks_.begin())
    return false;
  auto covering = std::prev(behind);
  const bool changed = covering != marks_.begin() || covering->start_offset != start;
  covering->start_offset = start;
  marks_.erase(marks_.begin(), covering);
  return changed;
}

} // namespace chisme::log
