// Whether syncfs() may be believed.
#pragma once

#include <string_view>

namespace chisme {

/// Whether syncfs() tells of every write that failed: on a local file system that writes by itself what it is given
/// (`type`: statfs's f_type), and from Linux 5.17 on (`release`: uname's). Before 5.8 it told of no failed write-back
/// at all, before 5.17 of no failed commit of the journal.
bool syncfs_tells_of_failures(std::string_view release, long type);

} // namespace chisme
