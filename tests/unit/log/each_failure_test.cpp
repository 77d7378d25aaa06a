// Each operation of the disk fails once, in each thing that a log does. Then: who called was told, or it is one of the
// few failures that may be passed over; the log goes on or says that it must be opened anew; after a restart or a power
// loss it opens, and holds what it had called synced.
#include "tests/unit/log/log_world.hpp"

#include <functional>
#include <set>

namespace chisme::test {
namespace {

struct scenario {
  const char* name;
  result<void> (*prepare)(log_world&);
  result<void> (*act)(log_world&);
  /// What may fail without anybody being told: operation and kind of file.
  std::set<std::string> passed_over;
};

void PrintTo(const scenario& s, std::ostream* out) { *out << s.name; }

/// The first of them that fails, or the last one.
result<void> in_turn(std::initializer_list<std::function<result<void>()>> steps) {
  for (const auto& step : steps)
    if (auto ok = step(); !ok)
      return ok;
  return {};
}

/// Synced, with a recovery point at its end, in three epochs and several segments.
result<void> settled(log_world& w) {
  return in_turn({[&] { return w.open(); }, [&] { return w.append(6); }, [&] { return w.append(6, 1); },
                  [&] { return w.append(2, 2); }, [&] { return w.sync(); }, [&] { return w.log->checkpoint(); },
                  [&] { return w.sync(); }, [&] { return w.sync(); }});
}

/// The same with a tail over several segments that is not synced.
result<void> with_tail(log_world& w) {
  return in_turn({[&] { return settled(w); }, [&] { return w.append(5, 2); }, [&] { return w.append(5, 3); }});
}

result<void> killed(log_world& w) {
  w.note_acknowledged();
  w.log.reset();
  return {};
}

result<void> open_it(log_world& w) { return w.open(); }

/// The newest segment ends within its last batch.
result<void> tear(log_world& w) {
  const auto last = w.log->segments().back();
  w.model.truncate(w.log->end_offset() - 3);
  auto f = w.disk.open(last.path, log::open_mode::read_write).value();
  return in_turn({[&] { return f->truncate(last.size - 10); }, [&] { return f->sync(); }});
}

result<void> killed_with_torn_tail(log_world& w) {
  return in_turn({[&] { return with_tail(w); }, [&] { return tear(w); }, [&] { return killed(w); }});
}

/// What lies behind damage in the tail goes as well, whole segments included.
result<void> killed_with_damage_before_later_segments(log_world& w) {
  return in_turn({[&] { return with_tail(w); },
                  [&] {
                    const auto segments = w.log->segments();
                    const auto& damaged = segments.at(segments.size() - 2);
                    w.disk.flip_bit(damaged.path, 70, 3);
                    w.model.truncate(damaged.base_offset);
                    return killed(w);
                  }});
}

result<void> killed_without_point(log_world& w) {
  return in_turn({[&] { return settled(w); }, [&] { return tear(w); },
                  [&] {
                    w.log.reset();
                    return w.disk.remove(w.dir + "/recovery-point");
                  },
                  [&] { return w.disk.sync_directory(w.dir); }});
}

/// The process was killed in the middle of something: after `operations` of the disk.
template <class Act>
result<void> killed_within(log_world& w, uint64_t operations, Act act) {
  w.note_acknowledged();
  w.disk.freeze_after(operations);
  (void)act();
  w.disk.thaw();
  w.log.reset();
  return {};
}

/// Indexes of trusted segments are lost.
result<void> killed_without_indexes(log_world& w) {
  return in_turn({[&] { return settled(w); }, [&] { return killed(w); },
                  [&] { return w.disk.remove(w.dir + "/00000000000000000000.index"); },
                  [&] { return w.disk.remove(w.dir + "/00000000000000000000.timeindex"); }});
}

/// Only one segment's name is missing in the summary of the point, so that each is asked where it ends.
result<void> killed_after_removals(log_world& w) {
  return in_turn({[&] { return settled(w); }, [&] { return w.delete_records(13); }, [&] { return killed(w); }});
}

result<void> compactable(log_world& w) {
  w.settings.cleanup_compact = true;
  w.settings.cleanup_delete = false;
  auto ok = in_turn({[&] { return settled(w); }, [&] { return w.log->roll(1000); }, [&] { return w.sync(); },
                     [&] { return w.log->checkpoint(); }, [&] { return w.sync(); }});
  w.settings.segment_bytes = 2000; // so that several become one
  w.log->update_settings(w.settings);
  return ok;
}

result<void> in_one_segment(log_world& w) {
  w.settings.segment_bytes = 1 << 20;
  return settled(w);
}

result<void> fresh(log_world& w) { return w.open(); }

result<void> nothing(log_world&) { return {}; }

/// All reads of a log whose segments are closed.
result<void> look_around(log_world& w) {
  for (offset_t at = 0; at < w.log->end_offset();) {
    auto r = w.log->read(at, 300, w.log->end_offset());
    if (!r)
      return tl::make_unexpected(r.error());
    at = r->next_offset;
  }
  auto found = w.log->offset_for_timestamp(1002, w.log->end_offset());
  if (!found)
    return tl::make_unexpected(found.error());
  auto max = w.log->max_timestamp(w.log->end_offset());
  return max ? result<void>{} : tl::make_unexpected(max.error());
}

/// Entries of indexes are checked where they are used, and made anew where they are missing.
const std::set<std::string> reads_of_indexes = {"open .index", "open .timeindex", "read .index", "read .timeindex"};
const std::set<std::string> indexes = {"open .index",     "open .timeindex", "read .index",
                                       "read .timeindex", "write .index",    "write .timeindex"};
/// The time of the active segment's first record is read ahead; the append that needs it asks again.
std::set<std::string> and_first_time(std::set<std::string> what) {
  what.insert("read .log");
  return what;
}
/// A closed segment's indexes that cannot be opened are not synced with it.
const std::set<std::string> openings_of_indexes = {"open .index", "open .timeindex"};
/// Comes behind a sync that went well, and again with the next one.
const std::set<std::string> after_a_sync = {"open recovery-point", "rename leader-epoch-checkpoint..tmp",
                                            "write recovery-point"};
/// The largest timestamp is looked for in all of the segment where the index does not help.
const std::set<std::string> truncation = {"open .index", "open .timeindex", "read .index", "read .log",
                                          "read .timeindex"};

/// Marks that are too many do no harm.
const std::set<std::string> trimmed_epochs = {"open leader-epoch-checkpoint..tmp",
                                              "write leader-epoch-checkpoint..tmp"};
/// The records are deleted for all who read; the segments are the next retention's to remove.
const std::set<std::string> removals = {"look for .index",
                                        "look for .log",
                                        "look for .timeindex",
                                        "open folder",
                                        "open leader-epoch-checkpoint..tmp",
                                        "open recovery-point",
                                        "remove .index",
                                        "remove .log",
                                        "remove .timeindex",
                                        "write leader-epoch-checkpoint..tmp",
                                        "write recovery-point"};
/// What has gone is told of; the rest is tried again with the next append.
const std::set<std::string> behind_removals = {
  "look for .index",     "look for .log",   "look for .timeindex",
  "open .index",         "open .log",       "open .snapshot",
  "open .timeindex",     "open folder",     "open leader-epoch-checkpoint..tmp",
  "open recovery-point", "remove .index",   "remove .log",
  "remove .timeindex",   "write .snapshot", "write leader-epoch-checkpoint..tmp",
  "write recovery-point"};

const scenario scenarios[] = {
  {"open_new", nothing, open_it, {}},
  {"open_clean",
   [](log_world& w) {
     return in_turn({[&] { return settled(w); }, [&] { return killed(w); }});
   },
   open_it, and_first_time(reads_of_indexes)},
  {"open_dirty_tail",
   [](log_world& w) {
     return in_turn({[&] { return with_tail(w); }, [&] { return killed(w); }});
   },
   open_it, indexes},
  {"open_torn_tail", killed_with_torn_tail, open_it, indexes},
  {"open_damaged_tail", killed_with_damage_before_later_segments, open_it, reads_of_indexes},
  {"open_without_point", killed_without_point, open_it, indexes},
  {"open_without_indexes", killed_without_indexes, open_it, and_first_time(indexes)},
  {"open_after_removals", killed_after_removals, open_it, and_first_time(reads_of_indexes)},
  {"first_append", fresh, [](log_world& w) { return w.append(3); }, {}},
  {"append_over_segments", settled, [](log_world& w) { return w.append(7, 3); }, openings_of_indexes},
  {"assign_epoch",
   settled,
   [](log_world& w) {
     auto ok = w.log->assign_epoch(5);
     return ok ? result<void>{} : tl::make_unexpected(ok.error());
   },
   {}},
  {"sync", with_tail, [](log_world& w) { return w.sync(); }, after_a_sync},
  {"sync_of_what_was_found",
   [](log_world& w) {
     return in_turn({[&] { return with_tail(w); }, [&] { return killed(w); }, [&] { return w.open(); }});
   },
   [](log_world& w) { return w.sync(); },
   {"rename leader-epoch-checkpoint..tmp"}},
  {"roll", with_tail, [](log_world& w) { return w.log->roll(1000); }, openings_of_indexes},
  {"checkpoint",
   [](log_world& w) {
     return in_turn({[&] { return with_tail(w); }, [&] { return w.sync(); }});
   },
   [](log_world& w) { return w.log->checkpoint(); },
   {}},
  {"close", with_tail, [](log_world& w) { return w.log->close(); }, after_a_sync},
  {"truncate_tail", with_tail, [](log_world& w) { return w.truncate(w.log->end_offset() - 10); }, truncation},
  {"truncate_below_point", with_tail, [](log_world& w) { return w.truncate(10); }, truncation},
  {"truncate_below_start",
   [](log_world& w) {
     return in_turn({[&] { return with_tail(w); }, [&] { return w.delete_records(13); }});
   },
   [](log_world& w) { return w.truncate_below_start(4); },
   {}},
  {"reset", with_tail, [](log_world& w) { return w.reset(1000); }, {}},
  {"delete_records", with_tail, [](log_world& w) { return w.delete_records(25); }, removals},
  {"delete_records_in_a_segment", with_tail, [](log_world& w) { return w.delete_records(2); }, {}},
  {"retention_by_size", settled,
   [](log_world& w) {
     w.settings.retention_bytes = 300;
     w.log->update_settings(w.settings);
     return w.retention(1000);
   },
   trimmed_epochs},
  {"retention_of_all", settled,
   [](log_world& w) {
     w.settings.retention_ms = 100;
     w.log->update_settings(w.settings);
     return w.retention(5000);
   },
   behind_removals},
  {"retention_of_one", in_one_segment,
   [](log_world& w) {
     w.settings.retention_ms = 100;
     w.log->update_settings(w.settings);
     return w.retention(5000);
   },
   trimmed_epochs},
  {"compaction",
   compactable,
   [](log_world& w) { return w.compact(); },
   {"open .index.cleaned", "open .timeindex.cleaned", "space of folder"}},
  {"reads", settled, look_around, reads_of_indexes},
};

/// "write /data/t-0/00000000000000000017.index" is "write .index".
std::string kind_of(const std::string& refused, const std::string& dir) {
  const auto space = refused.rfind(' ');
  auto name = refused.substr(space + 1);
  if (name == dir || dir.starts_with(name))
    name = "folder";
  name = name.substr(name.rfind('/') + 1);
  std::erase_if(name, [](char c) { return c >= '0' && c <= '9'; });
  return refused.substr(0, space + 1) + name;
}

enum class ending { restart, power_loss };

class each_failure_test : public ::testing::TestWithParam<scenario> {
protected:
  /// False where the operation with that number is not reached any more.
  bool fail_at(uint64_t number, disk_fault what, ending how) {
    log_world w{number};
    const auto prepared = GetParam().prepare(w);
    EXPECT_TRUE(prepared) << prepared.error().message;
    w.note_acknowledged();
    const bool was_open = w.log != nullptr;
    if (what == disk_fault::full)
      w.disk.fail_operation(number, what);
    else
      w.disk.fail_any_operation(number, what);
    const auto done = GetParam().act(w);
    const bool happened = w.disk.fault_happened();
    w.disk.cancel_fault();
    w.note_acknowledged();
    SCOPED_TRACE("operation " + std::to_string(number) + (happened ? ", " + w.disk.last_refused() : ""));
    EXPECT_TRUE(happened || done) << done.error().message;
    if (happened && done)
      passed_over_.insert(kind_of(w.disk.last_refused(), w.dir));
    if (w.log && !was_open) {
      EXPECT_EQ(w.adopt(true), "");
    }
    goes_on(w);
    ends(w, how);
    return happened;
  }

