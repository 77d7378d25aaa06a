// Which APIs a node serves: the list in api_table.cpp is what the server supports, and what ApiVersions tells.
#pragma once

#include "actors/session/request.hpp"

#include <span>

namespace chisme::session {

struct api_entry {
  kafka::api_key key;
  void (*handle)(request);
  /// A small request may be answered with any amount of memory: a connection has one such answer at a time.
  bool answers_much = false;
};

/// In order of their keys.
std::span<const api_entry> served_apis();

bool answers_much(int16_t key);

/// Finds the handler and calls it; answers or closes the connection where there is none for this key and version.
void dispatch(request r, bool version_supported);

} // namespace chisme::session
