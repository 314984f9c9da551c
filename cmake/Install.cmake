include(GNUInstallDirs)
install(TARGETS colophond colophon RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
set(printed ${PROJECT_BINARY_DIR}/client/cli)
install(FILES ${printed}/colophon.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${printed}/colophon.bash RENAME colophon
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${printed}/_colophon DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${printed}/colophon.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY deploy/examples DESTINATION ${CMAKE_INSTALL_DATADIR}/colophon)
install(DIRECTORY proto/colophon/v1 DESTINATION ${CMAKE_INSTALL_DATADIR}/colophon/proto/colophon
  FILES_MATCHING PATTERN "*.proto")
# What they and the details of errors are made of, so that the folder stands alone.
install(DIRECTORY proto/google/rpc DESTINATION ${CMAKE_INSTALL_DATADIR}/colophon/proto/google
  FILES_MATCHING PATTERN "*.proto")

# Where the configuration goes follows from the prefix, which may be given as late as
# `cmake --install --prefix`: of /usr it's /etc, for there is no /usr/etc.
install(CODE "set(COLOPHON_DEPLOY \"${PROJECT_SOURCE_DIR}/deploy\")")
install(CODE "set(COLOPHON_CONFIGURATION \"${CMAKE_INSTALL_SYSCONFDIR}/colophon\")")
install(CODE [[
  if(NOT IS_ABSOLUTE "${COLOPHON_CONFIGURATION}")
    string(REGEX REPLACE "^/usr/?$" "" prefix "${CMAKE_INSTALL_PREFIX}")
    set(COLOPHON_CONFIGURATION "${prefix}/${COLOPHON_CONFIGURATION}")
  endif()
]])

# What an operator edits is written once: an upgrade brings the new text beside it, as
# NAME.example.
install(CODE [[
  foreach(name colophond.textproto nginx.conf)
    file(INSTALL "${COLOPHON_DEPLOY}/${name}" DESTINATION "${COLOPHON_CONFIGURATION}"
      RENAME "${name}.example")
    set(edited "$ENV{DESTDIR}${COLOPHON_CONFIGURATION}/${name}")
    if(EXISTS "${edited}")
      message(STATUS "Kept as it is: ${edited}")
    else()
      message(STATUS "Installing: ${edited}")
      file(COPY_FILE "${edited}.example" "${edited}")
    endif()
  endforeach()
]])

# The unit names files by their whole paths.
install(CODE [[
  file(READ "${COLOPHON_DEPLOY}/colophond.service" unit)
  string(REPLACE "/usr/local/etc/colophon/" "${COLOPHON_CONFIGURATION}/" unit "${unit}")
  string(REPLACE "/usr/local/" "${CMAKE_INSTALL_PREFIX}/" unit "${unit}")
  set(folder "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system")
  message(STATUS "Installing: ${folder}/colophond.service")
  file(MAKE_DIRECTORY "${folder}")
  file(WRITE "${folder}/colophond.service" "${unit}")
]])
