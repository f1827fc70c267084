"""Writes small NIfTI files of many kinds with nibabel, and what nibabel reads of them.

Usage: make_nifti.py FOLDER. Writes files into FOLDER, and FOLDER/cases.json: shape, affine, letters of the axes, values.
"""
import gzip
import itertools
import json
import os
import sys

import nibabel as nib
import numpy as np

folder = sys.argv[1]
random = np.random.RandomState(3)
cases = {}


def record(name, refused=False):
    if refused:
        cases[name] = {"refused": True}
        return
    image = nib.load(os.path.join(folder, name))
    data = np.asanyarray(image.dataobj)
    if data.dtype.fields:
        values = 0.299 * data["R"].astype(float) + 0.587 * data["G"].astype(float) + 0.114 * data["B"].astype(float)
    else:
        values = data.astype(float)
    cases[name] = {
        "shape": list(image.shape), "affine": image.affine.tolist(), "axes": "".join(nib.aff2axcodes(image.affine)),
        # The first axis runs fastest, as in the file. No number is written as null.
        "values": [None if not np.isfinite(v) else v for v in values.reshape(-1, order="F").tolist()],
    }


def numbers(kind, shape):
    kind = np.dtype(kind)
    if kind.kind == "f":
        return random.normal(0, 100, shape).astype(kind)
    info = np.iinfo(kind)
    low, high = max(info.min, -(1 << 52)), min(info.max, 1 << 52)
    return random.randint(low, high, size=shape, dtype=np.int64).astype(kind)


kinds = ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]
plain = np.array([[-2.0, 0, 0, 30], [0, 3, 0, -40], [0, 0, 4, 5], [0, 0, 0, 1]])

# Every type, in both byte orders, of both versions, in one file, packed, and as a pair.
for kind, order, version, form in itertools.product(kinds, "<>", (1, 2), ("nii", "nii.gz", "pair")):
    single, pair = {1: (nib.Nifti1Image, nib.Nifti1Pair), 2: (nib.Nifti2Image, nib.Nifti2Pair)}[version]
    header = single.header_class(endianness=order)
    header.set_data_dtype(np.dtype(kind).newbyteorder(order))
    image = (pair if form == "pair" else single)(numbers(kind, (3, 4, 2)), plain, header)
    image.header.set_data_dtype(np.dtype(kind).newbyteorder(order))
    name = f"type-{kind}-{'le' if order == '<' else 'be'}-{version}.{'hdr' if form == 'pair' else form}"
    image.to_filename(os.path.join(folder, name if form != "pair" else name[:-4] + ".img"))
    record(name)

# Every order and direction of the axes, straight and oblique.
oblique = np.array([[0.96, -0.28, 0], [0.28, 0.96, 0], [0, 0, 1]])
for number, (order, signs) in enumerate(itertools.product(itertools.permutations(range(3)), itertools.product((1, -1), repeat=3))):
    affine = np.eye(4)
    for axis in range(3):
        column = np.zeros(3)
        column[order[axis]] = signs[axis] * (axis + 1.5)
        affine[:3, axis] = oblique @ column if number % 2 else column
    affine[:3, 3] = [10, -20, 30 + number]
    image = nib.Nifti1Image(numbers("i2", (2, 3, 4)), affine)
    image.to_filename(os.path.join(folder, f"axes-sform-{number}.nii"))
    record(f"axes-sform-{number}.nii")
    # The same by its quaternion alone.
    image = nib.Nifti1Image(numbers("i2", (2, 3, 4)), None)
    image.set_qform(affine, 2)
    image.set_sform(None, 0)
    image.to_filename(os.path.join(folder, f"axes-qform-{number}.nii"))
    record(f"axes-qform-{number}.nii")

# Both say something else: the sform counts. Neither says anything: the spacing counts.
for sform, qform in itertools.product((0, 1, 4), (0, 1, 3)):
    image = nib.Nifti1Image(numbers("i2", (3, 4, 2)), None)
    image.header.set_zooms((1.5, 2.5, 3.5))
    image.set_qform(np.diag([-1.5, 2.5, 3.5, 1]), qform)
    shear = np.diag([1.5, 2.5, 3.5, 1])
    shear[0, 1], shear[:3, 3] = 0.25, [7, 8, 9]
    image.set_sform(shear, sform)
    image.to_filename(os.path.join(folder, f"codes-{sform}-{qform}.nii"))
    record(f"codes-{sform}-{qform}.nii")

