// Kafka's published message schemas, put into the same lines that wire::describer prints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace chisme::test {

struct message_schema {
  int16_t min_version = 0;
  int16_t max_version = 0;
  int16_t flexible_since = 0;
  std::string text; ///< the file's JSON
};

/// Reads <folder>/<Name>.json, where fetch_request is FetchRequest. Throws where there is none.
message_schema load_schema(const std::filesystem::path& folder, std::string_view type_name);

/// One line a field, as the describer would print the message in that version.
std::vector<std::string> schema_lines(const message_schema& schema, int16_t version);

} // namespace chisme::test
