# shellcheck shell=bash
# tools/lib-nodes.sh - two organizations on this machine's loopback: for tools/demo, tests/e2e and tests/bench. To be sourced.
#
# The caller sets:  BIN    directory with valise and valised
#                   PLUGINS directory with folder.so
#                   NODES  directory to make them in (not there yet)
#                   WITH_FOLDER=no   without the plugin folder, when wanted
#                   NODES_PKI=DIR    keys and certificates are made there once, and copied for each two nodes, when wanted
#                   NODE_PATIENCE=N  wait N times as long for everything: programs under sanitizers are slow
# It gets nodes un and iom in $NODES/un and $NODES/iom, and functions to start, stop, kill and ask them.

nodes_free_port() { # a port of the loopback that nobody listens on
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 30000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  echo 'nodes: no free port found on the loopback' >&2
  return 1
}

nodes_plugin_settings() { # PARTY
  cat <<END

plugins:
  - name: registry
    file: $PLUGINS/folder.so
    grants: [files, state, send, receive]
    paths: [$NODES/$1/registry]
    settings:
      - { name: directory, value: $NODES/$1/registry }
END
}

nodes_make() {
  local source un_port iom_port
  source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  un_port=$(nodes_free_port)
  iom_port=$(nodes_free_port)
  mkdir -p "$NODES"
  if [ -n "${NODES_PKI:-}" ]; then
    [ -e "$NODES_PKI/iom" ] || "$source/certs/make-test-pki" "$NODES_PKI" un iom
    cp -R "$NODES_PKI" "$NODES/pki"
  else
    "$source/certs/make-test-pki" "$NODES/pki" un iom
  fi
  "$BIN/valise" init "$NODES/un" --party un --name 'United Nations' --listen "127.0.0.1:$un_port" \
    --pki "$NODES/pki" --share "$source/schemas" >/dev/null
  "$BIN/valise" init "$NODES/iom" --party iom --name 'International Organization for Migration' \
    --listen "127.0.0.1:$iom_port" --pki "$NODES/pki" --share "$source/schemas" >/dev/null
  nodes_introduce un iom "$iom_port"
  nodes_introduce iom un "$un_port"
  local party
  for party in un iom; do
    mkdir -p "$NODES/$party/registry"/{outbox,sent,held,inbox}
    [ "${WITH_FOLDER:-yes}" = no ] || nodes_plugin_settings "$party" >>"$NODES/$party/config/valise.yaml"
  done
}

nodes_introduce() { # PARTY PARTNER PORT
  local pki=$NODES/pki
  "$BIN/valise" --config "$NODES/$1/config/valise.yaml" partner add --party "$2" \
    --url "https://127.0.0.1:$3" --tls-ca "$pki/ca/chain.pem" --seal-certificate "$pki/$2/seal.pem" \
    --log-key "$(cat "$pki/$2/log.pub")" --witness-key "$(cat "$pki/$2/witness.pub")" >/dev/null
}

# -- an arrangement that both parties have signed ---------------------------------------------------------------------

nodes_approver() { # NAME : a key and a certificate of its own, in $NODES/approvers
  mkdir -p "$NODES/approvers"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$NODES/approvers/$1.key" \
    -out "$NODES/approvers/$1.pem" -days 30 -subj "/O=Example/CN=approver of $1" -addext keyUsage=digitalSignature 2>/dev/null
  chmod 600 "$NODES/approvers/$1.key"
}

nodes_sign() { # PARTY FILE [KEY-OF] : the party's approver signs it; or another does in its name
  node "$1" arrangement sign "$2" --party "$1" --key "$NODES/approvers/${3:-$1}.key" \
    --certificate "$NODES/approvers/${3:-$1}.pem" --yes 2>/dev/null
}

