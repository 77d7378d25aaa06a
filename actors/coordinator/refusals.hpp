// What is answered to changes that were not made, although nothing is wrong with them: the metadata log could not be
// read or written, or another node leads it.
#pragma once

#include "actors/coordinator/messages.hpp"

namespace chisme::coordinator {

/// To a change that nobody decided: this error for everything that it names.
change_response refuse(const change_request& asked, const error& why);

/// To a change that was decided and not written: this error wherever the answer told of success; what had been refused
/// stays as it is, so that a client sees the real cause for each topic.
change_response take_back(change_response decided, const error& why);

} // namespace chisme::coordinator
