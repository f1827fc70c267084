"""Writes small DICOM files of many kinds with pydicom, and what is in them: the numbers that were put in, not what a reader gets out.

Usage: make_dicom.py FOLDER. Writes FOLDER/*.dcm and FOLDER/cases.json.
"""
import hashlib
import io
import json
import os
import sys

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.encoders import RLELosslessEncoder
from pydicom.pixel_data_handlers.util import apply_color_lut, apply_modality_lut, apply_voi_lut, convert_color_space
from pydicom.sequence import Sequence
from pydicom.uid import (DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian,
                         JPEGBaseline8Bit, RLELossless)

folder = sys.argv[1]
random = np.random.RandomState(7)
cases = {}
PLAIN = {"implicit": ImplicitVRLittleEndian, "explicit": ExplicitVRLittleEndian, "big": ExplicitVRBigEndian,
         "deflated": DeflatedExplicitVRLittleEndian}


def create(syntax, rows, columns, photometric="MONOCHROME2", samples=1, allocated=16, stored=None, high=None, signed=0, frames=1,
           planar=0):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    meta.MediaStorageSOPInstanceUID = "2.25.1"
    meta.TransferSyntaxUID = syntax
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.is_little_endian = syntax != ExplicitVRBigEndian
    data.is_implicit_VR = syntax == ImplicitVRLittleEndian
    data.SOPClassUID = meta.MediaStorageSOPClassUID
    data.SOPInstanceUID = "2.25.1"
    data.SeriesInstanceUID = "2.25.2"
    data.StudyInstanceUID = "2.25.3"
    data.Modality = "OT"
    data.PatientName = "Secret^Name"
    data.Rows, data.Columns = rows, columns
    data.SamplesPerPixel = samples
    data.PhotometricInterpretation = photometric
    if samples > 1:
        data.PlanarConfiguration = planar
    if frames > 1:
        data.NumberOfFrames = frames
    data.BitsAllocated = allocated
    data.BitsStored = stored or allocated
    data.HighBit = high if high is not None else data.BitsStored - 1
    data.PixelRepresentation = signed
    return data


def numbers(shape, stored, signed):
    low, high = (-(1 << (stored - 1)), (1 << (stored - 1)) - 1) if signed else (0, (1 << stored) - 1)
    values = random.randint(low, high + 1, size=shape, dtype=np.int64)
    values.flat[0], values.flat[-1] = low, high
    return values


def words(values, data, garbage=True):
    """The stored bits at their place among others that mean nothing."""
    allocated, stored, high = data.BitsAllocated, data.BitsStored, data.HighBit
    shift = high - stored + 1
    mask = ((1 << stored) - 1) << shift
    bits = (values.astype(np.int64) << shift) & mask
    if garbage:
        bits |= random.randint(0, 1 << allocated, size=values.shape, dtype=np.int64) & ~np.int64(mask) & ((1 << allocated) - 1)
    kind = {8: "u1", 16: "u2", 32: "u4"}[allocated]
    return bits.astype((">" if not data.is_little_endian else "<") + kind).tobytes()


def put(data, raw):
    """8-bit pixels as bytes, others as words; a byte is added where their number is odd."""
    raw = raw + b"\0" * (len(raw) % 2)
    data.add(DataElement(0x7FE00010, "OB" if data.BitsAllocated == 8 and not data.is_implicit_VR else "OW", raw))


def digest(values):
    flat = np.asarray(values, dtype=np.int64).reshape(-1)
    return hashlib.sha256((flat & 0xFFFFFFFF).astype("<u4").tobytes()).hexdigest()


def save(name, data, stored, **more):
    path = os.path.join(folder, name + ".dcm")
    data.save_as(path, write_like_original=False)
    cases[name] = {"stored": digest(stored), "frames": int(data.get("NumberOfFrames", 1) or 1), **more}
    return path


