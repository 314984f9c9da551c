include(GNUInstallDirs)
install(TARGETS colophond colophon RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES deploy/colophond.textproto deploy/nginx.conf DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/colophon)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY deploy/examples DESTINATION ${CMAKE_INSTALL_DATADIR}/colophon)
install(DIRECTORY proto/colophon/v1 DESTINATION ${CMAKE_INSTALL_DATADIR}/colophon/proto/colophon
  FILES_MATCHING PATTERN "*.proto")
# What they and the details of errors are made of, so that the folder stands alone.
install(DIRECTORY proto/google/rpc DESTINATION ${CMAKE_INSTALL_DATADIR}/colophon/proto/google
  FILES_MATCHING PATTERN "*.proto")

# The unit names files by their whole paths: those of the prefix that is
# installed to, which may be given as late as `cmake --install --prefix`.
install(CODE "set(COLOPHON_UNIT \"${PROJECT_SOURCE_DIR}/deploy/colophond.service\")")
install(CODE [[
  file(READ "${COLOPHON_UNIT}" unit)
  string(REPLACE "/usr/local/" "${CMAKE_INSTALL_PREFIX}/" unit "${unit}")
  set(folder "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system")
  message(STATUS "Installing: ${folder}/colophond.service")
  file(MAKE_DIRECTORY "${folder}")
  file(WRITE "${folder}/colophond.service" "${unit}")
]])
