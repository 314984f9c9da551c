# How everything is compiled: C++20, warnings are errors, ccache and lld when
# they are there. COLOPHON_SANITIZE is "", "address" or "thread".
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_options(-pthread)  # Everywhere, or precompiled headers would not fit.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# An assertion is for what only a bug can break; it holds in Release too.
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")

add_library(colophon_options INTERFACE)
target_compile_options(colophon_options INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(colophon_options INTERFACE -Wthread-safety)
else()
  # GCC 12 is wrong about text + text (its bug 105329) and about coroutines'
  # own operator delete (its bug 109224), when it optimizes.
  target_compile_options(colophon_options INTERFACE -Wno-restrict -Wno-mismatched-new-delete)
endif()

set(COLOPHON_SANITIZE "" CACHE STRING "address, thread or empty")
if(COLOPHON_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With its checks between, g++ takes what std::regex moves for uninitialized.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
  add_link_options(-fsanitize=address,undefined)
elseif(COLOPHON_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  # With its calls between, g++ takes an appended std::string for one that is too short.
  add_compile_options(-Wno-array-bounds -Wno-stringop-overflow)
  # g++'s ThreadSanitizer doesn't know fences. Asio's queues are ordered by a
  # mutex, which it does know.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  # With this macro protobuf's headers give map fields another layout than
  # Debian's libprotobuf has. libstdc++ still needs to know.
  add_compile_options(-U__SANITIZE_THREAD__ -D_GLIBCXX_TSAN=1)
  add_link_options(-fsanitize=thread)
elseif(COLOPHON_SANITIZE)
  message(FATAL_ERROR "COLOPHON_SANITIZE is \"${COLOPHON_SANITIZE}\": address, thread or empty")
endif()

find_program(COLOPHON_CCACHE ccache)
if(COLOPHON_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${COLOPHON_CCACHE})
endif()
find_program(COLOPHON_LLD ld.lld)
if(COLOPHON_LLD)
  add_link_options(-fuse-ld=lld)
endif()