# Every depth and sign, with bits above and below the stored ones that mean nothing.
for spelled, syntax in PLAIN.items():
    for allocated, stored, high in [(8, 8, 7), (8, 5, 4), (8, 6, 7), (16, 16, 15), (16, 12, 11), (16, 10, 13), (16, 8, 15), (32, 32, 31),
                                    (32, 20, 19), (32, 16, 31)]:
        for signed in (0, 1):
            frames = 3 if stored % 4 == 0 else 1
            data = create(syntax, 5, 7, allocated=allocated, stored=stored, high=high, signed=signed, frames=frames)
            values = numbers((frames, 5, 7), stored, signed)
            put(data, words(values, data))
            save(f"grey-{spelled}-{allocated}-{stored}-{high}-{signed}", data, values)

# Single bits, frames that begin inside a byte.
for spelled, syntax in PLAIN.items():
    data = create(syntax, 3, 5, allocated=1, frames=3)
    values = numbers((3, 3, 5), 1, 0)
    packed = np.packbits(values.reshape(-1).astype("u1"), bitorder="little").tobytes()
    packed += b"\0" * (len(packed) % 2)
    if spelled == "big":
        # Bits lie in words here: their bytes are swapped.
        continue
    data.add(DataElement(0x7FE00010, "OB" if spelled != "implicit" else "OW", packed))
    save(f"bits-{spelled}", data, values)

# Colours.
for spelled, syntax in PLAIN.items():
    for photometric in ("RGB", "YBR_FULL"):
        for planar in (0, 1):
            for allocated in (8, 16):
                data = create(syntax, 4, 5, photometric, 3, allocated, frames=2, planar=planar)
                values = numbers((2, 4, 5, 3), allocated, 0)
                lying = values.transpose(0, 3, 1, 2) if planar else values
                put(data, words(lying, data))
                more = {}
                if allocated == 8:
                    rgb = values.astype("u1") if photometric == "RGB" else convert_color_space(
                        values.astype("u1"), "YBR_FULL", "RGB", per_frame=True)
                    more["rgb"] = rgb[0].reshape(-1).astype(int).tolist()
                save(f"{photometric.lower()}-{spelled}-{planar}-{allocated}", data, values, **more)
    data = create(syntax, 4, 6, "YBR_FULL_422", 3, 8)
    luma, blue, red = numbers((4, 6), 8, 0), numbers((4, 3), 8, 0), numbers((4, 3), 8, 0)
    lying = np.stack([luma[:, 0::2], luma[:, 1::2], blue, red], axis=-1)
    put(data, words(lying, data))
    values = np.stack([luma, np.repeat(blue, 2, axis=1), np.repeat(red, 2, axis=1)], axis=-1)
    rgb = convert_color_space(values.astype("u1"), "YBR_FULL", "RGB")
    save(f"ybr422-{spelled}", data, values, rgb=rgb.reshape(-1).astype(int).tolist())

# Palettes: entries of 8 and 16 bits, tables that do not begin at 0.
for spelled in ("implicit", "explicit", "big"):
    for bits in (8, 16):
        for first in (0, 3):
            data = create(PLAIN[spelled], 4, 5, "PALETTE COLOR", allocated=8)
            values = numbers((4, 5), 4, 0)
            put(data, words(values, data))
            for color in ("Red", "Green", "Blue"):
                table = random.randint(0, 1 << bits, size=12, dtype=np.int64)
                setattr(data, f"{color}PaletteColorLookupTableDescriptor", [12, first, bits])
                order = "<" if data.is_little_endian else ">"
                raw = table.astype(order + "u2").tobytes() if bits == 16 else table.astype("u1").tobytes()
                if bits == 8 and spelled == "big":
                    raw = np.frombuffer(raw, "<u2").astype(">u2").tobytes()
                setattr(data, f"{color}PaletteColorLookupTableData", raw)
                data[f"{color}PaletteColorLookupTableData"].VR = "OW"
            for color in ("Red", "Green", "Blue"):
                data[f"{color}PaletteColorLookupTableDescriptor"].VR = "US"
            more = {}
            if spelled != "big":
                rgb = apply_color_lut(values.astype("u1"), data)
                more["rgb"] = (rgb.reshape(-1).astype(int) >> (bits - 8)).tolist()
            save(f"palette-{spelled}-{bits}-{first}", data, values, **more)

