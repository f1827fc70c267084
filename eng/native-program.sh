#!/usr/bin/env bash
# Publishes samples/NativeAot as a native program and runs it: prints how large the program is, how soon the first mask comes, and the
# same for the program that is compiled while it runs. Where no program can be linked, it says so and runs that one alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly sample=samples/NativeAot out=artifacts/native-aot

timeout -k 15 300 dotnet run --project "$sample" -c Release </dev/null

bash eng/native-compiler.sh
if ! bash eng/native-compiler.sh --check; then
    echo "SKIPPED: no native program was made, because this machine has no C compiler."
    exit 0
fi

rm -rf "$out"
dotnet publish "$sample" -c Release -v q -clp:NoSummary -o "$out"
size() { awk -v bytes="$(stat -c %s "$1")" 'BEGIN { printf "%.1f MB", bytes / 1e6 }'; }
timeout -k 15 300 "$out/NativeAot" </dev/null
echo "The program: $(size "$out/NativeAot"). Beside it: libonnxruntime.so $(size "$out/libonnxruntime.so"), libSkiaSharp.so $(size "$out/libSkiaSharp.so")."
[ ! -e "$out/libtorch_cpu.so" ] || { echo "libtorch was published."; exit 1; }
