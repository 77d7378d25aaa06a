// Reading a log of which not all is in memory, by those who must not wait for the disk.
#include "actors/log/cold_reads.hpp"
#include "tests/support/log_fixture.hpp"

namespace chisme::log {
namespace {

class cold_reads_test : public test::log_fixture {
protected:
  cold_reads_test() {
    settings.segment_bytes = 20'000;
    settings.index_interval_bytes = 100;
    open();
    fill(600);
    EXPECT_TRUE(log->close());
    cool_down();
    open();
    cool_down();
  }
  void cool_down() { disk.drop_clean_pages(); }

  /// Somebody else reads what is missing until `question` is answered; returns how often.
  template <class Question>
  int ask(Question question) {
    for (int rounds = 0;; ++rounds) {
      std::optional<cold_range> missing;
      {
        disk.may_wait(false);
        cold_reads here;
        question();
        missing = here.found();
        disk.may_wait(true);
      }
      if (!missing || rounds == 1000)
        return rounds;
      std::vector<std::byte> somewhere(missing->length);
      EXPECT_TRUE(missing->file->read_at(missing->position, somewhere));
    }
  }

  std::vector<std::string> files() {
    std::vector<std::string> all;
    const auto entries = disk.list(dir).value();
    for (const auto& e : entries)
      all.push_back(e.name + ": " + disk.content(dir + "/" + e.name));
    return all;
  }
};

TEST_F(cold_reads_test, find_the_same_as_those_who_wait) {
  for (const offset_t at : {0, 1, 599, 900, 1700, 1799}) {
    const auto expected = log->read(at, 1000, log->end_offset()).value();
    cool_down();
    std::optional<read_result> found;
    const auto rounds = ask([&] {
      auto r = log->read(at, 1000, log->end_offset());
      found = r ? std::optional{std::move(*r)} : std::nullopt;
    });
    ASSERT_TRUE(found) << at;
    EXPECT_EQ(test::bytes_of(found->data), test::bytes_of(expected.data)) << at;
    EXPECT_GT(rounds, 0) << at;
    EXPECT_EQ(disk.waited_for(), "") << at;
    EXPECT_EQ(ask([&] { EXPECT_TRUE(log->read(at, 1000, log->end_offset())); }), 0) << "now it is in memory";
  }
}

TEST_F(cold_reads_test, find_records_by_their_time) {
  const auto expected = log->offset_for_timestamp(1001, log->end_offset()).value();
  const auto largest = log->max_timestamp(log->end_offset()).value();
  open();
  cool_down();
  std::optional<timestamp_and_offset> found, found_largest;
  EXPECT_GT(ask([&] { found = log->offset_for_timestamp(1001, log->end_offset()).value_or(std::nullopt); }), 0);
  cool_down();
  EXPECT_GT(ask([&] { found_largest = log->max_timestamp(log->end_offset()).value_or(std::nullopt); }), 0);
  EXPECT_EQ(found, expected);
  EXPECT_EQ(found_largest, largest);
  EXPECT_EQ(disk.waited_for(), "");
}

/// Nobody but the disk knows what is in it.
TEST_F(cold_reads_test, do_not_take_an_index_for_damaged) {
  const auto before = files();
  for (offset_t at = 0; at < log->end_offset(); at += 97) {
    cold_reads here;
    EXPECT_FALSE(log->read(at, 1000, log->end_offset()));
    EXPECT_FALSE(log->max_timestamp(log->end_offset()));
    EXPECT_TRUE(here.found());
  }
  EXPECT_EQ(files(), before);
}

/// It is made again when the whole segment is in memory, and not in part before.
TEST_F(cold_reads_test, make_a_damaged_index_again) {
  const auto index = file(0, ".index");
  for (uint64_t at = 0; at < disk.content(index).size(); at += 8)
    disk.flip_bit(index, at + 6, 3);
  const auto damaged = disk.content(index);
  std::vector<std::string> seen;
  const auto rounds = ask([&] {
    seen.push_back(disk.content(index));
    (void)log->read(500, 1000, log->end_offset());
  });
  EXPECT_GT(rounds, 1);
  for (size_t i = 0; i < seen.size(); ++i)
    EXPECT_EQ(seen[i], damaged) << "before round " << i;
  EXPECT_NE(disk.content(index), damaged);
  EXPECT_TRUE(log->read(500, 1000, log->end_offset()));
}

/// What is to be sent from a file is read first, although nobody here looks at it.
TEST_F(cold_reads_test, ask_for_all_of_what_is_sent) {
  disk.claim_descriptors();
  options.largest_in_memory = 100;
  open();
  ask([&] { (void)log->read(0, 10'000, log->end_offset()); });
  cool_down();
  cold_reads here;
  // The first headers are in memory, and so is the index.
  std::vector<std::byte> headers(8 << 10);
  EXPECT_TRUE(disk.open(file(0, ".log"), open_mode::read).value()->read_at(0, headers));
  std::vector<std::byte> index(disk.content(file(0, ".index")).size());
  EXPECT_TRUE(disk.open(file(0, ".index"), open_mode::read).value()->read_at(0, index));
  EXPECT_FALSE(log->read(0, 10'000, log->end_offset()));
  ASSERT_TRUE(here.found());
  EXPECT_EQ(here.found()->position, 0u);
  EXPECT_EQ(here.found()->length, 10'000u);
}

TEST_F(cold_reads_test, hold_no_memory_for_their_answers) {
  disk.claim_descriptors();
  auto all = std::make_shared<read_memory>(100'000);
  auto own = std::make_shared<answer_memory>(all, 100'000);
  bool is_answered = false;
  const auto rounds = ask([&] {
    EXPECT_EQ(all->held(), 0u);
    is_answered = log->read(900, 1000, log->end_offset(), true, own).has_value();
    EXPECT_EQ(all->held() > 0, is_answered);
  });
  EXPECT_GT(rounds, 0);
  EXPECT_TRUE(is_answered);
}

/// Of a file that the disk fails, as somebody who waited was told.
TEST_F(cold_reads_test, fail_with_what_the_disk_said_and_do_not_ask_for_it_again) {
  std::vector<failed_read> failed;
  {
    cold_reads here;
    EXPECT_FALSE(log->read(0, 1000, log->end_offset()));
    failed.push_back({here.found().value(), {error_code::kafka_storage_error, "bad sector"}});
  }
  disk.may_wait(false);
  {
    cold_reads here{failed};
    // Here, too, something else may stand for it, as the log for its index: that is asked for.
    const auto r = log->read(0, 1000, log->end_offset());
    ASSERT_FALSE(r);
    EXPECT_TRUE(here.found()
                  ? here.found()->position != failed[0].where.position || here.found()->file != failed[0].where.file
                  : r.error().message == "bad sector");
  }
  EXPECT_EQ(disk.waited_for(), "");
  disk.may_wait(true);
  std::vector<std::byte> somewhere(failed[0].where.length);
  EXPECT_TRUE(failed[0].where.file->read_at(failed[0].where.position, somewhere));
  cold_reads here{failed};
  (void)log->read(0, 1000, log->end_offset());
  EXPECT_TRUE(!here.found() || here.found()->position != failed[0].where.position ||
              here.found()->file != failed[0].where.file)
    << "it has passed";
}

TEST_F(cold_reads_test, know_failed_pages_and_no_others) {
  const auto segment = disk.open(file(0, ".log"), open_mode::read).value();
  const std::vector<failed_read> failed{{{segment, 5000, 100}, {error_code::kafka_storage_error, "bad sector"}}};
  const auto is_asked_for = [&](uint64_t position, size_t length) {
    cold_reads here{failed};
    std::vector<std::byte> bytes(length);
    const auto n = cold_reads::read(segment, position, bytes);
    EXPECT_FALSE(n);
    EXPECT_EQ(would_wait(n.error()), here.found().has_value());
    EXPECT_EQ(cold_reads::why_not().message, n.error().message);
    return here.found().has_value();
  };
  EXPECT_TRUE(is_asked_for(4000, 96));
  EXPECT_FALSE(is_asked_for(4000, 97));
  EXPECT_FALSE(is_asked_for(4096, 10));
  EXPECT_FALSE(is_asked_for(8191, 10));
  EXPECT_TRUE(is_asked_for(8192, 10));
}

TEST_F(cold_reads_test, give_up_after_some_failures) {
  const auto segment = disk.open(file(0, ".log"), open_mode::read).value();
  std::vector<failed_read> failed;
  for (uint64_t i = 0; i < cold_reads::most_failures; ++i) {
    cold_reads here{failed};
    EXPECT_FALSE(cold_reads::is_in_memory(segment, i << 12, 1));
    ASSERT_TRUE(here.found()) << i;
    failed.push_back({*here.found(), {error_code::kafka_storage_error, "bad sector " + std::to_string(i)}});
  }
  cold_reads here{failed};
  EXPECT_FALSE(cold_reads::is_in_memory(segment, cold_reads::most_failures << 12, 1));
  EXPECT_FALSE(here.found());
  EXPECT_EQ(cold_reads::why_not().message, "bad sector 3");
}

/// Whoever comes after it waits as ever.
TEST_F(cold_reads_test, end_with_their_scope) {
  {
    cold_reads outer;
    {
      cold_reads inner;
      EXPECT_FALSE(log->read(0, 1000, log->end_offset()));
      EXPECT_TRUE(inner.found());
    }
    EXPECT_FALSE(outer.found());
  }
  EXPECT_TRUE(log->read(0, 1000, log->end_offset()));
}

} // namespace
} // namespace chisme::log
