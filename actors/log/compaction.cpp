#include "actors/log/compaction.hpp"

#include "actors/log/batch_filter.hpp"
#include "actors/log/file_names.hpp"
#include "actors/log/segment.hpp"

#include <algorithm>
#include <limits>

namespace chisme::log {

namespace {

/// New batches are written in pieces of about this size.
constexpr size_t write_chunk = 1u << 20;

tl::unexpected<error> corrupt(const compaction_input& s, uint64_t position, const char* why) {
  return fail(error_code::corrupt_message, s.log->path() + ": the batch at position " + std::to_string(position) +
                                             " is corrupt: " + why + "; the log is not compacted");
}

result<void> check_log(const compaction_plan& plan) {
  if (plan.log_is_gone && plan.log_is_gone->load(std::memory_order_acquire))
    return fail(error_code::operation_not_attempted, plan.directory + ": the log was closed while it was compacted");
  return {};
}

/// Calls `visit(const batch_view&)` -> result<bool> for each batch, with its bytes, until it returns false.
template <class F>
result<bool> for_each_batch(const compaction_plan& plan, const compaction_input& s, F visit) {
  uint64_t position = 0;
  while (position < s.size) {
    if (auto ok = check_log(plan); !ok)
      return tl::make_unexpected(ok.error());
    batch_scanner scanner{*s.log, position, s.size, batch_scanner::check::headers};
    auto located = scanner.next();
    if (!located)
      return tl::make_unexpected(located.error());
    if (!*located)
      return corrupt(s, position, scanner.problem());
    buffer_builder memory{(*located)->header.size()};
    auto n = s.log->read_at(position, memory.span());
    if (!n)
      return tl::make_unexpected(n.error());
    const batch_view batch{(*located)->header, bytes_view{memory.span()}};
    if (*n < memory.size() || !batch.crc_matches())
      return corrupt(s, position, "its CRC does not match");
    result<bool> go_on = visit(batch);
    if (!go_on || !*go_on)
      return go_on;
    position = (*located)->end();
  }
  return true;
}

/// Fills the map from the dirty part on; returns up to where it reaches.
result<offset_t> map_keys(const compaction_plan& plan, offset_map& newest) {
  offset_t upto = plan.dirty_from;
  for (const auto& s : plan.segments) {
    if (s.end_offset <= plan.dirty_from)
      continue;
    auto all = for_each_batch(plan, s, [&](const batch_view& batch) -> result<bool> {
      const auto& h = batch.header;
      if (h.last_offset() < plan.dirty_from || h.is_control())
        return true;
      auto block = records_of(batch);
      if (!block)
        return tl::make_unexpected(block.error());
      record_reader records{*block};
      while (auto r = records.next()) {
        const auto offset = h.base_offset + r->offset_delta;
        upto = offset;
        if (!r->key.is_null && !newest.put(r->key.bytes, offset))
          return false;
      }
      upto = h.next_offset();
      return true;
    });
    if (!all)
      return tl::make_unexpected(all.error());
    if (!*all)
      return upto;
    upto = s.end_offset;
  }
  return upto;
}

/// Writes one new segment.
class group_writer {
public:
  group_writer(files& disk, const compaction_plan& plan, const filter_rules& rules)
    : disk_(disk), plan_(plan), rules_(rules) {}

  result<uint64_t> write(const compacted_group& group) {
    auto out = segment::create(disk_, plan_.directory, group.replaces.front().base_offset, plan_.index_interval_bytes,
                               std::string{cleaned_suffix});
    if (!out)
      return tl::make_unexpected(out.error());
    out_ = std::move(*out);
    for (const auto& s : group.replaces) {
      auto ok = for_each_batch(plan_, s, [&](const batch_view& batch) -> result<bool> {
        auto kept = keep(batch, batch.header.next_offset() == group.replaces.back().end_offset);
        return kept ? result<bool>{true} : tl::make_unexpected(kept.error());
      });
      if (!ok)
        return tl::make_unexpected(ok.error());
    }
    if (auto ok = finish(); !ok)
      return tl::make_unexpected(ok.error());
    return out_->size();
  }

private:
  result<void> keep(const batch_view& batch, bool is_last) {
    const auto& h = batch.header;
    const bool needed = is_last || plan_.producer_last_offsets.contains(h.last_offset());
    if (h.is_control() || (h.record_count == 0 && needed) || h.base_offset >= rules_.mapped_upto)
      return add(h, batch.bytes);
    if (h.record_count == 0)
      return {};
    auto left = filter_batch(batch, rules_);
    if (!left)
      return tl::make_unexpected(left.error());
    switch (left->what) {
      case filtered_batch::kind::unchanged:
        return add(h, batch.bytes);
      case filtered_batch::kind::rebuilt:
        return add(batch_header::parse(left->bytes.data()), left->bytes);
      case filtered_batch::kind::empty:
        break;
    }
    if (!needed)
      return {};
    const auto nothing = empty_batch(h);
    return add(batch_header::parse(nothing.data()), nothing);
  }

