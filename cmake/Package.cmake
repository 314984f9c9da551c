# `cpack --config build/release/CPackConfig.cmake` makes colophon_VERSION_ARCH.deb of what
# Install.cmake installs to /usr; deploy/debian has what is a package's own.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME colophon)
set(CPACK_PACKAGE_CONTACT "Colophon <colophon@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "prompts as versions, and a record of every call of a model")
set(CPACK_PACKAGE_DESCRIPTION
  "colophond serves prompts from git repositories by gRPC and HTTP, calls models with\n them and keeps of each call which version wrote the answer. colophon is its command line.")
# Install.cmake writes files by their whole paths, below DESTDIR.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/deploy/debian/stage.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, git, passwd")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "nginx-light")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(name conffiles postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/deploy/debian/${name})
endforeach()
include(CPack)
