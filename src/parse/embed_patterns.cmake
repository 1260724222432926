# Writes OUT, a C table of the texts of all patterns in DIR, in order of their names.
# Each byte becomes a number, so that no quoting of C or CMake can change a pattern.
file(GLOB files ${DIR}/*.pattern ${DIR}/*.keys)
list(SORT files)
set(text "/* Made from patterns/ by src/parse/embed_patterns.cmake. */\n#include \"parse/builtin.h\"\n")
set(table "")
set(count 0)
foreach(file IN LISTS files)
  get_filename_component(name ${file} NAME_WE)
  get_filename_component(whole ${file} NAME)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND text "static const unsigned char text_${count}[] = {${bytes}0};\n")
  string(APPEND table "    {\"${name}\", \"${whole}\", (const char *)text_${count}, sizeof(text_${count}) - 1},\n")
  math(EXPR count "${count} + 1")
endforeach()
string(APPEND text "const struct ha_builtin_pattern ha_builtin_patterns[] = {\n${table}};\n"
       "const size_t ha_builtin_pattern_count = ${count};\n")
file(WRITE ${OUT} "${text}")
