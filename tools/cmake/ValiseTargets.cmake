# How targets of Valise are made: one static library per folder of core/, declared uses, one flag set.

add_library(valise_flags INTERFACE)
target_compile_features(valise_flags INTERFACE c_std_17)
target_compile_definitions(valise_flags INTERFACE _GNU_SOURCE)
target_compile_options(valise_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  -Wvla -Wformat=2 -Wundef -Werror -fvisibility=hidden -fno-common -fno-omit-frame-pointer)

# Two of gcc's guesses are switched off: it cannot know that vls_fail() never returns OK, so it takes every output behind a VLS_TRY
# for uninitialized; and text for people is cut by snprintf() on purpose.
target_compile_options(valise_flags INTERFACE
  $<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized> $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>)

# Hardening holds for every build; what costs optimization only where there is some.
target_compile_options(valise_flags INTERFACE -fstack-protector-strong -fcf-protection=full)
target_compile_options(valise_flags INTERFACE
  $<$<CONFIG:RelWithDebInfo>:-U_FORTIFY_SOURCE> $<$<CONFIG:RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
target_link_options(valise_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
if(VALISE_SANITIZE)
  target_compile_options(valise_flags INTERFACE
    -fsanitize=${VALISE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(valise_flags INTERFACE -fsanitize=${VALISE_SANITIZE})
endif()
if(VALISE_FUZZ)
  target_compile_options(valise_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(VALISE_LINKER) # only faster: without it the compiler's own does as well
  find_program(VALISE_LINKER_PROGRAM ld.${VALISE_LINKER})
endif()
if(VALISE_LINKER_PROGRAM)
  add_link_options(-fuse-ld=${VALISE_LINKER})
endif()
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

# valise_module(store SOURCES queue.c USES base LIBS SQLite::SQLite3)
# USES is the whole list of folders of core/ (and "schemas") that this one may include from; tools/check-source holds
# the #include lines against it.
function(valise_module name)
  cmake_parse_arguments(M "" "" "SOURCES;USES;LIBS" ${ARGN})
  add_library(valise_${name} STATIC ${M_SOURCES})
  target_include_directories(valise_${name} PUBLIC ${PROJECT_SOURCE_DIR}/core)
  target_link_libraries(valise_${name} PRIVATE valise_flags)
  target_link_libraries(valise_${name} PUBLIC ${M_LIBS})
  foreach(used IN LISTS M_USES)
    target_link_libraries(valise_${name} PUBLIC valise_${used})
  endforeach()
endfunction()

# valise_program(valised SOURCES main.c USES daemon)
function(valise_program name)
  cmake_parse_arguments(P "" "" "SOURCES;USES;LIBS" ${ARGN})
  add_executable(${name} ${P_SOURCES})
  list(TRANSFORM P_USES PREPEND valise_)
  target_link_libraries(${name} PRIVATE valise_flags ${P_USES} ${P_LIBS})
endfunction()

# Tests of the plugins opposite emulators wait most of their time, all others keep a processor busy: ctest -j N runs N of those
# or half as many of these at once. tools/test says for which N a machine is full.
set(VALISE_BUSY 2)

# valise_test(store/queue USES store): tests/unit/store/test_queue.c becomes the test unit/store/queue.
function(valise_test path)
  cmake_parse_arguments(T "" "TIMEOUT" "USES;LIBS;SOURCES" ${ARGN})
  string(REPLACE "/" "_" id ${path})
  get_filename_component(dir ${path} DIRECTORY)
  get_filename_component(base ${path} NAME)
  if(NOT T_TIMEOUT AND VALISE_SANITIZE)
    set(T_TIMEOUT 300) # several times slower
  elseif(NOT T_TIMEOUT)
    set(T_TIMEOUT 120)
  endif()
  add_executable(test_${id} ${PROJECT_SOURCE_DIR}/tests/unit/${dir}/test_${base}.c ${T_SOURCES})
  list(TRANSFORM T_USES PREPEND valise_)
  target_include_directories(test_${id} PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit)
  target_compile_definitions(test_${id} PRIVATE
    VALISE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" VALISE_BINARY_DIR="${PROJECT_BINARY_DIR}")
  target_link_libraries(test_${id} PRIVATE valise_flags ${T_USES} ${T_LIBS} PkgConfig::CMOCKA)
  add_test(NAME unit/${path} COMMAND test_${id})
  set_tests_properties(unit/${path} PROPERTIES LABELS unit TIMEOUT ${T_TIMEOUT} PROCESSORS ${VALISE_BUSY})
endfunction()
