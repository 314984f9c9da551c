# Of what is staged: dpkg keeps what an operator edited, and asks; it needs no text beside it.
file(GLOB beside "${CPACK_TEMPORARY_DIRECTORY}/etc/colophon/*.example")
if(beside)
  file(REMOVE ${beside})
endif()
