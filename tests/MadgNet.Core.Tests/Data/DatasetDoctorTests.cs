using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data;

public sealed class DatasetDoctorTests
{
    [Fact]
    public void Clean_folder_has_no_findings() => Assert.Empty(Examine(_ => { }).Findings);

    [Fact]
    public void Truncated_file_is_found() => Single(FindingKind.Unreadable, "images/bad.png", folder =>
    {
        File.WriteAllBytes(folder.File("images/bad.png"), File.ReadAllBytes(folder.File("images/case0.png"))[..100]);
        ImageWriter.Write(Samples.Disc(48, 40), folder.File("masks/bad.png"));
    });

    [Fact]
    public void Image_without_a_mask_is_found() => Single(
        FindingKind.MissingMask, "images/alone.png", folder => ImageWriter.Write(Noise(99, 48, 40), folder.File("images/alone.png")));

    [Fact]
    public void Mask_without_an_image_is_found() => Single(
        FindingKind.MissingImage, "masks/alone.png", folder => ImageWriter.Write(Samples.Disc(48, 40), folder.File("masks/alone.png")));

    [Fact]
    public void Mask_of_another_size_is_found() => Single(
        FindingKind.SizeMismatch, "masks/case1.png", folder => ImageWriter.Write(Samples.Disc(96, 80), folder.File("masks/case1.png")));

    [Fact]
    public void Mask_of_another_shape_is_found() => Single(
        FindingKind.AspectMismatch, "masks/case1.png", folder => ImageWriter.Write(Samples.Disc(96, 40), folder.File("masks/case1.png")));

    [Fact]
    public void Empty_mask_is_found() => Single(
        FindingKind.EmptyMask, "masks/case1.png", folder => ImageWriter.Write(Samples.Disc(48, 40, 0), folder.File("masks/case1.png")));

    [Fact]
    public void Full_mask_is_found() => Single(
        FindingKind.FullMask,
        "masks/case1.png",
        folder => ImageWriter.Write(Samples.Pixels(48, 40, 1, (_, _, _) => 255), folder.File("masks/case1.png")));

    [Fact]
    public void Mask_with_values_in_between_is_found_with_the_values()
    {
        DoctorReport report = Examine(folder => ImageWriter.Write(
            Samples.Pixels(48, 40, 1, (x, _, _) => (byte)(x < 16 ? 0 : x < 17 ? 90 : 255)), folder.File("masks/case1.png")));
        Finding finding = Assert.Single(report.Findings);
        Assert.Equal(FindingKind.NotBinary, finding.Kind);
        Assert.Contains("0, 90, 255", finding.Problem.Received, StringComparison.Ordinal);
    }

    [Fact]
    public void Undeclared_label_value_is_found()
    {
        var options = new FolderDatasetOptions { Labels = [LabelSource.Indices("disc", 255)] };
        DoctorReport report = Examine(folder => ImageWriter.Write(Samples.Disc(48, 40, 7), folder.File("masks/case1.png")), options);
        Assert.Equal([FindingKind.UnknownLabelValue, FindingKind.EmptyMask], report.Findings.Select(finding => finding.Kind));
        Assert.Contains("undeclared values 7", report.Findings[0].Problem.Received, StringComparison.Ordinal);
    }

