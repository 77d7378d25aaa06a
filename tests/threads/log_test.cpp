// One log on a real disk, as a node has it: the partition's thread owns it, the flusher's syncs what is dirty, the
// cleaner's compacts closed segments, and io threads send pieces of its files.
#include "actors/log/compaction.hpp"
#include "nodes/posix_files.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/threads/together.hpp"

#include <filesystem>
#include <mutex>
#include <optional>
#include <unistd.h>

namespace chisme::log {
namespace {

/// Hands values from one thread to another.
template <class T>
class channel {
public:
  void put(T value) {
    std::lock_guard lock{mutex_};
    held_.push_back(std::move(value));
  }
  std::optional<T> take() {
    std::lock_guard lock{mutex_};
    if (held_.empty())
      return {};
    auto first = std::move(held_.front());
    held_.erase(held_.begin());
    return first;
  }

private:
  std::mutex mutex_;
  std::vector<T> held_;
};

class log_threads : public ::testing::Test {
protected:
  log_threads() : folder_(::testing::TempDir() + "chisme-threads-XXXXXX") {
    if (::mkdtemp(folder_.data()) == nullptr)
      throw std::runtime_error{"no temporary folder"};
    settings_.segment_bytes = 64 << 10;
    options_.largest_in_memory = 1024;
    auto opened = partition_log::open(disk_, folder_ + "/t-0", settings_, options_, report_);
    if (!opened)
      throw std::runtime_error{opened.error().message};
    log_ = std::move(*opened);
  }
  ~log_threads() override {
    log_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// Keys come back, so that there is something to compact.
  void append(offset_t base) {
    batch_builder builder;
    builder.header.base_offset = base;
    builder.header.leader_epoch = 0;
    for (int i = 0; i < 4; ++i)
      builder.add("k" + std::to_string((base + i) % 7), std::string(1000, 'v'), 1000);
    ASSERT_TRUE(test::append(*log_, builder.finish().value()));
  }

  static void sync(const unsynced& what) {
    for (const auto& f : what.files)
      EXPECT_TRUE(f->sync());
  }

  /// As sendfile does. The first batch is the one that the slice was made for, whatever was written since.
  static void send(const payload& p) {
    for (const auto& part : p.parts()) {
      const auto* slice = std::get_if<file_slice>(&part);
      if (!slice)
        continue;
      std::vector<std::byte> bytes(slice->length);
      ASSERT_EQ(::pread(slice->fd, bytes.data(), bytes.size(), static_cast<off_t>(slice->position)),
                static_cast<ssize_t>(bytes.size()));
      const auto header = batch_header::parse(bytes.data());
      EXPECT_EQ(header.magic, 2);
    }
  }

  static constexpr int appends = 400;

  posix_files disk_;
  std::string folder_;
  topic_settings settings_;
  open_options options_;
  recovery_report report_;
  std::unique_ptr<partition_log> log_;
};

TEST_F(log_threads, is_synced_and_sent_while_its_owner_goes_on) {
  channel<unsynced> to_sync, synced;
  channel<payload> to_send;
  std::atomic<bool> done{false};
  test::together(4, [&](int role) {
    if (role == 0) {
      bool syncing = false;
      for (int i = 0; i < appends; ++i) {
        append(log_->end_offset());
        if (auto what = synced.take()) {
          log_->mark_synced(*what);
          syncing = false;
          EXPECT_TRUE(log_->checkpoint());
        }
        if (!syncing) {
          to_sync.put(log_->dirty());
          syncing = true;
        }
        if (auto read = log_->read(log_->end_offset() / 2, 32 << 10, log_->end_offset()))
          to_send.put(std::move(read->data));
        if (i % 100 == 99) {
          EXPECT_TRUE(log_->delete_records(log_->end_offset() / 2));
        }
      }
      done = true;
    }
    while (role == 1 && !done)
      if (auto what = to_sync.take()) {
        sync(*what);
        synced.put(std::move(*what));
      }
    while (role >= 2 && !done)
      if (auto p = to_send.take())
        send(*p);
  });
  EXPECT_EQ(log_->end_offset(), appends * 4);
  EXPECT_TRUE(log_->sync());
  EXPECT_EQ(log_->synced_offset(), appends * 4);
}

TEST_F(log_threads, is_compacted_while_its_owner_goes_on) {
  settings_.cleanup_delete = false;
  settings_.cleanup_compact = true;
  settings_.min_cleanable_dirty_ratio = 0;
  log_->update_settings(settings_);
  channel<compaction_plan> plans;
  channel<compaction_result> outcomes;
  channel<payload> to_send;
  std::atomic<bool> done{false};
  int swapped = 0;
  test::together(3, [&](int role) {
    if (role == 0) {
      bool compacting = false;
      for (int i = 0; i < appends || compacting; ++i) {
        append(log_->end_offset());
        EXPECT_TRUE(log_->sync());
        EXPECT_TRUE(log_->checkpoint());
        if (auto outcome = outcomes.take()) {
          EXPECT_TRUE(log_->swap_in(*outcome));
          compacting = false;
          ++swapped;
        }
        if (!compacting && i < appends) {
          auto plan = log_->plan_compaction(1000, log_->end_offset());
          ASSERT_TRUE(plan) << plan.error().message;
          if (*plan) {
            plans.put(std::move(**plan));
            compacting = true;
          }
        }
        if (auto read = log_->read(log_->start_offset(), 32 << 10, log_->end_offset()))
          to_send.put(std::move(read->data));
      }
      done = true;
    }
    while (role == 1 && !done)
      if (auto plan = plans.take()) {
        auto outcome = compact(disk_, *plan);
        ASSERT_TRUE(outcome) << outcome.error().message;
        outcomes.put(std::move(*outcome));
      }
    while (role == 2 && !done)
      if (auto p = to_send.take())
        send(*p);
  });
  EXPECT_GT(swapped, 0);
}

} // namespace
} // namespace chisme::log
