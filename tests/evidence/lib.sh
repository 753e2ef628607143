# shellcheck shell=bash disable=SC2034
# tests/evidence/lib.sh - time stamping authorities and witnesses from a script. Source it; then
#
#   outsider_start NAME tsa|witness DIRECTORY [OPTION...]   sets OUTSIDER_PORT[NAME], and of a witness OUTSIDER_VKEY[NAME]
#   outsider_say NAME COMMAND...                            prints what it answers behind "ok"
#   outsider_seen NAME REGEX                                how many requests' lines (METHOD PATH STATUS FAULT) hold that
#   outsider_stop NAME                                      it ends with the script, too
OUTSIDER_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
declare -A OUTSIDER_PORT=() OUTSIDER_VKEY=() OUTSIDER_PID=() OUTSIDER_IN=() OUTSIDER_OUT=() OUTSIDER_DIRECTORY=()

outsider_start() { # NAME tsa|witness DIRECTORY [OPTION...]
  local name=$1 program=$2 directory=$3 line in out
  shift 3
  mkdir -p "$directory"
  rm -f "$directory/in" "$directory/out"
  mkfifo "$directory/in" "$directory/out"
  "$OUTSIDER_SOURCE/$program" "$@" "$directory" <"$directory/in" >"$directory/out" &
  OUTSIDER_PID[$name]=$!
  exec {in}>"$directory/in" {out}<"$directory/out"
  OUTSIDER_IN[$name]=$in OUTSIDER_OUT[$name]=$out OUTSIDER_DIRECTORY[$name]=$directory
  while read -r line <&"$out"; do
    case $line in
      'port '*) OUTSIDER_PORT[$name]=${line#port } ;;
      'vkey '*) OUTSIDER_VKEY[$name]=${line#vkey } ;;
      ready) return 0 ;;
    esac
  done
  echo "$name does not start" >&2
  return 1
}

outsider_say() { # NAME COMMAND...
  local name=$1 answer
  shift
  printf '%s\n' "$*" >&"${OUTSIDER_IN[$name]}"
  read -r answer <&"${OUTSIDER_OUT[$name]}"
  case $answer in
    ok) ;;
    'ok '*) printf '%s\n' "${answer#ok }" ;;
    *) echo "$name: $answer" >&2 && return 1 ;;
  esac
}

outsider_seen() { # NAME REGEX
  grep -Ec -- "$2" "${OUTSIDER_DIRECTORY[$1]}/requests" || :
}

outsider_stop() { # NAME
  local in=${OUTSIDER_IN[$1]} out=${OUTSIDER_OUT[$1]}
  echo end >&"$in" # others may have inherited the other end of its standard input
  exec {in}>&- {out}<&-
  wait "${OUTSIDER_PID[$1]}" || :
  unset "OUTSIDER_PID[$1]"
}