    [Fact]
    public void Label_without_a_mask_file_is_found()
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Noise(1, 48, 40), folder.File("a.png"));
        ImageWriter.Write(Samples.Disc(48, 40), folder.File("a_disc.png"));
        var options = new FolderDatasetOptions { Labels = [LabelSource.MaskFiles("cup", "_cup"), LabelSource.MaskFiles("disc", "_disc")] };
        Finding finding = Assert.Single(
            DatasetDoctor.ExamineFolder(folder.Root, options, cancellationToken: TestContext.Current.CancellationToken).Findings);
        Assert.Equal((FindingKind.MissingMask, folder.File("a.png")), (finding.Kind, finding.Problem.Subject));
        Assert.Contains("'cup'", finding.Problem.Received, StringComparison.Ordinal);
    }

    [Fact]
    public void Mask_of_no_label_is_found()
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Noise(1, 48, 40), folder.File("a.png"));
        ImageWriter.Write(Samples.Disc(48, 40), folder.File("a_disc.png"));
        ImageWriter.Write(Samples.Disc(48, 40), folder.File("other.png"));
        var dataset = new FolderDataset(
            [("a", new SampleFiles(folder.File("a.png"), [folder.File("a_disc.png"), folder.File("other.png")]))],
            new FolderDatasetOptions { Labels = [LabelSource.MaskFiles("disc", "_disc")] });
        Finding finding = Assert.Single(DatasetDoctor.Examine(dataset, cancellationToken: TestContext.Current.CancellationToken).Findings);
        Assert.Equal((FindingKind.UnknownLabel, folder.File("other.png")), (finding.Kind, finding.Problem.Subject));
        Assert.Throws<DatasetException>(() => dataset.Load(0));
    }

    [Fact]
    public void Resized_brightened_copy_of_an_image_is_found() => Single(FindingKind.NearDuplicate, "images/case1.png", folder =>
    {
        FloatImage image = new ImageReader().Read(folder.File("images/case1.png")).ToFloat();
        FloatImage copy = ImageResizer.Bilinear(image, 100, 120);
        foreach (ref float value in copy.Data)
        {
            value = (0.8f * value) + 0.1f;
        }

        ImageWriter.Write(copy, folder.File("images/copy.png"));
        ImageWriter.Write(Samples.Disc(120, 100), folder.File("masks/copy.png"));
    });

    [Fact]
    public void Padded_copy_of_an_image_in_another_split_is_found()
    {
        FloatImage image = Noise(5, 48, 40).ToFloat();
        var padded = new FloatImage(1, 64, 48);
        for (int y = 0; y < 40; y++)
        {
            image.Row(0, y).CopyTo(padded.Row(0, y));
        }

        DoctorReport report = DatasetDoctor.ExamineSplits(
            [
                ("train", new InMemoryDataset([new Sample("a", image, []), new Sample("b", Noise(6, 48, 40).ToFloat(), [])])),
                ("test", new InMemoryDataset([new Sample("c", padded, [])])),
            ],
            cancellationToken: TestContext.Current.CancellationToken);
        Finding finding = Assert.Single(report.Findings);
        Assert.Equal((FindingKind.DuplicateAcrossSplits, "a"), (finding.Kind, finding.Problem.Subject));
        Assert.Equal(["c"], finding.Related);
    }

    [Fact]
    public void Grey_and_colour_images_together_are_noted()
    {
        DoctorReport report = Examine(folder => ImageWriter.Write(
            Samples.Pixels(48, 40, 3, (x, y, c) => (byte)((x * 5) + (y * 3) + (c * 40))), folder.File("images/case1.png")));
        Finding finding = Assert.Single(report.Findings);
        Assert.Equal((FindingKind.MixedChannels, FindingSeverity.Note), (finding.Kind, finding.Severity));
    }

    [Fact]
    public void Tiny_image_is_found() => Single(FindingKind.ExtremeSize, "images/case1.png", folder =>
    {
        ImageWriter.Write(Noise(1, 12, 10), folder.File("images/case1.png"));
        ImageWriter.Write(Samples.Disc(12, 10), folder.File("masks/case1.png"));
    });

    [Fact]
    public void Folder_that_does_not_exist_is_a_finding()
    {
        DoctorReport report = DatasetDoctor.ExamineFolder("no/such/folder", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(FindingKind.EmptyDataset, Assert.Single(report.Findings).Kind);
        Assert.True(report.HasErrors);
    }

    [Fact]
    public void Dataset_of_a_host_that_throws_is_a_finding()
    {
        DoctorReport report = DatasetDoctor.Examine(new Throwing(), cancellationToken: TestContext.Current.CancellationToken);
        Finding finding = Assert.Single(report.Findings);
        Assert.Equal((FindingKind.Unreadable, "the only one"), (finding.Kind, finding.Problem.Subject));
    }

    [Fact]
    public void Cancellation_ends_the_examination()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => DatasetDoctor.Examine(
            new InMemoryDataset([Samples.Create()]), cancellationToken: source.Token));
    }

    [Fact]
    public void Progress_ends_at_one()
    {
        var progress = new Collected();
        DatasetDoctor.Examine(
            new InMemoryDataset([Samples.Create("a"), Samples.Create("b")]),
            new DoctorOptions { Workers = 1 },
            progress,
            TestContext.Current.CancellationToken);
        Assert.Equal([0.5, 1], progress.Items);
    }

    [Fact]
    public void Report_prints_a_table_of_parts_and_findings()
    {
        string text = Examine(folder => ImageWriter.Write(Samples.Disc(48, 40, 0), folder.File("masks/case1.png"))).ToString();
        Assert.Contains("samples  readable", text, StringComparison.Ordinal);
        Assert.Contains("48×40", text, StringComparison.Ordinal);
        Assert.Contains("Warning: EmptyMask (1)", text, StringComparison.Ordinal);
    }

    /// <summary>Examines a folder of three clean pairs after something was done to it.</summary>
    private static DoctorReport Examine(Action<TemporaryFolder> spoil, FolderDatasetOptions? options = null)
    {
        using var folder = new TemporaryFolder();
        return Examine(folder, spoil, options);
    }

    private static DoctorReport Examine(TemporaryFolder folder, Action<TemporaryFolder> spoil, FolderDatasetOptions? options = null)
    {
        for (int i = 0; i < 3; i++)
        {
            ImageWriter.Write(Noise(i, 48, 40), folder.File($"images/case{i}.png"));
            ImageWriter.Write(Samples.Disc(48, 40), folder.File($"masks/case{i}.png"));
        }

        spoil(folder);
        return DatasetDoctor.ExamineFolder(folder.Root, options, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static void Single(FindingKind kind, string file, Action<TemporaryFolder> spoil)
    {
        using var folder = new TemporaryFolder();
        Finding finding = Assert.Single(Examine(folder, spoil).Findings);
        Assert.Equal((kind, folder.File(file)), (finding.Kind, finding.Problem.Subject));
    }

    /// <summary>A smooth random texture, another one for each seed.</summary>
    private static PixelImage Noise(int seed, int width, int height)
    {
        var random = new SampleRandom(seed, 0, 0);
        FloatImage coarse = new(1, 8, 8);
        foreach (ref float value in coarse.Data)
        {
            value = random.NextSingle();
        }

        FloatImage fine = ImageResizer.Bilinear(coarse, height, width);
        return Samples.Pixels(width, height, 1, (x, y, _) => (byte)(fine[0, y, x] * 255));
    }

    private sealed class Throwing : IDataset
    {
        public int Count => 1;

        public string NameOf(int index) => "the only one";

        public Sample Load(int index) => throw new InvalidOperationException("out of reach");
    }

    private sealed class Collected : IProgress<double>
    {
        public List<double> Items { get; } = [];

        public void Report(double value) => Items.Add(value);
    }
}
