# What sources of data endpoints share, on top of plugins_common: see feed.h.
add_library(plugins_feed STATIC ${CMAKE_CURRENT_LIST_DIR}/feed.c ${CMAKE_CURRENT_LIST_DIR}/stream.c ${CMAKE_CURRENT_LIST_DIR}/tidy.c)
target_link_libraries(plugins_feed PRIVATE valise_flags)
target_link_libraries(plugins_feed PUBLIC plugins_common OpenSSL::Crypto)

# valise_endpoint_test(iom-dtm [MORE LIBS]): test_iom_dtm.c opposite the emulator; VALISE_IOM_DTM is the object.
function(valise_endpoint_test name)
  string(REPLACE "-" "_" id ${name})
  string(TOUPPER ${id} macro)
  add_executable(test_plugin_${id} test_${id}.c)
  target_link_libraries(test_plugin_${id} PRIVATE valise_flags feed_rig ${ARGN})
  target_compile_definitions(test_plugin_${id} PRIVATE VALISE_${macro}="$<TARGET_FILE:plugin_${name}>")
  add_dependencies(test_plugin_${id} plugin_${name})
  add_test(NAME plugins/${name} COMMAND test_plugin_${id})
  set_tests_properties(plugins/${name} PROPERTIES LABELS plugins TIMEOUT 300)
endfunction()

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
  add_library(feed_rig STATIC ${CMAKE_CURRENT_LIST_DIR}/feed_rig.c)
  target_include_directories(feed_rig PUBLIC ${PROJECT_SOURCE_DIR}/plugins)
  target_link_libraries(feed_rig PRIVATE valise_flags PUBLIC emulator_rig)
endif()
