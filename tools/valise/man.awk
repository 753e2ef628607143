# Makes a manual page of a command's Markdown: -v section=1 -v version=0.1.0. Understands what commands/*.md use: "# name(1) - summary",
# "## Heading", tables "| a | b |" with a head and a rule, lines that start with four blanks (shown as they are), steps "1. ", and paragraphs.
function escaped(text) {
  gsub(/\\\|/, "|", text); gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text)
  while (match(text, /`[^`]*`/))
    text = substr(text, 1, RSTART - 1) "\\fB" substr(text, RSTART + 1, RLENGTH - 2) "\\fR" substr(text, RSTART + RLENGTH)
  sub(/^\./, "\\\\\\&.", text); sub(/^'/, "\\\\\\&'", text)
  return text
}
function plain_end() { if (is_plain) { print ".fi"; print ".RE"; is_plain = 0 } }
function trimmed(text) { sub(/^ +/, "", text); sub(/ +$/, "", text); return text }
/^# / {
  if (has_title) next
  has_title = 1
  dash = index($0, " - "); name = substr($0, 3, dash - 3); summary = substr($0, dash + 3)
  sub(/\([0-9]\)$/, "", name)
  printf ".TH %s %s \"\" \"Valise %s\" \"Valise\"\n.SH NAME\n%s \\- %s\n", toupper(name), section, version, escaped(name), escaped(summary)
  next
}
/^## / { plain_end(); print ".SH " toupper(substr($0, 4)); rows = 0; is_first = 1; next }
/^\|/ {
  plain_end()
  is_first = 0
  if (++rows <= 2) next
  line = substr($0, 2); gsub(/\\\|/, "\001", line)
  split(line, cells, "|")
  left = trimmed(cells[1]); right = trimmed(cells[2])
  gsub(/\001/, "|", left); gsub(/\001/, "|", right)
  print ".TP"; print escaped(left); print escaped(right)
  next
}
/^[0-9]+\. / {
  plain_end()
  is_first = is_new = 0
  print ".IP " substr($0, 1, index($0, ".")) " 4"; print escaped(substr($0, index($0, " ") + 1)); next
}
/^    / {
  is_first = 0
  if (!is_plain) { print ".RS 4"; print ".nf"; is_plain = 1 }
  print escaped(substr($0, 5)); next
}
/^ *$/ { plain_end(); rows = 0; is_new = 1; next }
{ plain_end(); if (is_new && !is_first) print ".PP"; is_new = is_first = 0; print escaped(trimmed($0)) }
END { plain_end() }
