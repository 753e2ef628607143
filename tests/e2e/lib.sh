# shellcheck shell=bash
# tests/e2e/lib.sh - what the scenarios share. A script sources this, defines functions named subject__condition__result,
# and ends with: run_tests "$@"
#
# Each function runs in a shell and a directory of its own, $NODES, where tools/lib-nodes.sh makes two gateways, un and iom.
# It fails at the first command that fails, and shows the ends of both logs. CTest sets:
#   E2E_BIN, E2E_PLUGINS   directories of valise and valised, and of folder.so
#   E2E_SANITIZE           not empty when they were built with sanitizers: slower, and hungry for memory
set -Eeuo pipefail

E2E_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BIN=${E2E_BIN:-$E2E_SOURCE/build/dev/bin}
PLUGINS=${E2E_PLUGINS:-$E2E_SOURCE/build/dev/plugins}
NODE_PATIENCE=1
[ -z "${E2E_SANITIZE:-}" ] || NODE_PATIENCE=5
export NODE_PATIENCE VALISE_CONFIG=/nonexistent/valise.yaml
# shellcheck source=../../tools/lib-nodes.sh
. "$E2E_SOURCE/tools/lib-nodes.sh"

LOW=un-sgb-2007-6/unclassified
PARTIES='un iom'

# -- running --------------------------------------------------------------------------------------------------------

fail() { # WORDS... : and the ends of the logs
  local log
  trap - ERR
  printf 'FAILED: %s\n' "$*" >&2
  for log in "$NODES"/*/log; do
    [ ! -e "$log" ] || { printf -- '--- the end of %s\n' "${log#"$NODES"/}" && tail -n 25 "$log"; } >&2
  done
  exit 1
}

skip() { # WORDS... : this machine cannot show it
  printf '  skipped: %s\n' "$*"
  exit 0
}

clean_up() {
  local party
  set +e
  trap - ERR
  for party in $PARTIES; do [ ! -e "$NODES/$party/pid" ] || node_kill "$party"; done
  [ -z "${MOUNTED:-}" ] || node_wait 'unmounting' 'umount "$MOUNTED"' 5 || umount -l "$MOUNTED"
  rm -rf "$E2E_HOME"
}

run_one() { # NAME : in a shell of its own
  trap clean_up EXIT
  trap 'fail "line $LINENO: $BASH_COMMAND"' ERR
  "$1"
  # a role that dies of such a finding is started again, and nobody would see it
  ! grep -hE -A 20 'ERROR: [A-Za-z]+Sanitizer|: runtime error: ' "$NODES"/*/log || fail 'a sanitizer has found something'
}

