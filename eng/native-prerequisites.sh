#!/usr/bin/env bash
# Makes sure that this machine can load libtorch through TorchSharp, whose Linux library needs a libstdc++ that knows
# GLIBCXX_3.4.32 (GCC 13 or newer). Debian 13 and Ubuntu 24.04 have it and nothing is done; on Debian 12 the packages
# are taken from Debian 13. Running it again changes nothing.
#
#   eng/native-prerequisites.sh           checks and, on Debian 12, installs (as root or through sudo)
#   eng/native-prerequisites.sh --check   only checks: exit code 0 when libtorch can be loaded, 1 when not
set -euo pipefail

readonly needed=GLIBCXX_3.4.32
readonly old_release=bookworm
readonly new_release=trixie

say() { printf 'native: %s\n' "$*"; }
fail() {
    printf 'native: %s\n' "$@" >&2
    exit 1
}

# The libstdc++ that a process started now would load: the environment's folders first, then the loader's cache.
find_libstdcxx() {
    local folder cached
    local -a folders=()
    IFS=: read -r -a folders <<<"${LD_LIBRARY_PATH:-}"
    for folder in "${folders[@]}"; do
        if [ -n "$folder" ] && [ -e "$folder/libstdc++.so.6" ]; then
            printf '%s\n' "$folder/libstdc++.so.6"
            return
        fi
    done
    cached=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | sed -n 's/^\s*libstdc++\.so\.6 (libc6,x86-64.*=> //p' | head -n 1) || true
    for folder in "$cached" /usr/lib/x86_64-linux-gnu/libstdc++.so.6 /usr/lib64/libstdc++.so.6 /usr/lib/libstdc++.so.6; do
        if [ -n "$folder" ] && [ -e "$folder" ]; then
            printf '%s\n' "$folder"
            return
        fi
    done
}

is_new_enough() { [ -n "$1" ] && LC_ALL=C grep -qaF "$needed" "$1"; }

# Rewrites the machine's own entries for Debian 12 into the same ones for Debian 13, so that mirrors, proxies and keys
# stay the user's. Entries of other origins and other suites (backports, third parties' channels) are left out.
derive_sources() {
    local target=$1 file name
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -r "$file" ] || continue
        awk -v old="$old_release" -v new="$new_release" '
            $1 == "deb" {
                suite = 3
                if ($2 ~ /^\[/) { suite = 2; while (suite <= NF && $suite !~ /\]$/) suite++; suite += 2 }
                if ($suite !~ "^(" old "|oldstable)(-updates|-security)?$") next
                main = 0
                for (i = suite + 1; i <= NF; i++) if ($i == "main") main = 1
                if (!main) next
                sub("^(" old "|oldstable)", new, $suite)
                print
            }' "$file" >>"$target/derived.list"
    done
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -r "$file" ] || continue
        name=$(basename "$file")
        # Stanzas are parted by empty lines; comments may stand anywhere in them.
        awk -v old="$old_release" -v new="$new_release" '
            function flush_stanza() {
                if (suites != "" && main && binary && enabled) {
                    printf "%sSuites:%s\n\n", stanza, suites
                }
                stanza = ""; suites = ""; main = 0; binary = 0; enabled = 1
            }
            BEGIN { enabled = 1 }
            /^[ \t]*$/ { flush_stanza(); next }
            /^#/ { next }
            tolower($1) == "suites:" {
                for (i = 2; i <= NF; i++) if ($i ~ "^(" old "|oldstable)(-updates|-security)?$") {
                    sub("^(" old "|oldstable)", new, $i)
                    suites = suites " " $i
                }
                next
            }
            tolower($1) == "components:" { for (i = 2; i <= NF; i++) if ($i == "main") main = 1 }
            tolower($1) == "types:" { for (i = 2; i <= NF; i++) if ($i == "deb") binary = 1 }
            tolower($1) == "enabled:" && tolower($2) ~ /^(no|false|0|off|disable)$/ { enabled = 0 }
            tolower($1) == "types:" { stanza = stanza "Types: deb\n"; next }
            { stanza = stanza $0 "\n" }
            END { flush_stanza() }' "$file" >"$target/$name"
        [ -s "$target/$name" ] || rm "$target/$name"
    done
    [ -s "$target/derived.list" ] || rm -f "$target/derived.list"
    [ -n "$(ls -A "$target")" ]
}

# Runs apt on a private set of sources and lists: the machine's own stay as they are, whatever happens here.
private_apt() {
    local command=$1
    shift
    "$command" -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/sources.list.d" \
        -o Dir::Etc::Preferences="$work/preferences" -o Dir::Etc::PreferencesParts=/dev/null \
        -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" \
        -o Acquire::Languages=none -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@"
}

retry() {
    local attempt
    for attempt in 1 2 3; do
        "$@" && return
        if [ "$attempt" -lt 3 ]; then
            say "That did not work (attempt $attempt of 3); trying again in $((attempt * 5)) seconds."
            sleep $((attempt * 5))
        fi
    done
    return 1
}

