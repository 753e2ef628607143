# shellcheck shell=bash
# tests/emulators/lib.sh - the emulator from a script. Source it; then
#
#   emulator_start DIRECTORY [OPTION...]   sets EMULATOR_PORT; options are those of tests/emulators/server
#   emulator_say COMMAND                   "era ods=2024", "fault HOST:GLOB=FAULT", ...; prints what it answers behind "ok"
#   emulator_http HOST... >FILE            a section http for these hosts: for valise plugin --http, or, indented, for valise.yaml
#   emulator_seen REGEX                    how many requests' lines hold that
#   emulator_stop                          it ends with the script, too
EMULATOR_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

emulator_start() { # DIRECTORY [OPTION...]
  local line
  EMULATOR_DIRECTORY=$1
  shift
  mkdir -p "$EMULATOR_DIRECTORY"
  mkfifo "$EMULATOR_DIRECTORY/in" "$EMULATOR_DIRECTORY/out"
  "$EMULATOR_SOURCE/server" "$@" "$EMULATOR_DIRECTORY" <"$EMULATOR_DIRECTORY/in" >"$EMULATOR_DIRECTORY/out" &
  EMULATOR_PID=$!
  exec {EMULATOR_IN}>"$EMULATOR_DIRECTORY/in" {EMULATOR_OUT}<"$EMULATOR_DIRECTORY/out"
  EMULATOR_PORT=
  while read -r line <&"$EMULATOR_OUT"; do
    case $line in
      'port '*) EMULATOR_PORT=${line#port } ;;
      ready) return 0 ;;
    esac
  done
  echo "the emulator does not start" >&2
  return 1
}

emulator_say() { # COMMAND
  local answer
  printf '%s\n' "$*" >&"$EMULATOR_IN"
  read -r answer <&"$EMULATOR_OUT"
  case $answer in
    ok) ;;
    'ok '*) printf '%s\n' "${answer#ok }" ;;
    *) echo "the emulator: $answer" >&2 && return 1 ;;
  esac
}

emulator_http() { # HOST...
  local hosts
  hosts=$(printf ', %s' "$@")
  printf '%s\n' "hosts: [${hosts#, }]" "proxy: http://127.0.0.1:$EMULATOR_PORT" "ca: $EMULATOR_DIRECTORY/pki/ca/root.pem" \
    'requests-per-second: 1000' 'connections: 8'
}

emulator_seen() { # REGEX
  grep -Ec -- "$1" "$EMULATOR_DIRECTORY/requests" || :
}

emulator_stop() {
  [ -z "${EMULATOR_PID:-}" ] || {
    exec {EMULATOR_IN}>&- {EMULATOR_OUT}<&-
    wait "$EMULATOR_PID" || :
    EMULATOR_PID=
  }
}
