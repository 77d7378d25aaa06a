// What one can ask the coordinator of the cluster.
#pragma once

#include "actors/coordinator/messages.hpp"
#include "actors/port.hpp"

#include <memory>

namespace chisme::coordinator {

using port = chisme::port<change>;
using port_ptr = std::shared_ptr<port>;

} // namespace chisme::coordinator
