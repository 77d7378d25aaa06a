// What is answered when the metadata log could not take what was decided.
#pragma once

#include "actors/coordinator/messages.hpp"

namespace chisme::coordinator {

/// The decided answer with this error wherever it told of success; what had been refused stays as it is, so that a
/// client sees the real cause for each topic instead of losing its connection.
change_response unmade(change_response decided, error_code code, const std::string& message);

} // namespace chisme::coordinator
