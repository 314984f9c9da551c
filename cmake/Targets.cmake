# colophon_library(NAME SOURCES a.cc ... DEPS colophon_base ...)
#
# One library a room. Includes are written from the repository's root.
function(colophon_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE colophon_options)
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
