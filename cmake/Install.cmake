include(GNUInstallDirs)
install(TARGETS colophond colophon RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
set(printed ${PROJECT_BINARY_DIR}/client/cli)
install(FILES ${printed}/colophon.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${printed}/colophon.bash RENAME colophon
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${printed}/_colophon DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${printed}/colophon.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
# What an operator edits is written once: an upgrade brings the new text beside it, as
# NAME.example.
foreach(file colophond.textproto nginx.conf)
  install(FILES deploy/${file} DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/colophon
    RENAME ${file}.example)
  install(CODE "set(COLOPHON_EDITED \"${CMAKE_INSTALL_SYSCONFDIR}/colophon/${file}\")")
  install(CODE [[
    if(IS_ABSOLUTE "${COLOPHON_EDITED}")
      set(edited "$ENV{DESTDIR}${COLOPHON_EDITED}")
    else()
      set(edited "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/${COLOPHON_EDITED}")
    endif()
    if(EXISTS "${edited}")
      message(STATUS "Kept as it is: ${edited}")
    else()
      message(STATUS "Installing: ${edited}")
      file(COPY_FILE "${edited}.example" "${edited}")
    endif()
  ]])
endforeach()
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
