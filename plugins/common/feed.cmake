# What sources of data endpoints share, on top of plugins_common: see feed.h.
add_library(plugins_feed STATIC ${CMAKE_CURRENT_LIST_DIR}/feed.c ${CMAKE_CURRENT_LIST_DIR}/stream.c ${CMAKE_CURRENT_LIST_DIR}/tidy.c)
target_link_libraries(plugins_feed PRIVATE valise_flags)
target_link_libraries(plugins_feed PUBLIC plugins_common OpenSSL::Crypto)

# valise_plugin_unit_test(iom-dtm rows SOURCES rows.c): test_rows.c with these files of the plugin, without a host.
function(valise_plugin_unit_test name subject)
  cmake_parse_arguments(T "" "" "SOURCES" ${ARGN})
  string(REPLACE "-" "_" id ${name}_${subject})
  add_executable(test_plugin_${id} test_${subject}.c ${T_SOURCES})
  target_link_libraries(test_plugin_${id} PRIVATE valise_flags plugins_feed PkgConfig::CMOCKA)
  target_compile_definitions(test_plugin_${id} PRIVATE VALISE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME plugins/${name}/${subject} COMMAND test_plugin_${id})
  set_tests_properties(plugins/${name}/${subject} PROPERTIES LABELS plugins TIMEOUT 60)
endfunction()

if(VALISE_TESTS)
  add_executable(test_common_stream ${CMAKE_CURRENT_LIST_DIR}/test_stream.c)
  target_link_libraries(test_common_stream PRIVATE valise_flags plugins_feed PkgConfig::CMOCKA)
  add_test(NAME plugins/common/stream COMMAND test_common_stream)
  set_tests_properties(plugins/common/stream PROPERTIES LABELS plugins TIMEOUT 60)
endif()
