#include "actors/cleaner/cleaner_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/log/compaction.hpp"

namespace chisme::cleaner {

namespace {

/// A segment that can be read until somebody says that it is enough.
class interruptible final : public log::file {
public:
  interruptible(log::file_ptr file, std::shared_ptr<const std::atomic<bool>> ends)
    : file_(std::move(file)), ends_(std::move(ends)) {}

  result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    if (ends_->load())
      return fail(error_code::kafka_storage_error, "the node stops");
    return file_->read_at(position, into);
  }
  result<void> write_at(uint64_t position, std::span<const bytes_view> parts) override {
    return file_->write_at(position, parts);
  }
  result<void> sync() override { return file_->sync(); }
  result<void> truncate(uint64_t size) override { return file_->truncate(size); }
  result<uint64_t> size() override { return file_->size(); }
  std::optional<int64_t> change_stamp() override { return file_->change_stamp(); }
  int native_handle() const override { return file_->native_handle(); }
  const std::string& path() const override { return file_->path(); }

  const log::file_ptr& file() const { return file_; }

private:
  log::file_ptr file_;
  std::shared_ptr<const std::atomic<bool>> ends_;
};

} // namespace

cleaner::cleaner(caf::actor_config& config, std::shared_ptr<log::files> disk, hash_key hash,
                 std::shared_ptr<const std::atomic<bool>> ends)
  : cleaner_actor::base(config), disk_(std::move(disk)), hash_(hash), ends_(std::move(ends)) {
  end_at_exceptions(*this);
}

cleaner::behavior_type cleaner::make_behavior() {
  return {
    [this](const clean_request& r) -> clean_result {
      // What one log does to it must not end the cleaner of all.
      try {
        return clean(*r.plan);
      } catch (const std::exception& e) {
        return {nullptr, std::string{"an exception: "} + e.what()};
      }
    },
  };
}

clean_result cleaner::clean(log::compaction_plan& plan) {
  plan.hash = hash_;
  for (auto& segment : plan.segments)
    segment.log = std::make_shared<interruptible>(std::move(segment.log), ends_);
  auto outcome = log::compact(*disk_, plan);
  if (!outcome)
    return {nullptr, outcome.error().message};
  // The partition knows its segments by their files.
  for (auto& group : outcome->groups)
    for (auto& segment : group.replaces)
      segment.log = static_cast<const interruptible&>(*segment.log).file();
  return {std::make_shared<log::compaction_result>(std::move(*outcome)), {}};
}

} // namespace chisme::cleaner
