#include "actors/log/space_reserve.hpp"

namespace chisme::log {

namespace {

/// So that others do not run out of space because of the reserve.
constexpr uint64_t plenty = 8;

} // namespace

space_reserve::space_reserve(files& disk, const std::string& dir, uint64_t size)
  : disk_(disk), dir_(dir), path_(dir + "/reserve"), size_(size) {}

void space_reserve::renew() {
  if (size_ == 0 || is_there_)
    return;
  auto f = disk_.open(path_, open_mode::read);
  const auto found = f ? (*f)->size() : result<uint64_t>{0};
  if (found && *found == size_) {
    is_there_ = true;
    return;
  }
  const auto free = disk_.free_space(dir_);
  if (!free || *free < plenty * size_)
    return;
  f = disk_.open(path_, open_mode::create_new);
  if (!f)
    return;
  // Written, not only made long: a hole takes no space.
  const std::vector<std::byte> zeros(size_);
  const bytes_view parts[] = {zeros};
  is_there_ = (*f)->write_at(0, parts).has_value();
  if (!is_there_)
    (void)disk_.remove(path_);
}

bool space_reserve::release() {
  if (!is_there_ || !disk_.remove(path_))
    return false;
  is_there_ = false;
  return true;
}

} // namespace chisme::log
