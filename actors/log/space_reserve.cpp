#include "actors/log/space_reserve.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

/// So that others do not run out of space because of the reserve.
constexpr uint64_t plenty = 8;

} // namespace

space_reserve::space_reserve(files& disk, const std::string& dir, uint64_t size)
  : disk_(disk), dir_(dir), path_(dir + "/reserve"), size_(size) {
  if (size_ == 0)
    return;
  if (auto f = disk_.open(path_, open_mode::read))
    left_ = (*f)->size().value_or(0);
}

void space_reserve::renew() {
  if (left_ >= size_)
    return;
  const auto free = disk_.free_space(dir_);
  if (!free || *free < plenty * size_)
    return;
  auto f = disk_.open(path_, open_mode::create_new);
  if (!f)
    return;
  // Written, not only made long: a hole takes no space.
  const std::vector<std::byte> zeros(size_);
  const bytes_view parts[] = {zeros};
  left_ = (*f)->write_at(0, parts) ? size_ : 0;
  if (left_ == 0)
    (void)disk_.remove(path_);
}

bool space_reserve::release() {
  if (left_ == 0)
    return false;
  const auto free = disk_.free_space(dir_);
  if (!free || *free >= size_)
    return false;
  auto f = disk_.open(path_, open_mode::read_write);
  const auto left = left_ - std::min(left_, piece);
  if (!f || !(*f)->truncate(left))
    return false;
  left_ = left;
  return true;
}

} // namespace chisme::log
