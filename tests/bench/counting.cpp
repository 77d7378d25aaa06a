#include "tests/bench/counting.hpp"

#include <atomic>
#include <cstdlib>
#include <dlfcn.h>
#include <new>

namespace chisme::bench {

namespace {

std::atomic<uint64_t> allocations{0};
std::atomic<uint64_t> allocated_bytes{0};
std::atomic<uint64_t> copied_bytes{0};

void* counted_new(size_t size, size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  allocated_bytes.fetch_add(size, std::memory_order_relaxed);
  auto* p = alignment > 0 ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                          : std::malloc(size > 0 ? size : 1);
  if (!p)
    throw std::bad_alloc{};
  return p;
}

void note_copy(size_t size) {
  if (size >= least_copy)
    copied_bytes.fetch_add(size, std::memory_order_relaxed);
}

} // namespace

counted count() { return {allocations.load(), allocated_bytes.load(), copied_bytes.load()}; }

} // namespace chisme::bench

void* operator new(size_t size) { return chisme::bench::counted_new(size, 0); }
void* operator new[](size_t size) { return chisme::bench::counted_new(size, 0); }
void* operator new(size_t size, std::align_val_t a) { return chisme::bench::counted_new(size, static_cast<size_t>(a)); }
void* operator new[](size_t size, std::align_val_t a) {
  return chisme::bench::counted_new(size, static_cast<size_t>(a));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t, std::align_val_t) noexcept { std::free(p); }

namespace {

using copy_function = void* (*)(void*, const void*, size_t);

/// The C library's own, once the program has begun; the dynamic loader copies before that.
copy_function library_copy = nullptr;

__attribute__((constructor)) void find_library_copy() {
  library_copy = reinterpret_cast<copy_function>(::dlsym(RTLD_NEXT, "memmove"));
}

void* copy(void* to, const void* from, size_t size) {
  chisme::bench::note_copy(size);
  if (library_copy)
    return library_copy(to, from, size);
  // Volatile, or the compiler would make a call of memmove out of the loops.
  auto* out = static_cast<volatile char*>(to);
  const auto* in = static_cast<const volatile char*>(from);
  const bool forward = out <= in;
  for (size_t i = 0; i < size; ++i) {
    const auto at = forward ? i : size - 1 - i;
    out[at] = in[at];
  }
  return to;
}

} // namespace

extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, size_t size) noexcept { return copy(to, from, size); }

void* memmove(void* to, const void* from, size_t size) noexcept { return copy(to, from, size); }

} // extern "C"