  /// A failure spoils nothing, or the log says that it must be opened anew.
  static void goes_on(log_world& w) {
    if (!w.log || w.log->sync_failure() || w.log->must_reopen() || w.disk.is_read_only())
      return;
    EXPECT_EQ(w.model.compare(*w.log), "");
    const auto appended = w.append(2, 6);
    EXPECT_TRUE(appended) << appended.error().message;
    EXPECT_EQ(w.model.compare(*w.log), "");
  }

  static void ends(log_world& w, ending how) {
    w.log.reset();
    const bool is_lost = how == ending::power_loss || w.disk.is_read_only();
    if (is_lost)
      w.disk.crash(w.random);
    reopened(w, !is_lost);
    if (!w.log)
      return;
    const auto used =
      in_turn({[&] { return w.append(2, 7); }, [&] { return w.sync(); }, [&] { return w.log->close(); }});
    EXPECT_TRUE(used) << used.error().message;
    w.note_acknowledged();
    reopened(w, true);
    EXPECT_EQ(w.report.batches_scanned, 0);
  }

  static void reopened(log_world& w, bool nothing_lost) {
    const auto ok = w.open();
    EXPECT_TRUE(ok) << ok.error().message;
    if (ok) {
      EXPECT_EQ(w.adopt(nothing_lost), "");
    }
    w.half_done = false;
  }

