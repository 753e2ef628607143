# Which share of processor time evidence has: from the samples of `perf script -F pid,comm,ip,sym` of all processes of two gateways.
#
#   awk -v signers="PID PID" -f evidence.awk
#
# The commit is nobody's: it is there in any case, and what evidence adds to its pages is not told apart.
# A sample is evidence's when a function of the logs is among its callers: those of core/ledger and of the files of core/route and
# core/store that keep logs, tiles, checkpoints and the internal log. Whole processes: the crypto processes that only sign.
function count() {
  if (role == "") return
  all[role]++
  total++
  if (is_evidence) { evidence[role]++; sum++ }
}
BEGIN {
  n = split(signers, list, " ")
  for (i = 1; i <= n; i++) is_signer[list[i]] = 1
  OURS = "^(vls_(tree|tile|proof|checkpoint|cosignature|leaf|note|witness|inclusion|log|their_log|cosign|internal)_" \
    "|vls_keep_cosignature|vls_tiles_|vls_store_(tile|tiles|checkpoint|cosignature|cosigned|log|internal)_?|vls_node_hash|take_cosignature$|ask_to_sign$)"
}
/^[^ \t]/ {
  count()
  split($2, id, "/")
  role = $1
  is_evidence = id[1] in is_signer
  if (is_evidence) role = "signer"
  next
}
NF > 1 && $2 ~ OURS && $2 !~ /^vls_log_(fields|open)$/ { is_evidence = 1 }
END {
  count()
  if (total == 0) { print "bench: perf has no samples" >"/dev/stderr"; exit 1 }
  printf "\nevidence, of %d samples of processor time:\n", total
  for (role in all) if (evidence[role] > 0)
    printf "  %-12s %6.1f %% of its own, %5.2f %% of all\n", role, 100 * evidence[role] / all[role], 100 * evidence[role] / total
  printf "  %-12s %27.2f %% of all   (target: under 10)\n", "together", 100 * sum / total
}
