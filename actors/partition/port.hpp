// What one can ask a replica that leads here.
#pragma once

#include "actors/partition/messages.hpp"
#include "actors/port.hpp"

#include <memory>

namespace chisme::partition {

using port = chisme::port<append_batch, read_request, list_offset_request, epoch_end_request, delete_records_request,
                          describe_request>;
using port_ptr = std::shared_ptr<port>;

} // namespace chisme::partition
