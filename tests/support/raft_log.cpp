#include "tests/support/raft_log.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace chisme::test {

namespace {

constexpr size_t batch_bytes = 100;

buffer bytes_of(const raft_log::entry& e) {
  std::array<char, batch_bytes> bytes{};
  std::memcpy(bytes.data(), &e, sizeof e);
  return buffer::copy_of(std::string_view{bytes.data(), bytes.size()});
}

} // namespace

void raft_log::mark(const peer::raft_mark& m) {
  if (m.start != now_.end || !now_.marks.assign(m.epoch, m.start))
    throw std::logic_error("fake log: a mark that does not fit to its end");
  if (m.config)
    now_.configurations.assign(m.epoch, raft::configuration{*m.config});
  now_.entries.push_back({m.epoch, m.start, m.start, 0});
  is_dirty_ = true;
}

void raft_log::append(const entry& batch) {
  if (batch.first != now_.end || end_of(now_).epoch != batch.epoch)
    throw std::logic_error("fake log: a batch that does not fit to its end");
  now_.entries.push_back(batch);
  now_.end = batch.end;
  is_dirty_ = true;
}

void raft_log::truncate(raft::position to) {
  while (!now_.entries.empty() && now_.entries.back().behind() > to)
    now_.entries.pop_back();
  now_.end = now_.entries.empty() ? std::max(now_.start, std::min(now_.end, to.offset)) : now_.entries.back().end;
  if (now_.end != to.offset)
    throw std::logic_error("fake log: cut within a batch");
  now_.marks.truncate_end(to.offset, to.epoch);
  now_.configurations.truncate(to.epoch);
  synced_ = std::min(synced_, to);
  is_dirty_ = true;
  was_cut_ = true;
}

void raft_log::reset(const peer::raft_reset& m) {
  now_ = {};
  now_.start = now_.end = m.start.offset;
  for (const auto& x : m.marks) {
    now_.marks.assign(x.epoch, x.start);
    if (x.config)
      now_.configurations.assign(x.epoch, raft::configuration{*x.config});
  }
  synced_ = raft::before_all;
  is_dirty_ = true;
  was_cut_ = true;
}

void raft_log::trim(offset_t start) {
  now_.start = start;
  now_.marks.truncate_start(start);
  std::erase_if(now_.entries, [&](const entry& e) { return e.first < start; });
  is_dirty_ = true;
}

void raft_log::begin_sync() {
  on_its_way_ = now_;
  was_cut_ = false;
  is_dirty_ = false;
}

bool raft_log::end_sync() {
  if (was_cut_)
    return false;
  disk_ = std::move(on_its_way_);
  synced_ = std::max(synced_, end_of(disk_));
  return true;
}

void raft_log::add(image& to, const entry& e, const raft::configuration_history& configurations) {
  if (e.first == e.end) {
    to.marks.assign(e.epoch, e.first);
    if (const auto* c = configurations.at(e.epoch); c && c->epoch == e.epoch)
      to.configurations.assign(e.epoch, c->config);
  }
  to.entries.push_back(e);
  to.end = e.end;
}

/// A cut that was not synced may be undone, or not.
void raft_log::crash(double of_rest) {
  auto left = disk_;
  const bool grew = !now_.entries.empty() && now_.start == left.start && now_.entries.size() >= left.entries.size() &&
                    std::equal(left.entries.begin(), left.entries.end(), now_.entries.begin());
  if (grew) {
    const auto rest = now_.entries.size() - left.entries.size();
    const auto kept = left.entries.size() + static_cast<size_t>(of_rest * static_cast<double>(rest + 1));
    for (auto i = left.entries.size(); i < std::min(kept, now_.entries.size()); ++i)
      add(left, now_.entries[i], now_.configurations);
  }
  now_ = disk_ = left;
  synced_ = end_of(now_);
  is_dirty_ = was_cut_ = false;
}

std::optional<peer::raft_append> raft_log::message_behind(raft::position prev, uint64_t max_bytes,
                                                          raft::position& next) const {
  if (!view().holds(prev) || prev.offset < now_.start)
    return std::nullopt;
  peer::raft_append m;
  m.prev = next = prev;
  m.log_start = now_.start;
  for (const auto& e : now_.entries) {
    if (e.behind() <= prev)
      continue;
    if (e.first == e.end) {
      const auto* c = now_.configurations.at(e.epoch);
      m.marks.push_back({e.epoch, e.first, std::nullopt});
      if (c && c->epoch == e.epoch)
        m.marks.back().config = c->config.message();
    } else if (m.records.size() > 0 && m.records.size() + batch_bytes > max_bytes) {
      break;
    } else {
      m.records.append(bytes_of(e));
    }
    next = e.behind();
  }
  return m;
}

peer::raft_reset raft_log::reset_message() const {
  peer::raft_reset m;
  for (const auto& x : now_.marks.marks())
    if (x.start_offset <= now_.start)
      m.marks.push_back({x.epoch, x.start_offset, std::nullopt});
  m.start = {m.marks.empty() ? -1 : m.marks.back().epoch, now_.start};
  if (const auto* c = now_.configurations.at(m.start.epoch); c && !m.marks.empty())
    m.marks.back().config = c->config.message();
  return m;
}

std::vector<raft_log::entry> raft_log::batches_of(const payload& records) {
  std::vector<entry> all;
  for (const auto& part : records.parts()) {
    const auto& bytes = std::get<buffer>(part);
    for (size_t at = 0; at < bytes.size(); at += batch_bytes)
      std::memcpy(&all.emplace_back(), bytes.data() + at, sizeof(entry));
  }
  return all;
}

void raft_log::copy(const peer::raft_append& m, size_t first_mark, size_t first_batch) {
  const auto batches = batches_of(m.records);
  while (first_mark < m.marks.size() || first_batch < batches.size()) {
    const bool is_mark = first_mark < m.marks.size() &&
                         (first_batch == batches.size() || m.marks[first_mark].start <= batches[first_batch].first);
    if (is_mark)
      mark(m.marks[first_mark++]);
    else
      append(batches[first_batch++]);
  }
}

} // namespace chisme::test
