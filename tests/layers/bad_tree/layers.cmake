# Three modules in three rows; 'low' wrongly uses 'high' and a module that does not exist.
set(rows "low" "middle" "high")
set(modules low middle high)
set(uses_low high nowhere)
set(headers_low low.hpp)
set(uses_middle)
set(headers_middle)
set(uses_high low)
set(headers_high high.hpp)
