# Makes the bash completion from the option tables of commands/*.md and global.inc.
FNR == 1 {
  name = FILENAME; sub(/.*\//, "", name); sub(/\.(md|inc)$/, "", name)
  is_global = FILENAME ~ /\.inc$/
  is_options = is_global
  if (!is_global && name != "valise") commands = commands (commands == "" ? "" : " ") name
}
/^## / { is_options = ($0 == "## Options") || is_global }
is_options && /^\| `-/ {
  line = $0
  while (match(line, /--[a-z-]+/)) {
    option = substr(line, RSTART, RLENGTH); line = substr(line, RSTART + RLENGTH)
    options[name] = options[name] " " option
    break
  }
}
/^## / { is_subs = ($0 == "## Sub-commands") }
is_subs && /^\| `[a-z]/ { match($0, /`[a-z-]+/); subs[name] = subs[name] " " substr($0, RSTART + 1, RLENGTH - 1) }
END {
  print "# bash completion for valise(1), made by the build"
  print "_valise()\n{\n    local word=${COMP_WORDS[COMP_CWORD]} command='' options='' subs='' i at=0"
  printf "    local commands='%s'\n", commands
  print "    for ((i = 1; i < COMP_CWORD; i++)); do"
  print "        case \" $commands \" in *\" ${COMP_WORDS[i]} \"*) command=${COMP_WORDS[i]} at=$i; break ;; esac"
  print "    done"
  printf "    case $command in\n"
  n = split(commands, list, " ")
  for (i = 1; i <= n; i++) if (options[list[i]] != "") printf "    %s) options='%s' ;;\n", list[i], substr(options[list[i]], 2)
  print "    esac"
  print "    case $command in"
  for (i = 1; i <= n; i++) if (subs[list[i]] != "") printf "    %s) subs='%s' ;;\n", list[i], substr(subs[list[i]], 2)
  print "    esac"
  printf "    options+='%s'\n", options["global"]
  print "    if [ -z \"$command\" ] && [[ $word != -* ]]; then"
  print "        mapfile -t COMPREPLY < <(compgen -W \"$commands\" -- \"$word\")"
  print "    elif [[ $word == -* ]]; then"
  print "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\")"
  print "    elif [ -n \"$subs\" ] && ((COMP_CWORD == at + 1)); then"
  print "        mapfile -t COMPREPLY < <(compgen -W \"$subs\" -- \"$word\")"
  print "    else"
  print "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")"
  print "    fi\n}\ncomplete -o filenames -F _valise valise"
}
