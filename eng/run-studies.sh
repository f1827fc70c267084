#!/bin/sh
# Runs studies one after another and keeps their small results: run-studies.sh DATA OUT [STUDY…]
#
# DATA holds the sets (SET/images, SET/masks). OUT gets a folder for each study; it may be stopped and started again at any time.
# Without names the studies of docs/studies are run. Variables: START (none for random weights; default the study's, pretrained),
# SEEDS (0,1,2), MORE (further options of 'madgnet study run'), OMP_NUM_THREADS, MADGNET (the command; default the build of this checkout).
set -eu
if [ $# -lt 2 ]; then
  sed -n '2,7p' "$0" | cut -c3-
  exit 2
fi

root=$(cd "$(dirname "$0")/.." && pwd)
data=$1
out=$2
shift 2
[ $# -gt 0 ] || set -- first-experiments-1 transform scales supervision selection resolution modalities
tool=${MADGNET:-"dotnet $root/src/MadgNet.Cli/bin/Release/net10.0/madgnet.dll"}
suffix=""
[ -z "${START:-}" ] || suffix="-$START"
status=0
for study in "$@"; do
  folder="$out/$study$suffix"
  echo "== $study into $folder, $(date -u +%H:%M:%S)"
  # MORE and the command are words on purpose.
  # shellcheck disable=SC2086
  $tool study run "$study" --data "$data" --output "$folder" ${START:+--start "$START"} ${SEEDS:+--seeds "$SEEDS"} ${MORE:-} || status=$?
  [ "$status" -ne 130 ] || exit 130
done
exit "$status"
