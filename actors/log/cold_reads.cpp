#include "actors/log/cold_reads.hpp"

#include <utility>

namespace chisme::log {

namespace {

thread_local cold_reads* of_this_thread = nullptr;

error not_in_memory() { return {error_code::operation_not_attempted, "a read would have to wait for the disk"}; }

/// They share a page, which is the least that a disk is asked for.
bool overlap(const cold_range& a, const cold_range& b) {
  constexpr uint64_t page = 4096;
  const auto begin = [](const cold_range& r) { return r.position / page; };
  const auto end = [](const cold_range& r) { return (r.position + r.length + page - 1) / page; };
  return a.file == b.file && begin(a) < end(b) && begin(b) < end(a);
}

} // namespace

bool would_wait(const error& e) { return e.code == error_code::operation_not_attempted; }

cold_reads::cold_reads(std::span<const failed_read> failed)
  : before_(std::exchange(of_this_thread, this)), failed_(failed) {}

cold_reads::~cold_reads() { of_this_thread = before_; }

const error* cold_reads::failure_of(const cold_range& what) const {
  for (const auto& f : failed_)
    if (overlap(f.where, what))
      return &f.why;
  return failed_.size() >= most_failures ? &failed_.back().why : nullptr;
}

void cold_reads::miss(cold_range what) {
  if (const auto* failure = failure_of(what)) {
    missed_because_ = *failure;
    return;
  }
  found_ = std::move(what);
  missed_because_ = not_in_memory();
}

result<size_t> cold_reads::read(const file_ptr& from, uint64_t position, std::span<std::byte> into) {
  auto* watch = of_this_thread;
  if (!watch)
    return from->read_at(position, into);
  if (watch->found_)
    return tl::make_unexpected(not_in_memory());
  auto n = from->read_from_memory(position, into);
  if (!n)
    return tl::make_unexpected(n.error());
  if (*n)
    return **n;
  watch->miss({from, position, into.size()});
  return tl::make_unexpected(*watch->missed_because_);
}

bool cold_reads::is_in_memory(const file_ptr& file, uint64_t position, uint64_t length) {
  auto* watch = of_this_thread;
  if (!watch)
    return true;
  if (watch->found_)
    return false;
  if (file->is_in_memory(position, length))
    return true;
  watch->miss({file, position, length});
  return false;
}

error cold_reads::why_not() {
  const auto* watch = of_this_thread;
  return watch && watch->missed_because_ ? *watch->missed_because_ : not_in_memory();
}

result<void> cold_reads::go_on() {
  return of_this_thread && of_this_thread->found_ ? tl::make_unexpected(not_in_memory()) : result<void>{};
}

} // namespace chisme::log
