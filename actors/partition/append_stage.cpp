#include "actors/partition/append_stage.hpp"

#include "actors/log/batch_validator.hpp"

namespace chisme::partition {

} // namespace chisme::partition