# Before they start: both take the arrangement with both signatures, and later versions in the same way. In it one
# operator can let proposals and approvals go; the example asks for two officers. It lies in $NODES/version-1.yaml.
nodes_sign_arrangement() {
  local party signer file=$NODES/version-1.yaml
  sed '/kind: arrangement-/,/duties/s/approvals: 2/approvals: 1/' "$NODES/un/config/arrangement.yaml" >"$file"
  for party in un iom; do nodes_approver "$party" && nodes_sign "$party" "$file" >/dev/null; done
  for party in un iom; do
    cp "$file" "$NODES/$party/config/arrangement.yaml"
    for signer in un iom; do cp "$NODES/version-1.$signer.p7s" "$NODES/$party/config/arrangement.$signer.p7s"; done
    printf 'approvers:\n  - { party: un, certificate: %s }\n  - { party: iom, certificate: %s }\n' \
      "$NODES/approvers/un.pem" "$NODES/approvers/iom.pem" >>"$NODES/$party/config/valise.yaml"
  done
}

nodes_amend() { # OLD NUMBER NEW SED : the next version, in which SED changes the rule exchange-publications
  sed -e '/^supersedes/d' -e "s/^version: .*/version: $2\nsupersedes: $(($2 - 1))\nsupersedes-digest: $(sha256sum "$1" | cut -d' ' -f1)/" \
    -e "/id: exchange-publications/,/basis/$4" "$1" >"$3"
}

# -- one of them ------------------------------------------------------------------------------------------------------

node() { # PARTY COMMAND... : the operator's command line of that party
  local party=$1
  shift
  "$BIN/valise" --config "$NODES/$party/config/valise.yaml" "$@"
}

node_start() { # PARTY : returns when it answers
  local party=$1
  setsid "$BIN/valised" --foreground --config "$NODES/$party/config/valise.yaml" >>"$NODES/$party/log" 2>&1 &
  echo $! >"$NODES/$party/pid"
  disown # its end is no news of the shell
  node_wait "$party" "node $party status" 20 || {
    tail -n 20 "$NODES/$party/log" >&2
    echo "nodes: the gateway of $party does not answer; its log is $NODES/$party/log" >&2
    return 1
  }
}

node_wait() { # WHAT COMMAND SECONDS : until the command succeeds
  local seconds=$(($3 * ${NODE_PATIENCE:-1}))
  local until=$((SECONDS + seconds))
  while ! eval "$2" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$until" ]; then
      echo "nodes: $1: waited $seconds s in vain for: $2" >&2
      return 1
    fi
    read -rt 0.05 <> <(:) || :
  done
}

node_lives() { # PID : it runs; one that has ended and was not waited for does not
  local stat
  read -r stat 2>/dev/null <"/proc/$1/stat" && [[ $stat != *') Z '* ]]
}

node_kill() { # PARTY : the power fails; returns when no process of it is left
  local pid roles
  pid=$(cat "$NODES/$1/pid")
  roles=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null) || :
  kill -9 "$pid" 2>/dev/null || :
  for pid in "$pid" $roles; do node_wait "the end of process $pid of $1" "! node_lives $pid" 20; done
}

node_stop() { # PARTY : orderly; killed, and a failure, when it takes longer than it may
  local pid until=$((SECONDS + 30 * ${NODE_PATIENCE:-1}))
  pid=$(cat "$NODES/$1/pid" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null; do
    if [ "$SECONDS" -ge "$until" ]; then
      echo "nodes: the gateway of $1 does not stop; killed" >&2
      node_kill "$1"
      return 1
    fi
    read -rt 0.02 <> <(:) || :
  done
}

node_state() { # PARTY ID : the state of a message, or nothing
  node "$1" show "$2" --json 2>/dev/null | sed -n 's/.*"state": *"\([^"]*\)".*/\1/p'
}

node_wait_state() { # PARTY ID STATE SECONDS
  node_wait "message $2 at $1" "[ \"\$(node_state $1 $2)\" = $3 ]" "$4"
}

json_member() { # NAME : of one JSON object on standard input, a text
  sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p'
}