# What counts is whether the package is to be had: one source of several may lack the new suite, and apt calls an
# update without network a success. Its answer is not piped into grep -q, whose early end would fail the pipe.
read_lists() {
    local offered
    private_apt apt-get update || true
    offered=$(private_apt apt-cache policy libstdc++6)
    [[ $offered == *"$new_release"* ]]
}

install_from_new_release() {
    local plan
    export DEBIAN_FRONTEND=noninteractive
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    # apt downloads as a user of its own.
    chmod 755 "$work"
    mkdir -p "$work/sources.list.d" "$work/lists/partial" "$work/cache/archives/partial"

    derive_sources "$work/sources.list.d" || fail \
        "No source of Debian 12 ($old_release, component main) was found in /etc/apt/sources.list or /etc/apt/sources.list.d, so there is nothing to derive Debian 13's from." \
        "Cure: add your Debian mirror there, or use Debian 13 or Ubuntu 24.04."
    # 100 is the priority of what is installed: a package moves to Debian 13 only where the one asked for needs it.
    printf 'Package: *\nPin: release n=%s*\nPin-Priority: 100\n' "$new_release" >"$work/preferences"

    say "Reading the package lists of Debian 13 ($new_release) from the mirror that this machine uses for Debian 12 …"
    retry read_lists || fail \
        "The mirror of this machine offers no libstdc++6 of Debian 13, or could not be reached (see above)." \
        "Cure: check the network and /etc/apt, then run this again; or use Debian 13 or Ubuntu 24.04."

    plan=$(private_apt apt-get install --simulate --no-install-recommends --no-remove "libstdc++6/$new_release" 2>&1) || {
        printf '%s\n' "$plan" >&2
        fail "apt finds no way to install Debian 13's libstdc++6 without removing packages, which is not done here (its reasons are above)." \
            "Cure: remove what it names, or use Debian 13 or Ubuntu 24.04."
    }
    say "Installing from Debian 13, removing nothing: $(sed -n 's/^Inst \([^ ]*\).*/\1/p' <<<"$plan" | tr '\n' ' ')"
    retry private_apt apt-get install -y --no-install-recommends --no-remove \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "libstdc++6/$new_release" ||
        fail "apt could not install the packages (see above)." "Cure: solve what it names and run this again; or use Debian 13 or Ubuntu 24.04."
}

main() {
    local library
    case "$(uname -s)" in
    Linux) ;;
    *)
        say "Nothing to do on $(uname -s)."
        return
        ;;
    esac
    [ "$(uname -m)" = x86_64 ] || fail \
        "This machine is $(uname -m); the Linux libraries of TorchSharp 0.107 exist for x86_64 only." \
        "Cure: use an x86_64 machine."

    library=$(find_libstdcxx)
    if is_new_enough "$library"; then
        say "$library has $needed: nothing to do."
        return
    fi

    local id=unknown version='' pretty='this system'
    if [ -r /etc/os-release ]; then
        id=$(. /etc/os-release && printf '%s' "${ID:-unknown}")
        version=$(. /etc/os-release && printf '%s' "${VERSION_ID:-}")
        pretty=$(. /etc/os-release && printf '%s' "${PRETTY_NAME:-this system}")
    fi
    say "${library:-No libstdc++ was found, so it} lacks $needed, which TorchSharp's native library needs ($pretty)."
    [ "${1:-}" != --check ] || return 1

    case "$id-$version" in
    debian-12) ;;
    ubuntu-*) fail "Cure: use Ubuntu 24.04 or newer, or take libstdc++6 of GCC 13 or newer from the PPA ubuntu-toolchain-r/test:" \
        "  sudo add-apt-repository ppa:ubuntu-toolchain-r/test && sudo apt-get install libstdc++6" ;;
    alpine-*) fail "Cure: use a system with glibc (Debian 13, Ubuntu 24.04); libtorch does not run on musl." ;;
    *) fail "Cure: use Debian 12 (where this script installs it), Debian 13, Ubuntu 24.04, or install a libstdc++ of GCC 13 or newer here." ;;
    esac

    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "Installing it needs root, and there is no sudo here." "Cure: run 'eng/native-prerequisites.sh' as root once."
        say "Installing it needs root: going on through sudo."
        if [ -t 0 ]; then
            exec sudo -- bash "$0"
        fi
        # Without a terminal sudo cannot ask for a password, and must not wait for one.
        exec sudo -n -- bash "$0"
    fi
    install_from_new_release
    library=$(find_libstdcxx)
    is_new_enough "$library" || fail "The packages were installed, but ${library:-no libstdc++} is what a program would load, and it lacks $needed." \
        "Cure: check LD_LIBRARY_PATH and ldconfig -p."
    say "$library has $needed now. It and what moved with it come from Debian 13 and get no updates through Debian 12's sources."
}

main "$@"
