// Precompiled for every file that may include CAF: about three seconds saved in each.
#pragma once
#include <caf/all.hpp>
#include <map>
#include <string>
#include <vector>
