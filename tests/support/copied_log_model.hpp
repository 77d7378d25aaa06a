// What a replica's log must hold: marks and batches in order, beside what was told to be on disk. For logs that are
// copied, cut and begun anew.
#pragma once

#include "actors/log/partition_log.hpp"
#include "tests/support/payload_bytes.hpp"

#include <string>
#include <variant>
#include <vector>

namespace chisme::test {

struct copied_entry {
  raft::position behind;                     ///< where the log ends with it
  std::optional<raft::configuration> config; ///< of a mark
  std::string bytes;                         ///< of a batch; empty: it is a mark
  friend bool operator==(const copied_entry&, const copied_entry&) = default;

  bool is_mark() const { return bytes.empty(); }
  log::batch_header header() const { return log::batch_header::parse(as_bytes(bytes).data()); }
};

class copied_log_model {
public:
  raft::position start = raft::before_all; ///< of the copy
  log::log_beginning began;                ///< with what
  std::vector<copied_entry> entries;
  raft::position told = raft::before_all; ///< to be on disk
  /// What was refused last, behind the entries that there were then: it may turn up after a restart, as it may when the
  /// process ends within the same append. Nobody was told of it.
  std::vector<copied_entry> refused;

  raft::position end() const { return entries.empty() ? start : entries.back().behind; }
  void write(const std::vector<copied_entry>& more) {
    entries.insert(entries.end(), more.begin(), more.end());
    refused.clear();
  }
  void refuse(const std::vector<copied_entry>& more) {
    refused = entries;
    refused.insert(refused.end(), more.begin(), more.end());
  }
  void truncate(raft::position to) {
    refused.clear();
    while (!entries.empty() && entries.back().behind > to)
      entries.pop_back();
    told = std::min(told, end());
  }
  void begin(const log::log_beginning& with) {
    began = with;
    start = told = with.position();
    entries.clear();
    refused.clear();
  }

  /// Compares with a log in use, which holds exactly this. Empty where it does.
  std::string compare(log::partition_log& l) const {
    std::vector<copied_entry> found;
    if (auto wrong = read(l, found); !wrong.empty())
      return wrong;
    if (l.synced_position() > end())
      return "claims to have synced more than there is";
    if (l.end_position() != end())
      return "ends at " + text(l.end_position()) + ", not at " + text(end());
    return differs(l, found, entries.size());
  }
  /// Compares with a log that was just opened: what was told to be on disk is there, and nothing else than what was
  /// written, in its order. Takes over where it ends.
  std::string adopt(log::partition_log& l, bool nothing_lost) {
    std::vector<copied_entry> found;
    if (auto wrong = read(l, found); !wrong.empty())
      return wrong;
    if (l.end_position() < told)
      return "ends at " + text(l.end_position()) + ", told was " + text(told);
    if (nothing_lost && l.end_position() < before_gaps())
      return "ends at " + text(l.end_position()) + ", written was " + text(before_gaps());
    auto wrong = ends_within(l, found);
    if (!wrong.empty() && !refused.empty()) {
      std::swap(entries, refused);
      wrong = ends_within(l, found);
    }
    refused.clear();
    return wrong;
  }

  static std::string text(raft::position p) {
    return "(" + std::to_string(p.epoch) + ", " + std::to_string(p.offset) + ")";
  }

private:
  /// What lies behind missing offsets may be forgotten as long as nobody was told of it.
  raft::position before_gaps() const {
    auto at = start;
    for (const auto& e : entries) {
      const bool is_behind_gap = e.is_mark() ? e.behind.offset > at.offset : e.header().base_offset > at.offset;
      if (is_behind_gap && e.behind > told)
        return at;
      at = e.behind;
    }
    return at;
  }
  std::string ends_within(log::partition_log& l, const std::vector<copied_entry>& found) {
    size_t count = 0;
    while (count < entries.size() && entries[count].behind <= l.end_position())
      ++count;
    if (auto wrong = differs(l, found, count); !wrong.empty())
      return wrong;
    if ((count == 0 ? start : entries[count - 1].behind) != l.end_position())
      return "ends at " + text(l.end_position()) + ", where nothing did";
    entries.resize(count);
    return {};
  }
  /// All that can be read for a copy, from where the log begins for replication.
  static std::string read(log::partition_log& l, std::vector<copied_entry>& out) {
    for (auto at = l.beginning().position(); at != l.end_position();) {
      auto r = l.read_for_copy(at, 500);
      if (!r)
        return "reading behind " + text(at) + " failed: " + r.error().message;
      if (r->behind_start || r->next == at)
        return "reading behind " + text(at) + " came to nothing";
      append(*r, out);
      at = r->next;
    }
    return {};
  }
  static void append(const log::copy_read& r, std::vector<copied_entry>& out) {
    const auto bytes = bytes_of(r.records);
    log::batch_reader batches{as_bytes(bytes)};
    auto mark = r.marks.begin();
    const auto marks_upto = [&](offset_t offset) {
      for (; mark != r.marks.end() && mark->start <= offset; ++mark) {
        auto config = mark->config ? std::optional{raft::configuration{*mark->config}} : std::nullopt;
        out.push_back({{mark->epoch, mark->start}, std::move(config), {}});
      }
    };
    while (auto b = batches.next()) {
      marks_upto(b->header.base_offset);
      out.push_back({{b->header.leader_epoch, b->header.next_offset()}, {}, std::string{as_chars(b->bytes)}});
    }
    marks_upto(r.next.offset);
  }
  /// Of the first `count` entries those behind where the log begins now are `found`.
  std::string differs(log::partition_log& l, const std::vector<copied_entry>& found, size_t count) const {
    const auto begins = l.beginning();
    const auto from = begins.position();
    size_t first = 0;
    while (first < count && entries[first].behind <= from)
      ++first;
    if (found.size() != count - first)
      return "holds " + std::to_string(found.size()) + " entries behind " + text(from) + ", not " +
             std::to_string(count - first);
    for (size_t i = 0; i < found.size(); ++i)
      if (found[i] != entries[first + i])
        return "another entry than was written, behind it " + text(found[i].behind) + " for " +
               text(entries[first + i].behind) + (found[i].bytes == entries[first + i].bytes ? ", of a mark" : "");
    if (const auto* found_config = l.configurations().latest();
        (found_config ? std::optional{found_config->config} : std::nullopt) != in_force(count))
      return "another configuration is in force at its end";
    return producers_differ(l, count);
  }
  std::optional<raft::configuration> in_force(size_t count) const {
    for (auto i = count; i-- > 0;)
      if (entries[i].config)
        return entries[i].config;
    for (auto m = began.marks.rbegin(); m != began.marks.rend(); ++m)
      if (m->config)
        return raft::configuration{*m->config};
    return std::nullopt;
  }
  std::string producers_differ(log::partition_log& l, size_t count) const {
    log::producer_state expected;
    if (!began.producers.empty())
      expected = log::producer_state::load(as_chars(began.producers), "model").value();
    for (size_t i = 0; i < count; ++i)
      if (!entries[i].is_mark())
        expected.update(entries[i].header());
    for (const auto& p : expected.producers()) {
      const auto* found = l.producers().find(p.id);
      const bool is_told = p.last() && p.last()->last_offset >= l.copy_start().offset;
      if (is_told && (!found || !found->last() || *found->last() != *p.last()))
        return "producer " + std::to_string(p.id) + " is not remembered";
    }
    for (const auto& p : l.producers().producers())
      if (!expected.find(p.id))
        return "producer " + std::to_string(p.id) + " is remembered and has written nothing";
    return {};
  }
};

} // namespace chisme::test
