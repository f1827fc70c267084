#!/usr/bin/env bash
# Makes sure that this machine has both MPIs that the tests run on: Open MPI and MPICH, with the launchers mpirun.openmpi and
# mpirun.mpich. Only Debian and Ubuntu are known here; elsewhere, and where installing does not work, this says so and ends well:
# the tests that need an MPI are then skipped, or fail where MADGNET_REQUIRE_TOOLS=1 asks for it. Running it again changes nothing.
#
#   eng/mpi.sh           checks and installs what is missing (as root or through sudo)
#   eng/mpi.sh --check   only checks: exit code 0 when both are there, 1 when not
set -uo pipefail

say() { printf 'mpi: %s\n' "$*"; }

missing() {
    command -v mpirun.openmpi >/dev/null || printf 'openmpi-bin\n'
    command -v mpirun.mpich >/dev/null || printf 'mpich\n'
}

give_up() {
    printf 'mpi: %s\n' "$@" "Tests that need it are skipped, or fail where MADGNET_REQUIRE_TOOLS=1." >&2
    exit 0
}

apt() {
    "$@" -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 >"$log" 2>&1
}

main() {
    local -a packages
    mapfile -t packages < <(missing)
    if [ ${#packages[@]} -eq 0 ]; then
        say "mpirun.openmpi and mpirun.mpich are there: nothing to do."
        return
    fi
    [ "${1:-}" != --check ] || return 1
    command -v apt-get >/dev/null || give_up "Missing: ${packages[*]}. There is no apt-get here." "Cure: install Open MPI and MPICH."

    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || give_up "Missing: ${packages[*]}. Installing needs root, and there is no sudo here." \
            "Cure: run 'eng/mpi.sh' as root once."
        if [ -t 0 ]; then
            exec sudo -- bash "$0"
        fi
        # Without a terminal sudo cannot ask for a password, and must not wait for one.
        sudo -n true 2>/dev/null || give_up "Missing: ${packages[*]}. sudo asks for a password." "Cure: run 'eng/mpi.sh' as root once."
        exec sudo -n -- bash "$0"
    fi

    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    say "Installing ${packages[*]} …"
    # Which of the two 'mpirun' means stays as it was: programs that are started by this name may be somebody's.
    local before
    before=$(readlink -f "$(command -v mpirun || true)" 2>/dev/null || true)
    if ! apt apt-get install --no-install-recommends "${packages[@]}"; then
        apt apt-get update || true
        apt apt-get install --no-install-recommends "${packages[@]}" || {
            cat "$log" >&2
            give_up "apt could not install ${packages[*]} (see above)." "Cure: check the network and /etc/apt, then run this again."
        }
    fi
    local after
    after=$(readlink -f "$(command -v mpirun || true)" 2>/dev/null || true)
    if [ -n "$before" ] && [ "$before" != "$after" ]; then
        local name
        for name in $(update-alternatives --list mpirun 2>/dev/null); do
            [ "$(readlink -f "$name")" != "$before" ] || update-alternatives --set mpirun "$name" >/dev/null
        done
    fi
    say "mpirun.openmpi and mpirun.mpich are there now."
}

main "$@"
