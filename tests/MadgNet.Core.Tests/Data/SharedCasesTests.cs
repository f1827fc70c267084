using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data;

/// <summary>The files of public bug reports themselves, row by row of their README, where they are at hand.</summary>
public sealed class SharedCasesTests
{
    private static readonly DoctorOptions Quick = new() { NearDuplicates = false };

    [Fact]
    public void Every_layout_is_found()
    {
        foreach (string layout in Directory.GetDirectories(SharedFolder.Require("cases/layouts")))
        {
            var set = new FolderDataset(layout);
            Assert.True(set.Count == 3, $"{Path.GetFileName(layout)}: {string.Join(", ", set.Names())}");
            int masks = Path.GetFileName(layout) == "bowl2018" ? 2 : 1;
            Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(masks, set.FilesOf(i).Masks.Count));
        }

        Assert.Equal(3, new FolderDataset(SharedFolder.Require("cases/image-named-seg")).Count);
        Assert.Equal(2, new FolderDataset(SharedFolder.Require("cases/unicode-nfd")).Count);
    }

    [Fact]
    public void Every_table_is_read()
    {
        foreach (string table in Directory.GetFiles(SharedFolder.Require("cases/tables"), "*.csv")
            .Where(path => !Path.GetFileName(path).StartsWith("split", StringComparison.Ordinal)))
        {
            if (Path.GetFileName(table) == "file-label.csv")
            {
                Assert.Contains(
                    "a column image",
                    Assert.Throws<DatasetException>(() => FolderDataset.FromTable(table)).Message,
                    StringComparison.Ordinal);
                continue;
            }

            var set = FolderDataset.FromTable(table);
            Assert.Equal(Path.GetFileName(table) == "dupcol.csv" ? 2 : 1, set.FilesOf(0).Masks.Count);
            Assert.Single(set.Load(0).Masks);
        }
    }

    [Fact]
    public void Every_split_is_read_or_refused_for_its_fault()
    {
        string tables = SharedFolder.Require("cases/tables");
        var set = FolderDataset.FromFolders(Path.Combine(tables, "images"), Path.Combine(tables, "masks"));
        foreach (string split in Directory.GetFiles(tables, "split-*.csv"))
        {
            DatasetSplit read = DatasetSplit.Load(split);
            Assert.Equal(["caseA/img0"], read.Of(set, "train").Names());
            Assert.Equal(["caseB/img0"], read.Of(set, "test").Names());
        }

        string flat = SharedFolder.Require("cases/flat");
        var samples = new FolderDataset(flat);
        Assert.Throws<DatasetException>(
            () => DatasetSplit.Load(Path.Combine(flat, "split-ext-leak.csv")).Of(samples, "train"));
        Assert.Throws<DatasetException>(() => DatasetSplit.Load(Path.Combine(flat, "split-spaces.csv")));
    }

    [Theory]
    [InlineData("classes-012", MaskReading.NonZero)]
    [InlineData("instance-16bit", MaskReading.NonZero)]
    [InlineData("voc-palette-border", MaskReading.NonZero)]
    [InlineData("ignore-255", MaskReading.NonZero)]
    [InlineData("trimap-123", MaskReading.NonZero)]
    [InlineData("alpha-mask", MaskReading.Alpha)]
    public void Values_that_nobody_declared_are_refused_and_can_be_declared(string name, MaskReading reading)
    {
        string folder = SharedFolder.Require("cases/" + name);
        var set = new FolderDataset(folder);
        Assert.Throws<DatasetException>(() => set.Load(0));
        Assert.Contains(DatasetDoctor.Examine(set, Quick).Findings, finding => finding.Severity == FindingSeverity.Error);
        var declared = new FolderDataset(
            folder, new FolderDatasetOptions { Labels = [LabelSource.AllMasks() with { Reading = reading }] });
        Assert.True(declared.Load(0).Masks[0].Data.ToArray().Average() > 0.01);
    }

    [Theory]
    [InlineData("pred_image", "masks")]
    [InlineData("pred_plain", "masks_lesion")]
    [InlineData("pred_plain", "masks_prefix")]
    [InlineData("pred_image", "masks_prefix")]
    public void Predictions_are_paired(string predictions, string masks)
    {
        string folder = SharedFolder.Require("cases/eval-names");
        Assert.Equal(3, new PredictionFolder(Path.Combine(folder, predictions), Path.Combine(folder, masks)).Count);
    }

    [Fact]
    public void Arrays_of_every_kind_are_predictions_or_refused()
    {
        string folder = SharedFolder.Require("cases/npy");
        string[] refused = ["logits", "nan", "transposed"];
        foreach (string kind in Directory.GetDirectories(folder).Where(path => Path.GetFileName(path) != "truth"))
        {
            var set = new PredictionFolder(kind, Path.Combine(folder, "truth"));
            if (refused.Contains(Path.GetFileName(kind)))
            {
                Assert.ThrowsAny<MadgNetException>(() => set.Load(0));
                continue;
            }

            LoadedPrediction read = set.Load(0);
            EvaluationReport report = new Evaluator().Evaluate([new EvaluationCase(read.Name, read.Probability, read.Truth)]);
            Assert.True(report.Summarize(Metric.Dice).Mean > 0.9, $"{Path.GetFileName(kind)}: {report.Summarize(Metric.Dice).Mean}");
        }
    }

    [Fact]
    public void Images_are_read_or_refused_for_what_they_are()
    {
        string cases = SharedFolder.Require("cases");
        var reader = new ImageReader();
        PixelImage Read(string name) => reader.Read(Path.Combine(cases, name));
        string Refused(string name) => Assert.Throws<ImageReadException>(() => Read(name)).Message;

        Assert.Equal(3, Read("tiff-16bit-palette.tif").Channels);
        Assert.Equal(16, Read("tiff-12bit/12bit.cropped.tif").BitDepth);
        Assert.True(Read("tiff-multipage/images/c0.tif").Pages > 1);
        Assert.All(Directory.GetFiles(Path.Combine(cases, "tiff-loop")), path => Assert.True(Read(path).Width > 0));
        Assert.All(Directory.GetFiles(Path.Combine(cases, "tiff-memory")), path => Refused(path));
        Assert.Contains("LZMA", Refused("tiff-unsupported-compression/hopper_lzma.tif"), StringComparison.Ordinal);
        Assert.Contains("WebP", Refused("tiff-unsupported-compression/hopper_webp.tif"), StringComparison.Ordinal);
        Assert.Contains("Zstandard", Refused("tiff-unsupported-compression/int16_zstd.tif"), StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(Path.Combine(cases, "png-badcrc-ancillary")), path => Assert.True(Read(path).Width > 0));
        Assert.Contains("pixels", Refused("big-12000x12000-1bit.png"), StringComparison.Ordinal);
        Assert.Contains(
            DatasetDoctor.ExamineFolder(Path.Combine(cases, "dim-12bit"), options: Quick).Findings,
            finding => finding.Kind == FindingKind.UnusedBitDepth);
        Assert.Contains(
            DatasetDoctor.ExamineFolder(Path.Combine(cases, "tiff-multipage"), options: Quick).Findings,
            finding => finding.Kind == FindingKind.OtherPages);
        string turned = Path.Combine(cases, "png-exif-orientation");
        var read = FolderDataset.FromFolders(Path.Combine(turned, "images"), Path.Combine(turned, "masks"));
        Assert.InRange(read.Load(0).Masks[0].Data.ToArray().Average(), 0.01f, 0.5f);
    }
}