  result<void> add(const batch_header& h, bytes_view bytes) {
    waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
    headers_.push_back(h);
    return waiting_.size() < write_chunk ? result<void>{} : write_out();
  }

  /// What compaction will free is not free yet.
  result<void> check_space() {
    const auto space = disk_.free_space(plan_.directory);
    if (space && *space < waiting_.size() + plan_.leave_free)
      return fail(error_code::kafka_storage_error, plan_.directory + ": compaction leaves the last " +
                                                     std::to_string(plan_.leave_free) + " bytes of the disk alone");
    return {};
  }

  result<void> write_out() {
    if (auto ok = check_space(); !ok)
      return ok;
    auto position = out_->size();
    const bytes_view parts[] = {waiting_};
    if (auto ok = out_->append(parts, waiting_.size()); !ok)
      return ok;
    for (const auto& h : headers_) {
      out_->note(h, position);
      position += h.size();
    }
    waiting_.clear();
    headers_.clear();
    return {};
  }

  result<void> finish() {
    if (auto ok = write_out(); !ok)
      return ok;
    if (auto ok = out_->seal(); !ok)
      return ok;
    auto all = out_->all_files();
    if (!all)
      return tl::make_unexpected(all.error());
    for (const auto& f : *all)
      if (auto ok = f->sync(); !ok)
        return ok;
    return {};
  }

  files& disk_;
  const compaction_plan& plan_;
  const filter_rules& rules_;
  std::unique_ptr<segment> out_;
  std::vector<std::byte> waiting_;
  std::vector<batch_header> headers_;
};

/// Neighbours that fit into one segment together, by their size before.
std::vector<compacted_group> group_segments(const compaction_plan& plan, offset_t upto) {
  std::vector<compacted_group> groups;
  uint64_t size = 0;
  for (const auto& s : plan.segments) {
    if (s.base_offset >= upto)
      break;
    const bool fits = !groups.empty() && size + s.size <= static_cast<uint64_t>(plan.segment_bytes) &&
                      s.end_offset - groups.back().replaces.front().base_offset <= std::numeric_limits<int32_t>::max();
    if (!fits) {
      groups.emplace_back();
      size = 0;
    }
    groups.back().replaces.push_back(s);
    size += s.size;
  }
  return groups;
}

/// Returns how many of the groups there was room for.
result<size_t> write_groups(files& disk, const compaction_plan& plan, const filter_rules& rules,
                            std::span<const compacted_group> groups, compaction_result& out) {
  for (size_t i = 0; i < groups.size(); ++i) {
    auto size = group_writer{disk, plan, rules}.write(groups[i]);
    if (!size && size.error().code == error_code::kafka_storage_error && i > 0)
      return i;
    if (!size)
      return tl::make_unexpected(size.error());
    for (const auto& s : groups[i].replaces)
      out.bytes_before += s.size;
    out.bytes_after += *size;
  }
  return groups.size();
}

} // namespace

void discard(files& disk, const std::string& directory, std::span<const compacted_group> groups) {
  for (const auto& g : groups)
    (void)segment::remove_files(disk, file_stem(directory, g.replaces.front().base_offset),
                                std::string{cleaned_suffix});
}

result<compaction_result> compact(files& disk, const compaction_plan& plan) {
  offset_map newest{plan.memory_limit, plan.hash};
  auto upto = map_keys(plan, newest);
  if (!upto)
    return tl::make_unexpected(upto.error());
  const filter_rules rules{&newest, std::min(*upto, plan.last_committed), plan.now, plan.delete_retention_ms};
  compaction_result out;
  out.compacted_upto = *upto;
  auto groups = group_segments(plan, *upto);
  const auto written = write_groups(disk, plan, rules, groups, out);
  const auto still_there = check_log(plan);
  if (!written || !still_there) {
    discard(disk, plan.directory, groups);
    return tl::make_unexpected(written ? still_there.error() : written.error());
  }
  // What the disk had no room for is left for the next time: swapping the others in frees some.
  const auto left = std::span{groups}.subspan(*written);
  if (!left.empty()) {
    discard(disk, plan.directory, left.first(1));
    out.compacted_upto = left.front().replaces.front().base_offset;
  }
  groups.resize(*written);
  out.groups = std::move(groups);
  return out;
}

} // namespace chisme::log
