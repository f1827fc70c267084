"""Writes packets.json beside this file: wavelet packets of a map as PyWavelets (MIT licence) computes them.

Run with Debian's python3-pywt 1.1.1, or any later one. Nothing in the tests needs Python.
"""
import json
import os

import numpy
import pywt

cases = []
for wavelet in ("haar", "db2"):
    for level, size in ((1, 8), (2, 8), (3, 8), (1, 14), (2, 28), (3, 16)):
        rows, columns = numpy.meshgrid(numpy.arange(size), numpy.arange(size), indexing="ij")
        image = numpy.sin(1 + 3 * rows + rows * columns) + 0.5 * numpy.cos(2 * columns) + 0.1 * rows
        packets = pywt.WaveletPacket2D(data=image, wavelet=wavelet, mode="periodization", maxlevel=level)
        grid = packets.get_level(level, order="freq")
        cases.append({
            "wavelet": wavelet,
            "levels": level,
            "size": size,
            "bands": [[[round(float(value), 9) for value in node.data.flatten()] for node in row] for row in grid],
        })

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "packets.json"), "w") as file:
    json.dump({"pywavelets": pywt.__version__, "cases": cases}, file, separators=(",", ":"))
