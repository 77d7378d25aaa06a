// Precompiled for nodes/: the outside world's heavy headers.
#pragma once
#include <boost/asio.hpp>
#include <caf/all.hpp>
#include <spdlog/spdlog.h>
#include <map>
#include <string>
#include <vector>
