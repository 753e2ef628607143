# Every library that Valise stands on, all of them Debian 12's. README.md says what each is for.
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
foreach(dependency
    CURL=libcurl ZLIB=zlib NGHTTP2=libnghttp2 EVENT=libevent_core EVENT_OPENSSL=libevent_openssl PROTOBUF_C=libprotobuf-c
    SQLITE=sqlite3 P11KIT=p11-kit-1 XML=libxml-2.0 XMLSEC=xmlsec1-openssl CYAML=libcyaml YAML=yaml-0.1 SECCOMP=libseccomp JANSSON=jansson YAJL=yajl
    ARCHIVE=libarchive)
  string(REGEX MATCH "^([^=]+)=(.+)$" _ ${dependency})
  pkg_check_modules(${CMAKE_MATCH_1} REQUIRED IMPORTED_TARGET ${CMAKE_MATCH_2})
endforeach()
if(VALISE_TESTS)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
endif()
