// What of a file is in the page cache, asked without waiting for the disk.
//
// read_cached() is preadv2(RWF_NOWAIT): exact. The system begins to read what is missing, which takes as long as
// handing the order to the device: not at once where its queue is full. Reading all of a large range
// only to see that it is there would cost as much as sending it. For that is_cached() asks cachestat() (Linux 6.5),
// which counts the pages, and reads the last byte, because pages count that are still on their way. Where cachestat()
// does not exist, or sees none of the pages because another file system below has them (overlayfs), one byte for each
// read-ahead window has to do: what is read and what is evicted are mostly runs of that size or more. mincore() would
// be exact everywhere, but needs a mapping, which costs a fifth of sending the range.
//
// Where a file system refuses RWF_NOWAIT, everything counts as cached and reads wait as they always did: those that
// refuse are mostly not on a local disk, and whoever believed all of it cold would have every hot read go through
// another thread.
#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace chisme {

/// As pread() of all of it, fewer at the end of the file; or the system's error: EAGAIN where some of it is not in
/// memory, EOPNOTSUPP where that cannot be told.
tl::expected<size_t, int> read_cached(int fd, uint64_t position, std::span<std::byte> into);

/// Whether [position, position + length) is in memory, as well as it can be told.
bool is_cached(int fd, uint64_t position, uint64_t length);

} // namespace chisme
