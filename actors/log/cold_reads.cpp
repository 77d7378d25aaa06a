#include "actors/log/cold_reads.hpp"

#include <utility>

namespace chisme::log {

namespace {

thread_local cold_reads* of_this_thread = nullptr;

tl::unexpected<error> not_in_memory() {
  return fail(error_code::operation_not_attempted, "a read would have to wait for the disk");
}

} // namespace

bool would_wait(const error& e) { return e.code == error_code::operation_not_attempted; }

cold_reads::cold_reads() : before_(std::exchange(of_this_thread, this)) {}

cold_reads::~cold_reads() { of_this_thread = before_; }

result<size_t> cold_reads::read(const file_ptr& from, uint64_t position, std::span<std::byte> into) {
  auto* watch = of_this_thread;
  if (!watch)
    return from->read_at(position, into);
  if (watch->found_)
    return not_in_memory();
  auto n = from->read_from_memory(position, into);
  if (!n)
    return tl::make_unexpected(n.error());
  if (*n)
    return **n;
  watch->found_ = cold_range{from, position, into.size()};
  return not_in_memory();
}

bool cold_reads::is_in_memory(const file_ptr& file, uint64_t position, uint64_t length) {
  auto* watch = of_this_thread;
  if (!watch)
    return true;
  if (watch->found_)
    return false;
  if (file->is_in_memory(position, length))
    return true;
  watch->found_ = cold_range{file, position, length};
  return false;
}

result<void> cold_reads::go_on() {
  return of_this_thread && of_this_thread->found_ ? result<void>{not_in_memory()} : result<void>{};
}

} // namespace chisme::log
