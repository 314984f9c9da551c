include(GNUInstallDirs)
#install(TARGETS colophond colophon RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES deploy/colophond.textproto DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/colophon)
install(FILES deploy/colophond.service DESTINATION lib/systemd/system)
install(DIRECTORY deploy/examples DESTINATION ${CMAKE_INSTALL_DATADIR}/colophon)
install(DIRECTORY proto/colophon/v1 DESTINATION ${CMAKE_INSTALL_DATADIR}/colophon/proto/colophon
  FILES_MATCHING PATTERN "*.proto")