  std::set<std::string> passed_over_;
};

TEST_P(each_failure_test, is_told_and_loses_nothing) {
  for (auto what : {disk_fault::io_error, disk_fault::full})
    for (auto how : {ending::restart, ending::power_loss})
      for (uint64_t number = 0; fail_at(number, what, how) && !HasFailure(); ++number) {
      }
  EXPECT_EQ(passed_over_, GetParam().passed_over);
}

// What was interrupted anywhere is brought to its end by the next start, though an operation fails there as well.

class interruption_test : public each_failure_test {
protected:
  static std::vector<std::string> leftovers(log_world& w) {
    std::vector<std::string> out;
    const auto entries = w.disk.list(w.dir).value();
    for (const auto& e : entries)
      if (e.name.ends_with(".cleaned") || e.name.ends_with(".swap"))
        out.push_back(e.name);
    return out;
  }

  static void opens_after_any_failure(const std::function<void(log_world&)>& prepare) {
    for (uint64_t number = 0;; ++number) {
      log_world w{number};
      prepare(w);
      w.disk.fail_any_operation(number, disk_fault::io_error);
      const bool opened = w.open().has_value();
      const bool happened = w.disk.fault_happened();
      w.disk.cancel_fault();
      SCOPED_TRACE("operation " + std::to_string(number) + " " + w.disk.last_refused());
      if (happened && opened) {
        EXPECT_TRUE(indexes.contains(kind_of(w.disk.last_refused(), w.dir)));
      }
      w.log.reset();
      const bool is_lost = w.disk.is_read_only();
      if (is_lost)
        w.disk.crash(w.random);
      w.half_done = true;
      reopened(w, false);
      EXPECT_EQ(leftovers(w), std::vector<std::string>{});
      if (!happened || HasFailure())
        return;
    }
  }
};

TEST_F(interruption_test, of_a_compaction) {
  for (uint64_t killed_after = 0; killed_after < 60 && !HasFailure(); killed_after += 7) {
    SCOPED_TRACE(killed_after);
    opens_after_any_failure([&](log_world& w) {
      EXPECT_TRUE(compactable(w));
      (void)killed_within(w, killed_after, [&] { return w.compact(); });
    });
  }
}

TEST_F(interruption_test, of_a_reset) {
  for (uint64_t killed_after = 0; killed_after < 30 && !HasFailure(); killed_after += 4) {
    SCOPED_TRACE(killed_after);
    opens_after_any_failure([&](log_world& w) {
      EXPECT_TRUE(with_tail(w));
      (void)killed_within(w, killed_after, [&] { return w.reset(1000); });
    });
  }
}

INSTANTIATE_TEST_SUITE_P(log, each_failure_test, ::testing::ValuesIn(scenarios),
                         [](const auto& of) { return std::string{of.param.name}; });

} // namespace
} // namespace chisme::test
