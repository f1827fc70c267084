#!/usr/bin/env bash
# Makes sure that this machine can link a native program, which 'dotnet publish' of samples/NativeAot does: it needs a C compiler
# (gcc, with the C library's development files). On Debian, as root, they are installed with apt; elsewhere nothing is done, and the
# step that needs them is skipped and says so. Running it again changes nothing.
#
#   eng/native-compiler.sh           checks and, on Debian as root, installs
#   eng/native-compiler.sh --check   only checks: exit code 0 when a program can be linked, 1 when not
set -euo pipefail

say() { printf 'native-compiler: %s\n' "$*"; }

links() {
    local scratch status=0
    command -v gcc >/dev/null && command -v objcopy >/dev/null || return 1
    scratch=$(mktemp -d)
    printf 'int main(void) { return 0; }\n' >"$scratch/a.c"
    gcc "$scratch/a.c" -o "$scratch/a" -lm -ldl -lpthread 2>/dev/null || status=1
    rm -rf "$scratch"
    return "$status"
}

if links; then
    say "$(command -v gcc) links programs: nothing to do."
    exit 0
fi

[ "${1:-}" != --check ] || { say "No program can be linked: gcc, binutils or libc6-dev is missing."; exit 1; }

id=unknown
[ ! -r /etc/os-release ] || id=$(. /etc/os-release && printf '%s' "${ID:-unknown}")
if { [ "$id" != debian ] && [ "$id" != ubuntu ]; } || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    say "There is no C compiler, and it is installed on Debian and Ubuntu as root alone: the native sample will be skipped."
    exit 0
fi

say "Installing gcc and the C library's development files"
export DEBIAN_FRONTEND=noninteractive
readonly -a options=(-q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
for attempt in 1 2 3; do
    if apt-get "${options[@]}" update && apt-get "${options[@]}" install -y --no-install-recommends gcc libc6-dev binutils; then
        links && { say "Installed."; exit 0; }
    fi
    say "That did not work (attempt $attempt of 3)."
    [ "$attempt" -eq 3 ] || sleep $((attempt * 5))
done
say "gcc could not be installed (see above): the native sample will be skipped."
