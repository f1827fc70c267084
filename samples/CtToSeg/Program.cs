// A CT series becomes masks, and the masks a DICOM segmentation that viewers lay over the series: read, window, segment, write.

using System.Globalization;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;
using MadgNet.Samples.CtToSeg;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string output = Path.Combine("runs", "ct-to-seg");
string folder = Path.Combine(output, "ct");
if (args is ["--series", var given])
{
    folder = given;
}
else
{
    ChestPhantom.Write(folder);
}

// The slices in the order in which they lie in the patient; what is odd about them is told.
DicomSeries series = DicomSeries.Load(folder);
Console.WriteLine($"{series.Modality}: {series.Slices.Count} slices of {series.Columns}x{series.Rows}, {series.Spacing?.Row} mm a pixel, "
    + $"{series.SliceDistance} mm apart");
foreach (var finding in series.Findings)
{
    Console.WriteLine($"  {finding.Severity}: {finding.Problem}");
}

var stack = new DicomStack(series);
using var predictor = new LungPredictor();
var writer = new SegWriter(
    series,
    [new SegSegment
    {
        Label = "Lung",
        Category = CodedConcept.AnatomicalStructure,
        Type = new CodedConcept("39607008", "SCT", "Lung"),
        Color = (80, 160, 255),
    }],
    new SegOptions { AlgorithmName = "dark pixels inside the body" });
var nifti = new VolumeMasks(stack);
long pixels = 0;
for (int slice = 0; slice < stack.Count; slice++)
{
    // Hounsfield units, then 0..1 by the network's own window.
    FloatImage input = predictor.Prepare(stack.Read(slice));
    Prediction found = predictor.Predict(input);
    writer.Add(slice, found);
    PixelImage mask = found.Mask();
    nifti.Set(slice, mask.ToFloat().Data);
    pixels += mask.Bytes.Count(byte.MaxValue);
    if (slice == stack.Count / 2)
    {
        byte[] grey = [.. input.Data.ToArray().Select(value => (byte)(value * 255))];
        var picture = new PixelImage(width: input.Width, height: input.Height, 1, grey);
        ImageWriter.Write(picture, Path.Combine(output, "slice.png"));
        ImageWriter.Write(
            Overlay.Draw(picture, [OverlayLayer.FromMask(mask, "lung")], null), Path.Combine(output, "slice.overlay.png"));
    }
}

string path = Path.Combine(output, "lung.seg.dcm");
writer.Save(path);
nifti.SaveMask(Path.Combine(output, "lung.nii.gz"));
if (series is { Spacing: { } spacing, SliceDistance: { } distance })
{
    Console.WriteLine($"Lung: {pixels * spacing.Row * spacing.Column * distance / 1e6:F2} litres");
}

// What was written, as any other program would read it.
SegFile read = SegFile.Read(path);
double total = series.Slices.Sum(slice => (double)read.Mask(1, slice).Data.ToArray().Sum());
Console.WriteLine($"{path}: {read.Frames.Count} frames of '{read.Segments[0].Label}', {total} pixels, as found: {total == pixels}");
Console.WriteLine($"Pictures: {Path.Combine(output, "slice.png")}, {Path.Combine(output, "slice.overlay.png")}");
return total == pixels && pixels > 0 ? 0 : 1;
