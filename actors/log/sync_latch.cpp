#include "actors/log/sync_latch.hpp"

#include "actors/log/cold_reads.hpp"

namespace chisme::log {

namespace {

class latched_file final : public file {
public:
  latched_file(file_ptr of, sync_latch_ptr latch) : file_(std::move(of)), latch_(std::move(latch)) {}

  result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    return cold_reads::read(file_, position, into);
  }
  bool is_in_memory(uint64_t position, uint64_t length) override {
    return cold_reads::is_in_memory(file_, position, length);
  }
  result<void> write_at(uint64_t position, std::span<const bytes_view> parts) override {
    return file_->write_at(position, parts);
  }
  result<void> sync() override {
    if (const auto* failed = latch_->failure())
      return tl::make_unexpected(*failed);
    auto done = file_->sync();
    if (!done)
      latch_->close(done.error());
    return done;
  }
  result<void> truncate(uint64_t size) override { return file_->truncate(size); }
  result<uint64_t> size() override { return file_->size(); }
  std::optional<int64_t> change_stamp() override { return file_->change_stamp(); }
  std::optional<timestamp_ms> modified_at() override { return file_->modified_at(); }
  int native_handle() const override { return file_->native_handle(); }
  const std::string& path() const override { return file_->path(); }

private:
  file_ptr file_;
  sync_latch_ptr latch_;
};

} // namespace

void sync_latch::close(const error& why) {
  const error* none = nullptr;
  auto mine = std::make_unique<const error>(why);
  if (failure_.compare_exchange_strong(none, mine.get(), std::memory_order_acq_rel))
    mine.release();
}

result<file_ptr> latched_files::latched(result<file_ptr> opened) const {
  if (!opened)
    return opened;
  return std::make_shared<latched_file>(std::move(*opened), latch_);
}

result<file_ptr> latched_files::open(const std::string& path, open_mode mode) {
  if (auto ok = cold_reads::go_on(); !ok)
    return tl::make_unexpected(ok.error());
  return latched(disk_.open(path, mode));
}

result<file_ptr> latched_files::open_directory(const std::string& path) { return latched(disk_.open_directory(path)); }

} // namespace chisme::log
