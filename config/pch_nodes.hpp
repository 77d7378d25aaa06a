// Precompiled for nodes/: the outside world's heavy headers.
#pragma once
#include <utility> // Boost 1.74 uses std::exchange without it
#include <boost/asio.hpp>
#include <caf/all.hpp>
#include <spdlog/spdlog.h>
#include <map>
#include <string>
#include <vector>
