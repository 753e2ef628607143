# Puts texts into the program: one array of lines a file (C allows no string literal as long as a manual page), and a table of them.
# The name of a text is its file's, without ".md", ".inc" and ".in".
function quoted(line) {
  gsub(/[\\"]/, "\\\\&", line); gsub(/\t/, "\\t", line)
  return "\"" line "\""
}
BEGIN { print "#include \"help.h\"\n" }
FNR == 1 {
  if (NR > 1) print "    NULL,\n};\n"
  name = FILENAME; sub(/.*\//, "", name); sub(/\.(md|inc|in)$/, "", name)
  names[++count] = name
  printf "static const char *const TEXT_%d[] = {\n", count
}
{ print "    " quoted($0) "," }
END {
  print "    NULL,\n};\n"
  print "const struct cli_doc VLS_CLI_DOCS[] = {"
  for (i = 1; i <= count; i++) printf "    {%s, TEXT_%d},\n", quoted(names[i]), i
  print "    {NULL, NULL},\n};"
}
