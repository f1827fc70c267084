#!/usr/bin/env bash
# Makes sure that this machine has a Chromium, in which tests open the pages that the library writes. On Debian, as root, it is
# installed with apt; elsewhere nothing is done, and the tests that need it skip and say so. Running it again changes nothing.
#
#   eng/browser.sh           checks and, on Debian as root, installs
#   eng/browser.sh --check   only checks: exit code 0 when there is a browser, 1 when not
set -euo pipefail

say() { printf 'browser: %s\n' "$*"; }

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        say "$(command -v "$name") is there: nothing to do."
        exit 0
    fi
done

[ "${1:-}" != --check ] || { say "There is no Chromium."; exit 1; }

# Ubuntu's package of this name is a snap, which does not run in containers: what is not Debian is left alone.
id=unknown
[ ! -r /etc/os-release ] || id=$(. /etc/os-release && printf '%s' "${ID:-unknown}")
if [ "$id" != debian ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    say "There is no Chromium, and it is installed on Debian as root alone: tests of pages in a browser will skip."
    exit 0
fi

say "Installing Chromium from Debian"
export DEBIAN_FRONTEND=noninteractive
readonly -a options=(-q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
for attempt in 1 2 3; do
    if apt-get "${options[@]}" update && apt-get "${options[@]}" install -y --no-install-recommends chromium; then
        say "Installed."
        exit 0
    fi
    say "That did not work (attempt $attempt of 3)."
    [ "$attempt" -eq 3 ] || sleep $((attempt * 5))
done
say "Chromium could not be installed (see above): tests of pages in a browser will skip."