# Numbers of axes.
for shape in [(5,), (5, 4), (5, 4, 1), (5, 1, 3), (1, 4, 3), (3, 4, 2, 3), (2, 3, 2, 1, 3), (2, 2, 2, 2, 2, 2), (2, 1, 2, 1, 2, 1, 2)]:
    image = nib.Nifti1Image(numbers("i2", shape), plain)
    name = "shape-" + "x".join(map(str, shape)) + ".nii"
    image.to_filename(os.path.join(folder, name))
    record(name)


def patched(name, source, *changes, version=1):
    content = bytearray(open(os.path.join(folder, source), "rb").read())
    for at, raw in changes:
        content[at:at + len(raw)] = raw
    open(os.path.join(folder, name), "wb").write(content)
    return name


# Slopes: 0 and what is no number mean none.
source = "type-i2-le-1.nii"
f4 = lambda value: np.array(value, "<f4").tobytes()
for label, slope, intercept in [("usual", 0.5, -3), ("zero", 0, 7), ("nan", float("nan"), 7), ("infinite", float("inf"), 1),
                                ("negative", -2, 1), ("tiny", 1e-30, 0)]:
    record(patched(f"slope-{label}.nii", source, (112, f4(slope)), (116, f4(intercept))))

# Extensions before the numbers, other places of the numbers, distances that are 0 or negative.
image = nib.Nifti1Image(numbers("i2", (3, 4, 2)), plain)
image.header.extensions.append(nib.nifti1.Nifti1Extension("comment", b"Secret^Name" * 5))
image.to_filename(os.path.join(folder, "extension.nii"))
record("extension.nii")
content = open(os.path.join(folder, source), "rb").read()
open(os.path.join(folder, "later.nii"), "wb").write(content[:108] + f4(400) + content[112:352] + b"\7" * 48 + content[352:])
record("later.nii")
record(patched("zero-distance.nii", "codes-0-0.nii", (80, f4(0))))
record(patched("negative-distance.nii", "codes-0-1.nii", (84, f4(-2.5))))
open(os.path.join(folder, "packed-twice.nii.gz"), "wb").write(
    gzip.compress(content[:200]) + gzip.compress(content[200:]))
record("packed-twice.nii.gz")

# Colours.
for kind, name in [([("R", "u1"), ("G", "u1"), ("B", "u1")], "rgb"), ([("R", "u1"), ("G", "u1"), ("B", "u1"), ("A", "u1")], "rgba")]:
    raw = random.randint(0, 256, size=(3, 4, 2, len(kind))).astype("u1")
    data = np.ascontiguousarray(raw).view(kind).reshape(3, 4, 2)
    nib.Nifti1Image(data, plain).to_filename(os.path.join(folder, f"{name}.nii"))
    record(f"{name}.nii")

# What is refused.
for kind in ("c8", "c16"):
    nib.Nifti1Image(random.normal(size=(2, 2, 2)).astype(kind), plain).to_filename(os.path.join(folder, f"refused-{kind}.nii"))
    record(f"refused-{kind}.nii", refused=True)
for label, changes in {
    "axes": [(40, b"\x09\0")], "no-axes": [(40, b"\0\0")], "negative-axis": [(42, b"\xff\xff")], "empty-axis": [(44, b"\0\0")],
    "long-axis": [(42, b"\xff\x7f\xff\x7f\xff\x7f")], "type": [(70, b"\x07\0")], "magic": [(344, b"n+7\0")], "offset": [(108, f4(1e9))],
    "negative-offset": [(108, f4(-352))], "nan-offset": [(108, f4(float("nan")))], "nan-place": [(280, f4(float("nan")))],
}.items():
    record(patched(f"refused-{label}.nii", source, *changes), refused=True)
open(os.path.join(folder, "refused-short.nii"), "wb").write(content[:-1])
record("refused-short.nii", refused=True)
packed = gzip.compress(content)
open(os.path.join(folder, "refused-cut.nii.gz"), "wb").write(packed[:-20])
record("refused-cut.nii.gz", refused=True)

json.dump(cases, open(os.path.join(folder, "cases.json"), "w"))
print(len(cases))
