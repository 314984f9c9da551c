# What most files include, parsed once: the standard library's, absl's and asio's
# headers and the generated messages. Nothing else of this project: who touches a
# header compiles only what includes it. One for libraries, one for tests, which
# are compiled with other flags.
function(colophon_precompile name)
  cmake_parse_arguments(ARG "" "" "DEPS;HEADERS" ${ARGN})
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc "")
  add_library(${name} OBJECT EXCLUDE_FROM_ALL ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} colophon_options)
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS}
    <algorithm> <atomic> <chrono> <cstdint> <functional> <map> <memory> <mutex> <optional> <set>
    <string> <string_view> <unordered_map> <utility> <variant> <vector>
    <absl/status/statusor.h> <absl/time/time.h> <absl/container/flat_hash_map.h> <fmt/format.h>
    <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp>
    <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp> <boost/json.hpp>
    <colophon/v1/completion.pb.h> <colophon/v1/record.pb.h> <colophon/v1/registry.pb.h>)
endfunction()

# colophon_library(NAME SOURCES a.cc ... DEPS colophon_base ...)
#
# One library a room. Includes are written from the repository's root.
function(colophon_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE colophon_options)
  target_precompile_headers(${name} REUSE_FROM colophon_headers)
endfunction()

# colophon_test(NAME SOURCES a_test.cc ... DEPS colophon_store ... [LABEL x])
#
# One test program a folder; ctest knows each test by its name.
function(colophon_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE
    ${ARG_DEPS} colophon_testing GTest::gmock GTest::gtest_main colophon_options)
  # What ships is optimized; of a test's own code it is asked that it is there soon.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O0>)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_precompile_headers(${name} REUSE_FROM colophon_test_headers)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# colophon_nightly_test(NAME crash.300_rounds COMMAND crash_campaign ...)
#
# A test in full size, which may take hours: ctest leaves it out, and tests/nightly
# runs it as a step of that name.
function(colophon_nightly_test)
  cmake_parse_arguments(ARG "" "NAME" "COMMAND" ${ARGN})
  add_test(NAME ${ARG_NAME} CONFIGURATIONS nightly COMMAND ${ARG_COMMAND})
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS nightly TIMEOUT 14400)
endfunction()