run_tests() { # [NAME...] : those, or all that the script defines
  local name status failed=0 began
  local names=("$@")
  NODES_PKI=$(mktemp -d "${TMPDIR:-/tmp}/valise-e2e-pki.XXXXXX")
  [ $# -gt 0 ] || mapfile -t names < <(declare -F | sed -n 's/^declare -f \(.*__.*__.*\)$/\1/p')
  for name in "${names[@]}"; do
    E2E_HOME=$(mktemp -d "${TMPDIR:-/tmp}/valise-e2e.XXXXXX")
    NODES=$E2E_HOME/n
    began=$SECONDS status=0
    (run_one "$name") &
    wait $! || status=$?
    printf '%s %s (%d s)\n' "$([ "$status" = 0 ] && echo ok || echo FAILED)" "$name" $((SECONDS - began))
    [ "$status" = 0 ] || failed=1
  done
  rm -rf "$NODES_PKI"
  return "$failed"
}

# -- two gateways -----------------------------------------------------------------------------------------------------

# Made, with short pauses between tries, and one crypto worker each.
make_nodes() {
  nodes_make
  local party
  for party in $PARTIES; do
    configure "$party" 'limits:' '  retry-first-ms: 100' '  retry-most-ms: 1000'
    change "$party" 's/# crypto-workers: 0/crypto-workers: 1/'
  done
}

start_nodes() {
  local party
  for party in $PARTIES; do node_start "$party" || fail "$party does not start"; done
}

stop_nodes() {
  local party
  for party in $PARTIES; do node_stop "$party" || fail "$party does not stop"; done
}

configure() { # PARTY LINE... : added to its configuration
  local file=$NODES/$1/config/valise.yaml
  shift
  printf '%s\n' "$@" >>"$file"
}

change() { # PARTY SED-SCRIPT : its configuration; it must make a difference
  local file=$NODES/$1/config/valise.yaml
  sed "$2" "$file" >"$file.new"
  ! cmp -s "$file" "$file.new" || fail "$1: nothing in valise.yaml matches $2"
  mv "$file.new" "$file"
}

log_mark() { # PARTY : so that in_log and no_log look at what comes from here on
  wc -c <"$NODES/$1/log" >"$NODES/$1/log.mark"
}

log_since() { # PARTY
  tail -c "+$(($(cat "$NODES/$1/log.mark" 2>/dev/null || echo 0) + 1))" "$NODES/$1/log" || : # its reader may have seen enough
}

in_log() { # PARTY REGEX [SECONDS]
  local party=$1 regex=$2
  node_wait "log of $1" 'log_since "$party" | grep -Eq -- "$regex"' "${3:-10}" || fail "the log of $party holds no /$regex/"
}

role_pids() { # PARTY ROLE
  local supervisor child children
  supervisor=$(cat "$NODES/$1/pid")
  children=$(cat "/proc/$supervisor/task/$supervisor/children" 2>/dev/null) || return 0
  for child in $children; do
    ! tr '\0' ' ' <"/proc/$child/cmdline" 2>/dev/null | grep -q -- "--role $2 " || echo "$child"
  done
}

# -- messages -----------------------------------------------------------------------------------------------------------

other() { [ "$1" = un ] && echo iom || echo un; }

document() { # FILE [BYTES] : of random bytes, so that no two are duplicates
  mkdir -p "$(dirname "$1")"
  head -c "${2:-300}" /dev/urandom >"$1"
}

publish() { # PARTY FILE [OPTION...] : prints the answer as JSON
  local party=$1 file=$2
  shift 2
  node "$party" --json send "$file" --to "$(other "$party")" --kind publication --label "$LOW" "$@"
}

publish_surely() { # PARTY FILE : however often it must be asked, under one key
  local tries=0
  until publish "$1" "$2" --key "$(basename "$2")" >/dev/null 2>&1; do
    [ $((tries += 1)) -lt 400 ] || fail "$1 does not take $2: $(publish "$1" "$2" --key "$(basename "$2")" 2>&1)"
    pause
  done
}

pause() { read -rt 0.05 <> <(:) || :; }

drop() { # PARTY FILE [LINE...] : into its outbox, with a side-car of these lines
  local outbox=$NODES/$1/registry/outbox name
  name=$(basename "$2")
  [ $# -gt 2 ] || set -- "$@" 'kind: publication' "to: $(other "$1")" "label: $LOW"
  cp "$2" "$outbox/.$name"
  mv "$outbox/.$name" "$outbox/$name"
  printf '%s\n' "${@:3}" >"$outbox/.$name.meta"
  mv "$outbox/.$name.meta" "$outbox/$name.meta"
}

arrived() { # PARTY FILE [SECONDS] : byte for byte
  local original=$2 copy
  copy=$NODES/$1/registry/inbox/$(basename "$2")
  node_wait "$(basename "$2") at $1" 'cmp -s "$original" "$copy"' "${3:-20}" || fail "$(basename "$2") did not arrive at $1"
}

all_arrived() { # PARTY DIRECTORY SECONDS : every file of the directory is in the inbox, once and byte for byte, and nothing else
  local inbox=$NODES/$1/registry/inbox expected
  expected=$(find "$2" -type f | wc -l)
  node_wait "$expected documents at $1" '[ "$(visible "$inbox" | wc -l)" -ge "$expected" ]' "$3" ||
    fail "$(visible "$inbox" | wc -l) of $expected documents arrived at $1"
  local file
  for file in "$2"/*; do arrived "$1" "$file"; done
  [ "$(visible "$inbox" | wc -l)" = "$expected" ] || fail "$1 has more than was sent: $(visible "$inbox")"
}

visible() { # DIRECTORY : the documents that a reader sees
  find "$1" -mindepth 1 -maxdepth 1 ! -name '.*' ! -name '*.meta'
}

states() { # PARTY DIRECTION : how many messages are in which state, as "12 receipted"
  node "$1" --json list --all --direction "$2" | sed -n 's/.*"state":"\([^"]*\)".*/\1/p' | sort | uniq -c | sed 's/^ *//'
}

all_in_state() { # PARTY DIRECTION COUNT STATE SECONDS
  local party=$1 direction=$2 expected="$3 $4"
  node_wait "all $4 at $1" '[ "$(states "$party" "$direction")" = "$expected" ]' "$5" || fail "at $1, $2: $(states "$1" "$2" | tr '\n' ','), not $3 $4"
}

state_is() { # PARTY ID STATE [SECONDS]
  node_wait_state "$1" "$2" "$3" "${4:-15}" || fail "message $2 of $1 is $(node_state "$1" "$2"), not $3: $(node "$1" show "$2")"
}

nothing_partial() { # PARTY : a reader of its inbox sees whole documents with their side-cars, or nothing
  local file
  while IFS= read -r file; do
    [ -z "$file" ] || [ -e "$file.meta" ] || fail "$file lies there without its side-car"
  done < <(visible "$NODES/$1/registry/inbox")
}

goes_through() { # PARTY [SECONDS] : a good message, from that party to the other, and no harm left
  local file=$E2E_HOME/good-$RANDOM-$RANDOM
  document "$file"
  publish "$1" "$file" >/dev/null
  arrived "$(other "$1")" "$file" "${2:-20}"
  nothing_partial "$(other "$1")"
}

# -- refusals -------------------------------------------------------------------------------------------------------------

refuses() { # STATUS REGEX COMMAND... : it ends with that status, and says so in one line
  local expected=$1 regex=$2 status=0 words
  shift 2
  words=$("$@" 2>&1 </dev/null) || status=$?
  [ "$status" = "$expected" ] || fail "exit status $status, not $expected: $* said: $words"
  grep -Eq -- "$regex" <<<"$words" || fail "$* said not /$regex/ but: $words"
  printf '  %s\n' "$(grep -E -m 1 -- "$regex" <<<"$words" | sed "s|$NODES/|NODES/|g; s|$E2E_HOME/||g; s|.*\"reason\":||")"
}

refuses_to_start() { # PARTY STATUS REGEX
  refuses "$2" "$3" timeout $((20 * NODE_PATIENCE)) "$BIN/valised" --foreground --config "$NODES/$1/config/valise.yaml"
}
