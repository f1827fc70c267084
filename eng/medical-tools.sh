#!/usr/bin/env bash
# The programs that tests of MadgNet.Medical compare with: pydicom, nibabel, dcmtk and dicom3tools, from Debian's packages. Does nothing
# where they are there; installs them where apt and root (or sudo without a password) are; says so and ends well otherwise.
set -uo pipefail

# Debian's own Python: another one that is first on the path has none of Debian's modules.
python() {
    if [ -x /usr/bin/python3 ]; then /usr/bin/python3 "$@"; else python3 "$@"; fi
}

complete() {
    command -v dcmdump >/dev/null && command -v dciodvfy >/dev/null && python -c 'import pydicom, nibabel, numpy, PIL' 2>/dev/null
}

if complete; then
    echo "pydicom, nibabel, dcmtk and dicom3tools are there."
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
        echo "pydicom, nibabel, dcmtk or dicom3tools are missing, and only root can install them: tests that need them skip."
        exit 0
    fi
    as_root=(sudo -n)
fi

if ! command -v apt-get >/dev/null; then
    echo "pydicom, nibabel, dcmtk or dicom3tools are missing, and there is no apt to install them: tests that need them skip."
    exit 0
fi

install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        python3-pydicom python3-nibabel python3-numpy python3-pil dcmtk dicom3tools >/dev/null
}

install 2>/dev/null || { "${as_root[@]}" apt-get update -q >/dev/null && install; }
complete && echo "pydicom, nibabel, dcmtk and dicom3tools are installed." ||
    echo "pydicom, nibabel, dcmtk or dicom3tools could not be installed: tests that need them skip."
