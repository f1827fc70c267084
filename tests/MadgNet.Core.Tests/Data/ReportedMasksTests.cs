using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data;

/// <summary>
/// Masks that users have reported as read wrongly: label images, borders, drawings in the transparency, numbered instances. Nearly
/// empty masks without a word are what must not happen.
/// </summary>
public sealed class ReportedMasksTests
{
    public static TheoryData<string> Undeclared =>
        ["classes", "instances", "border", "trimap", "palette", "colors", "one class", "two classes"];

    [Theory]
    [MemberData(nameof(Undeclared))]
    public void Undeclared_values_are_refused_with_what_to_declare(string kind)
    {
        using var folder = new TemporaryFolder();
        FolderDataset dataset = Dataset(folder, path => Write(kind, path));
        DatasetException error = Assert.Throws<DatasetException>(() => dataset.Load(0));
        Assert.Contains("LabelSource", error.Message, StringComparison.Ordinal);
        Assert.Contains("NonZero", error.Message, StringComparison.Ordinal);
        Finding finding = Assert.Single(dataset.ExamineMasks());
        Assert.Equal((FindingKind.UnknownLabelValue, FindingSeverity.Error), (finding.Kind, finding.Severity));
        Assert.Contains(
            DatasetDoctor.Examine(dataset).Findings, found => found.Kind == FindingKind.UnknownLabelValue);
    }

    [Theory]
    [InlineData("classes", 0.5)]
    [InlineData("instances", 0.25)]
    [InlineData("trimap", 1)]
    [InlineData("palette", 0.5)]
    [InlineData("colors", 0.5)]
    public void Every_value_but_zero_can_be_foreground(string kind, double share)
    {
        using var folder = new TemporaryFolder();
        var options = new FolderDatasetOptions { Labels = [LabelSource.AllMasks() with { Reading = MaskReading.NonZero }] };
        FolderDataset dataset = Dataset(folder, path => Write(kind, path), options);
        Assert.Equal(share, dataset.Load(0).Masks[0].Data.ToArray().Average(), 1e-6);
        Assert.Empty(dataset.ExamineMasks());
    }

    [Fact]
    public void Ignored_values_are_no_foreground_and_are_told_apart()
    {
        using var folder = new TemporaryFolder();
        FolderDataset dataset = Dataset(folder, path => Write("border", path), new FolderDatasetOptions { Ignored = [255] });
        Sample sample = dataset.Load(0);
        Assert.Equal(0.25, sample.Masks[0].Data.ToArray().Average(), 1e-6);
        Assert.Equal(0.25, sample.Ignored!.Data.ToArray().Average(), 1e-6);
        Assert.Empty(dataset.ExamineMasks());
    }

    [Fact]
    public void Ignored_values_of_a_palette_are_its_indices()
    {
        using var folder = new TemporaryFolder();
        var options = new FolderDatasetOptions { Labels = [LabelSource.Indices("one", 1)], Ignored = [2] };
        Sample sample = Dataset(folder, path => Write("palette", path), options).Load(0);
        Assert.Equal(0.25, sample.Masks[0].Data.ToArray().Average(), 1e-6);
        Assert.Equal(0.25, sample.Ignored!.Data.ToArray().Average(), 1e-6);
    }

    [Theory]
    [InlineData("soft edge")]
    [InlineData("lossy")]
    [InlineData("binary 7")]
    [InlineData("empty")]
    [InlineData("full")]
    [InlineData("two colors")]
    public void Masks_of_two_values_and_soft_or_lossy_edges_are_read_as_before(string kind)
    {
        using var folder = new TemporaryFolder();
        FolderDataset dataset = Dataset(folder, path => Write(kind, path));
        float[] mask = dataset.Load(0).BinaryMask(0).Data.ToArray();
        Assert.Equal(kind switch { "empty" => 0, "full" => 1, _ => 0.5 }, mask.Average(), 0.05);
        Assert.DoesNotContain(dataset.ExamineMasks(), finding => finding.Severity == FindingSeverity.Error);
    }

