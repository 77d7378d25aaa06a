// The file that says which topic a partition's folder belongs to: the topic's id, so that a folder of a topic that
// was deleted and made anew under the same name is not mistaken for the new one's.
#pragma once

#include "actors/log/files.hpp"
#include "messages/ids.hpp"

#include <optional>

namespace chisme::log {

/// Writes `dir`/partition.metadata as Kafka does: "version: 0", "topic_id: <22 characters>".
result<void> write_partition_metadata(files& disk, const std::string& dir, const uuid& topic_id, bool durable);

/// The id; nullopt where there is no such file. CORRUPT_MESSAGE where it is damaged, UNSUPPORTED_VERSION where a newer
/// program wrote it, KAFKA_STORAGE_ERROR where the disk refuses to say.
result<std::optional<uuid>> read_partition_metadata(files& disk, const std::string& dir);

} // namespace chisme::log
