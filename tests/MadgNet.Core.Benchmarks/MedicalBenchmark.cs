using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Core.Benchmarks;

/// <summary>A CT series of 200 slices of 512×512: found, read and windowed, and its masks written as DICOM SEG.</summary>
internal sealed class MedicalBenchmark : IBench
{
    private const int Slices = 200;
    private const int Side = 512;
    private const int Threads = 2;

    public string Name => "medical";

    public string Summary => "A CT series of 512x512x200 read and windowed, in slices per second, and written as DICOM SEG.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("madgnet-medical-");
        try
        {
            for (int i = 0; i < Slices; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                string path = Path.Combine(folder.FullName, $"{i:000}.dcm");
                DicomWriter.Write(CtPhantom.Slice(i, Slices, Side, Side, 1), path);
            }

            _ = Read(folder.FullName);
            double best = double.PositiveInfinity;
            for (int repeat = 0; repeat < 3; repeat++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                best = Math.Min(best, Read(folder.FullName));
            }

            Say(output, $"one thread, to network input  {Slices / Single(folder.FullName),8:F0} slices/s");
            Say(output, $"DICOM SEG of {Slices} slices, written {Slices / Segment(folder),8:F0} slices/s");
            Say(output, $"bench medical read: {Slices / best:F0} slices/s");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Finds the series and windows every slice, on two threads.</summary>
    private static double Read(string folder)
    {
        var watch = Stopwatch.StartNew();
        DicomSeries series = DicomSeries.Load(folder);
        DicomWindow window = DicomWindow.Create(40, 400);
        var sums = new double[series.Slices.Count];
        Parallel.For(0, sums.Length, new ParallelOptions { MaxDegreeOfParallelism = Threads }, i =>
        {
            FloatImage slice = series.Open(i).Windowed(series.Slices[i].Frame, window);
            sums[i] = slice.Data[(Side * Side / 2) + (Side / 4)];
        });
        Expect(sums.Length == Slices && sums.Max() > sums.Min());
        return watch.Elapsed.TotalSeconds;
    }

    private static double Single(string folder)
    {
        var watch = Stopwatch.StartNew();
        SliceStack stack = SliceStack.Open(folder);
        var window = IntensityWindow.CenterWidth(40, 400);
        for (int i = 0; i < stack.Count; i++)
        {
            _ = stack.Read(i).ToFloat(ImageChannels.Gray, window);
        }

        return watch.Elapsed.TotalSeconds;
    }

    private static double Segment(DirectoryInfo folder)
    {
        DicomSeries series = DicomSeries.Load(folder.FullName);
        var mask = new byte[Side * Side];
        mask.AsSpan(Side * 200, Side * 100).Fill(1);
        var watch = Stopwatch.StartNew();
        var writer = new SegWriter(series, [new SegSegment { Label = "Ball" }]);
        for (int i = 0; i < Slices; i++)
        {
            writer.Add(i, 1, mask);
        }

        writer.Save(Path.Combine(folder.FullName, "ball.seg.dcm"));
        return watch.Elapsed.TotalSeconds;
    }

    private static void Expect(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("Received slices without content; expected a ball in water. Check the phantom.");
        }
    }

    private static void Say(TextWriter output, FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
