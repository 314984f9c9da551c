# Debian 12's packages, installed by deploy/install-deps.
find_package(Threads REQUIRED)
find_package(Protobuf 3.21 REQUIRED)  # module mode, and before gRPC
find_package(gRPC 1.51 CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(RocksDB 7.8 CONFIG REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)  # 1.0; its package tells no version
find_package(GTest 1.12 CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBGIT2 REQUIRED IMPORTED_TARGET libgit2>=1.5.1)
pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-uc>=72)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
# Its flags would be another set than those of the precompiled headers.
pkg_check_modules(NCURSESW REQUIRED ncursesw>=6.4)
pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc>=5.3)
include(GoogleTest)