# Run-length codes: every depth, offset tables filled and empty, frames in several fragments, planes of colours.
for allocated, samples, signed, frames in [(8, 1, 0, 1), (8, 1, 0, 3), (16, 1, 1, 2), (16, 1, 0, 1), (32, 1, 0, 2), (8, 3, 0, 2),
                                           (16, 3, 0, 1)]:
    for table in (True, False):
        for fragments in (1, 2):
            if fragments == 2 and frames > 1 and not table:
                continue
            data = create(RLELossless, 6, 9, "RGB" if samples == 3 else "MONOCHROME2", samples, allocated, signed=signed, frames=frames)
            shape = (frames, 6, 9, samples)
            values = numbers(shape, allocated, signed)
            values[:, 2:4] = values[:, :1]
            kind = {8: "u1", 16: "<u2", 32: "<u4"}[allocated]
            coded = []
            for frame in values:
                raw = (frame.astype(np.int64) & ((1 << allocated) - 1)).astype(kind).tobytes()
                coded.append(RLELosslessEncoder.encode(
                    raw, rows=6, columns=9, samples_per_pixel=samples, bits_allocated=allocated, bits_stored=allocated,
                    pixel_representation=0, photometric_interpretation="RGB" if samples == 3 else "MONOCHROME2", number_of_frames=1,
                    planar_configuration=0, byteorder="<"))
            data.add(DataElement(0x7FE00010, "OB", encapsulate(coded, fragments_per_frame=fragments, has_bot=table)))
            data["PixelData"].is_undefined_length = True
            save(f"rle-{allocated}-{samples}-{signed}-{frames}-{table}-{fragments}", data, values)

# JPEG: grey and colours, subsampled and not. The decoder's rounding is within 2.
try:
    from PIL import Image
except ImportError:
    Image = None