    [Fact]
    public void Shares_of_several_experts_are_read_when_they_are_said_to_be_shares()
    {
        using var folder = new TemporaryFolder();
        void Write(string path) => ImageWriter.Write(Quarters(0, 64, 191, 255), path);
        Assert.Throws<DatasetException>(() => Dataset(folder, Write).Load(0));
        var options = new FolderDatasetOptions { Labels = [LabelSource.AllMasks() with { Reading = MaskReading.Soft }] };
        float[] mask = Dataset(folder, Write, options).Load(0).Masks[0].Data.ToArray();
        Assert.Equal((0 + 64 + 191 + 255) / 255.0 / 4, mask.Average(), 1e-3);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(2)]
    public void A_drawing_in_the_transparency_is_told_and_can_be_read(int samples)
    {
        using var folder = new TemporaryFolder();
        void Write(string path) => File.WriteAllBytes(path, Transparent(samples));
        FolderDataset gray = Dataset(folder, Write);
        Assert.Contains("Alpha", Assert.Throws<DatasetException>(() => gray.Load(0)).Message, StringComparison.Ordinal);
        Assert.Contains(
            DatasetDoctor.Examine(gray).Findings,
            finding => finding.Problem.Received.Contains("transparency", StringComparison.Ordinal));
        var options = new FolderDatasetOptions { Labels = [LabelSource.AllMasks() with { Reading = MaskReading.Alpha }] };
        Assert.Equal(0.5, Dataset(folder, Write, options).Load(0).Masks[0].Data.ToArray().Average(), 1e-6);
    }

    [Fact]
    public void Values_cannot_be_ignored_and_belong_to_a_label()
    {
        var options = new FolderDatasetOptions { Labels = [LabelSource.Indices("a", 1, 255)], Ignored = [255] };
        Assert.Contains(options.Validate(), problem => problem.Subject == nameof(options.Ignored));
        options = new FolderDatasetOptions { Labels = [LabelSource.Indices("a", 1) with { Reading = MaskReading.Alpha }] };
        Assert.Single(options.Validate());
    }

    private static FolderDataset Dataset(TemporaryFolder folder, Action<string> mask, FolderDatasetOptions? options = null)
    {
        ImageWriter.Write(Samples.Pixels(40, 40, 3, (x, y, c) => (byte)(x + (5 * y) + c)), folder.File("images/a.png"));
        mask(folder.File("masks/a.png"));
        return new FolderDataset(folder.Root, options);
    }

    private static PixelImage Quarters(params byte[] values) => Samples.Pixels(40, 40, 1, (x, _, _) => values[x * values.Length / 40]);

    private static void Write(string kind, string path)
    {
        switch (kind)
        {
            case "classes":
                ImageWriter.Write(Quarters(0, 1, 2, 0), path);
                break;
            case "instances":
                ImageWriter.Write(
                    new PixelImage(
                        40, 40, 1, [.. Enumerable.Range(0, 1600).Select(i => (ushort)(i % 40 / 10 == 1 ? (i / 400) + 1 : 0))]),
                    path);
                break;
            case "border":
                ImageWriter.Write(Quarters(0, 1, 255, 0), path);
                break;
            case "trimap":
                ImageWriter.Write(Quarters(1, 2, 3), path);
                break;
            case "palette":
                ImageWriter.WritePalette(Quarters(0, 1, 2, 0), [(0, 0, 0), (128, 0, 0), (224, 224, 192)], path);
                break;
            case "colors":
                ImageWriter.Write(
                    Samples.Pixels(40, 40, 3, (x, _, c) => (byte)(x < 20 ? 0 : x < 30 ? (c == 0 ? 255 : 0) : c == 1 ? 255 : 0)), path);
                break;
            case "one class":
                ImageWriter.Write(Quarters(5), path);
                break;
            case "two classes":
                ImageWriter.Write(Quarters(1, 2), path);
                break;
            case "soft edge":
                ImageWriter.Write(Samples.Pixels(40, 40, 1, (x, _, _) => (byte)Math.Clamp((x - 17) * 43, 0, 255)), path);
                break;
            case "lossy":
                ImageWriter.Write(
                    Samples.Pixels(40, 40, 1, (x, y, _) => (byte)(x < 20 ? (x + (y / 8)) % 3 : 253 + ((x + (y / 8)) % 3))), path);
                break;
            case "binary 7":
                ImageWriter.Write(Quarters(0, 7), path);
                break;
            case "empty":
                ImageWriter.Write(Quarters(0), path);
                break;
            case "full":
                ImageWriter.Write(Quarters(255), path);
                break;
            default:
                ImageWriter.Write(Samples.Pixels(40, 40, 3, (x, _, c) => (byte)(x >= 20 && c == 0 ? 200 : 0)), path);
                break;
        }
    }

    /// <summary>A PNG that is black everywhere and transparent in its left half: RGBA, or grey and alpha.</summary>
    private static byte[] Transparent(int samples)
    {
        var rows = new List<byte>();
        for (int y = 0; y < 40; y++)
        {
            rows.Add(0);
            for (int x = 0; x < 40; x++)
            {
                rows.AddRange(Enumerable.Repeat((byte)0, samples - 1));
                rows.Add((byte)(x < 20 ? 0 : 255));
            }
        }

        return PngBuilder.Build(40, 40, 8, samples == 4 ? 6 : 4, 0, [.. rows]);
    }
}
