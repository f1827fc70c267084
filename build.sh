#!/usr/bin/env bash
# The one door to this repository: sets up what a fresh machine lacks, then builds, tests or runs. See './build.sh help'.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly solution=MadgNet.Core.sln
readonly benchmarks=tests/MadgNet.Core.Benchmarks
readonly feed=artifacts/packages

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# A build node that lives on would keep a caller's pipe open after the last line.
export MSBUILDDISABLENODEREUSE=1

say() { printf '\n== %s\n' "$*"; }
fail() {
    printf 'build.sh: %s\n' "$@" >&2
    exit 2
}

usage() {
    cat <<'HELP'
./build.sh COMMAND

  quickstart [ARG…]    train, evaluate and picture the sample of this repository; arguments go to the sample
                       (./build.sh quickstart --help lists them)
  test [ARG…]          build everything and run the tests; arguments go to 'dotnet test'
                       (for example --filter-class MadgNet.Core.Tests.ProblemTests)
  pack                 build the packages into artifacts/packages
  docs                 build the documentation site into artifacts/site
  bench NAME           measure; without a name, list what there is
  soak NAME [COUNT]    repeat something COUNT times and check that it does not wear out; without a name, list
  api                  rewrite PublicAPI.Unshipped.txt after public members changed
  help                 this text

Before the first argument of its own, each command takes --backend cpu | cuda-linux | cuda-windows, as does the
environment variable TorchBackend; without either, cpu. Windows: build.cmd with the same commands.
HELP
}

need_sdk() {
    command -v dotnet >/dev/null || fail "the .NET SDK is missing: 'dotnet' was not found." \
        "Cure: install the .NET 10 SDK and put it on PATH."
    dotnet --version >/dev/null 2>&1 || fail "no .NET SDK that global.json accepts: $(dotnet --list-sdks | tr '\n' ' ')" \
        "Cure: install the .NET 10 SDK (10.0.100 or newer)."
}

# The SDK itself needs ICU for other cultures, which a minimal system lacks; nothing here does.
without_icu() {
    if [ "$(uname -s)" = Linux ] && ! compgen -G '/usr/lib/*/libicuuc.so.*' >/dev/null && ! compgen -G '/usr/lib*/libicuuc.so.*' >/dev/null; then
        export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY=0
    fi
}

prepare() {
    without_icu
    need_sdk
    say "Checking what libtorch needs of this machine"
    bash eng/native-prerequisites.sh
}

restore() {
    say "Restoring packages (the first time fetches libtorch, a few hundred megabytes)"
    dotnet restore "$1" -v q || {
        say "Restoring again, in case the feed was out of reach for a moment"
        dotnet restore "$1" -v q
    }
}

build() {
    restore "$1"
    say "Building $1 (Release)"
    dotnet build "$1" -c Release --no-restore -v q -clp:NoSummary
}

# Programs of others that tests compare with. Where they cannot be installed the tests skip; '.ci/run' does not let them.
test_tools() {
    say "Checking the tools that tests compare with"
    bash eng/medical-tools.sh
    say "Checking for the MPIs that tests of several processes run on"
    bash eng/mpi.sh
}

run_tests() {
    # First: on Debian 12 the files of the C compiler must move together with the C library, which 'prepare' may renew.
    say "Checking for a C compiler, which links native programs"
    bash eng/native-compiler.sh
    prepare
    say "Checking for a browser, which tests open pages in"
    bash eng/browser.sh
    test_tools
    build "$solution"
    say "Running the tests"
    dotnet run eng/RunTests.cs -- "$@"
}

if [ "${2:-}" = --backend ]; then
    case "${3:-}" in
    cpu | cuda-linux | cuda-windows) export TorchBackend=$3 ;;
    *) fail "--backend: received '${3:-}'; expected cpu, cuda-linux or cuda-windows." ;;
    esac
    set -- "$1" "${@:4}"
fi

case "${1:-help}" in
quickstart)
    shift
    prepare
    build samples/QuickStart
    say "Running samples/QuickStart"
    dotnet run --project samples/QuickStart -c Release --no-build -- "$@"
    ;;
test)
    shift
    run_tests "$@"
    ;;
pack)
    without_icu
    need_sdk
    restore "$solution"
    say "Packing into $feed"
    dotnet run eng/Pack.cs
    ;;
docs)
    without_icu
    need_sdk
    build "$solution"
    say "Building the documentation site into artifacts/site"
    dotnet tool restore -v q
    dotnet run eng/Docs.cs
    ;;
bench | soak)
    prepare
    build "$benchmarks"
    say "Running $*"
    dotnet run --project "$benchmarks" -c Release --no-build -- "$@"
    ;;
api)
    without_icu
    need_sdk
    dotnet run eng/UpdatePublicApi.cs
    ;;
help | -h | --help)
    usage
    ;;
*)
    usage >&2
    fail "unknown command '$1'."
    ;;
esac