if Image is not None:
    smooth = np.add.outer(np.arange(24) * 5, np.arange(32) * 4).astype("u1")
    for photometric, samples, sampling in [("MONOCHROME2", 1, 0), ("YBR_FULL", 3, 0), ("YBR_FULL_422", 3, 1), ("YBR_FULL_422", 3, 2)]:
        for frames in (1, 2):
            coded, values = [], []
            for frame in range(frames):
                picture = smooth + frame * 3 if samples == 1 else np.stack([smooth, 255 - smooth, smooth // 2 + frame], axis=-1)
                stream = io.BytesIO()
                Image.fromarray(picture.astype("u1")).save(stream, "JPEG", quality=95, subsampling=sampling)
                coded.append(stream.getvalue())
                image = Image.open(io.BytesIO(coded[-1]))
                if samples == 3:
                    image.draft("YCbCr", (32, 24))
                values.append(np.asarray(image).astype(int))
            data = create(JPEGBaseline8Bit, 24, 32, photometric, samples, 8, frames=frames)
            data.add(DataElement(0x7FE00010, "OB", encapsulate(coded, fragments_per_frame=1 if frames == 1 else 2)))
            data["PixelData"].is_undefined_length = True
            save(f"jpeg-{photometric}-{sampling}-{frames}", data, values, near=np.stack(values).reshape(-1).tolist())

# What values mean: slope and intercept, tables, windows of each form, inverted ones.
def meaning(name, data, values):
    put(data, words(values, data, garbage=False))
    modality = apply_modality_lut(values, data)
    voi = apply_voi_lut(np.asarray(modality).astype(np.int64) if np.all(modality == np.floor(modality)) else modality, data)
    save(name, data, values, modality=np.asarray(modality, dtype=float).reshape(-1).tolist(),
         voi=np.asarray(voi, dtype=float).reshape(-1).tolist())


def table_of(count, first, bits, signed, little=True):
    item = Dataset()
    item.LUTDescriptor = [count, first, bits]
    item["LUTDescriptor"].VR = "SS" if signed else "US"
    entries = np.sort(random.randint(0, 1 << bits, size=count, dtype=np.int64))
    item.LUTData = entries.astype("<u2" if little else ">u2").tobytes() if bits > 8 else entries.astype("u1").tobytes()
    item["LUTData"].VR = "OW"
    return item


for spelled in ("implicit", "explicit", "big", "deflated"):
    for function in ("LINEAR", "LINEAR_EXACT", "SIGMOID", None):
        data = create(PLAIN[spelled], 5, 6, allocated=16, stored=12)
        data.RescaleSlope, data.RescaleIntercept = "1", "-1024"
        data.WindowCenter, data.WindowWidth = ["40", "-600"], ["400", "1500"]
        if function:
            data.VOILUTFunction = function
        meaning(f"window-{spelled}-{function}", data, numbers((5, 6), 12, 0))
for width in ("1", "2", "1.5"):
    data = create(ExplicitVRLittleEndian, 5, 6, allocated=16, stored=12)
    data.WindowCenter, data.WindowWidth = "2000", width
    meaning(f"window-narrow-{width}", data, np.arange(1985, 2015).reshape(5, 6))
data = create(ExplicitVRLittleEndian, 5, 6, allocated=16, stored=12, signed=1)
data.RescaleSlope, data.RescaleIntercept = "0.25", "-3.5"
data.WindowCenter, data.WindowWidth = "10.5", "300.25"
meaning("window-fractions", data, numbers((5, 6), 12, 1))
data = create(ExplicitVRLittleEndian, 5, 6, "MONOCHROME1", allocated=16, stored=10)
data.WindowCenter, data.WindowWidth = "400", "300"
meaning("window-inverted", data, numbers((5, 6), 10, 0))
for signed in (0, 1):
    data = create(ExplicitVRLittleEndian, 5, 6, allocated=16, stored=12, signed=signed)
    first = -100 if signed else 100
    data.ModalityLUTSequence = Sequence([table_of(300, first, 16, signed)])
    # Both at once: the table alone counts.
    meaning(f"table-{signed}", data, numbers((5, 6), 12, signed))
    data = create(ExplicitVRLittleEndian, 5, 6, allocated=16, stored=12, signed=signed)
    data.VOILUTSequence = Sequence([table_of(500, first, 12, signed)])
    meaning(f"voi-table-{signed}", data, numbers((5, 6), 12, signed))

# Headers: nested sequences of known and unknown length, private ones, lengths of groups, wrong representations, padding at the end.
for spelled, syntax in PLAIN.items():
    for undefined in (False, True):
        data = create(syntax, 4, 5, allocated=8)
        values = numbers((4, 5), 8, 0)
        put(data, words(values, data))
        inner, outer, private = Dataset(), Dataset(), Dataset()
        inner.CodeValue, inner.CodeMeaning = "1", "Inner"
        inner.RescaleSlope = "7"
        outer.ReferencedSOPInstanceUID = "2.25.9"
        outer.PurposeOfReferenceCodeSequence = Sequence([inner, Dataset(), inner])
        data.SourceImageSequence = Sequence([outer, outer])
        data.AnatomicRegionSequence = Sequence([])
        private.add_new(0x00091001, "LO", "inside")
        private.add_new(0x00091002, "SQ", Sequence([outer]))
        data.add_new(0x00090010, "LO", "MAKER")
        data.add_new(0x00091003, "SQ", Sequence([private]))
        data.add_new(0x00091004, "UN", b"\1\2\3\4")
        data.add_new(0x00080000, "UL", 9999)
        data.add_new(0xFFFCFFFC, "OB", b"\0" * 20)
        for sequence in (data["SourceImageSequence"], data[0x00091003], outer["PurposeOfReferenceCodeSequence"]):
            sequence.is_undefined_length = undefined
            for item in sequence.value:
                item.is_undefined_length_sequence_item = undefined
        save(f"nested-{spelled}-{undefined}", data, values)
for vr, value in [("UL", 4), ("SS", 4), ("SL", 4), ("IS", "4"), ("DS", "4.0"), ("FD", 4.0), ("FL", 4.0), ("LO", "4 "), ("UN", b"\4\0"),
                  ("OB", b"\4\0"), ("OW", b"\4\0")]:
    data = create(ExplicitVRLittleEndian, 4, 5, allocated=8)
    values = numbers((4, 5), 8, 0)
    put(data, words(values, data))
    data[0x00280010] = DataElement(0x00280010, "OB" if vr == "UN" else vr, value)
    path = save(f"vr-{vr}", data, values)
    if vr == "UN":
        # pydicom would look the right representation up.
        content = open(path, "rb").read()
        open(path, "wb").write(content.replace(b"\x28\0\x10\0OB", b"\x28\0\x10\0UN"))

# Enhanced objects: what frames share, what each has of its own, and a mixture.
def group(**sequences):
    item = Dataset()
    for name, attributes in sequences.items():
        inner = Dataset()
        for key, value in attributes.items():
            setattr(inner, key, value)
        setattr(item, name, Sequence([inner]))
    return item


for arrangement in ("shared", "own", "mixed"):
    data = create(ExplicitVRLittleEndian, 4, 5, allocated=16, stored=12, frames=3)
    values = numbers((3, 4, 5), 12, 0)
    put(data, words(values, data))
    data.FrameOfReferenceUID = "2.25.4"

    def measures(i):
        return {"PixelSpacing": [0.5 + i, 0.25], "SliceThickness": 2 + i}

    def turned(i):
        return {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1] if i % 2 else [1, 0, 0, 0, 1, 0]}

    def rescale(i):
        return {"RescaleSlope": 1 + i, "RescaleIntercept": -10 * i, "RescaleType": "US"}

    def window(i):
        return {"WindowCenter": 100 * (i + 1), "WindowWidth": 50 * (i + 1)}

    shared = {"shared": (measures, turned, rescale, window), "own": (), "mixed": (measures, window)}[arrangement]
    names = {measures: "PixelMeasuresSequence", turned: "PlaneOrientationSequence", rescale: "PixelValueTransformationSequence",
             window: "FrameVOILUTSequence"}
    data.SharedFunctionalGroupsSequence = Sequence([group(**{names[each]: each(5) for each in shared})])
    data.PerFrameFunctionalGroupsSequence = Sequence([
        group(PlanePositionSequence={"ImagePositionPatient": [i, 2 * i, -3 * i]},
              **{names[each]: each(i) for each in names if each not in shared}) for i in range(3)])
    # What stands at the top belongs to no frame where groups say otherwise.
    data.RescaleSlope, data.RescaleIntercept = "99", "99"
    expected = []
    for i in range(3):
        at = {each: 5 if each in shared else i for each in names}
        expected.append({
            "position": [i, 2 * i, -3 * i], "spacing": measures(at[measures])["PixelSpacing"],
            "thickness": measures(at[measures])["SliceThickness"], "orientation": turned(at[turned])["ImageOrientationPatient"],
            "slope": 1 + at[rescale], "intercept": -10 * at[rescale], "center": 100 * (at[window] + 1), "width": 50 * (at[window] + 1)})
    save(f"enhanced-{arrangement}", data, values, groups=expected)

# Damaged or lying on purpose: read by the rules, not by what is stated.
data = create(ExplicitVRLittleEndian, 4, 5, allocated=16)
values = numbers((4, 5), 16, 0)
put(data, words(values, data))
path = save("states-implicit-is-explicit", data, values)
content = open(path, "rb").read()
explicit, implicit = b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2\0\0\0"
assert content.count(explicit) == 1
open(path, "wb").write(content.replace(explicit, implicit))
data = create(ImplicitVRLittleEndian, 4, 5, allocated=16)
put(data, words(values, data))
path = save("states-explicit-is-implicit", data, values)
content = open(path, "rb").read()
at = content.index(b"1.2.840.10008.1.2\0") - 8
length = int.from_bytes(content[at + 6:at + 8], "little")
longer = content[:at + 6] + (20).to_bytes(2, "little") + explicit + content[at + 8 + length:]
group_length = int.from_bytes(longer[140:144], "little") + 20 - length
open(path, "wb").write(longer[:140] + group_length.to_bytes(4, "little") + longer[144:])

json.dump(cases, open(os.path.join(folder, "cases.json"), "w"))
print(len(cases))
