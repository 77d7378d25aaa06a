// What configs belong to, as DescribeConfigs, AlterConfigs and IncrementalAlterConfigs number it
// (org.apache.kafka.common.config.ConfigResource.Type).
#pragma once

#include <cstdint>

namespace chisme::kafka {

enum class config_resource : int8_t { topic = 2, broker = 4, broker_logger = 8, client_metrics = 16, group = 32 };

} // namespace chisme::kafka
