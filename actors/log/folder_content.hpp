// What a partition's folder holds, without opening its log.
#pragma once

#include "actors/log/files.hpp"

namespace chisme::log {

/// Whether something is lost with the folder: there is a byte in one of its segments, or a folder in it.
result<bool> holds_records(files& disk, const std::string& dir);

} // namespace chisme::log
