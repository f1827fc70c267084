using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data;

/// <summary>Real sets, beside the repository where they are available. Oracle: the counts and quirks that their README lists.</summary>
public sealed class SharedSetsTests
{
    [Theory]
    [InlineData("busi", 85)]
    [InlineData("stu", 42)]
    [InlineData("dsb2018", 100)]
    [InlineData("monuseg2018", 44)]
    [InlineData("isbi2012_membrane", 30)]
    [InlineData("kvasir_seg", 150)]
    [InlineData("cvc_clinicdb", 102)]
    [InlineData("cvc_colondb", 19)]
    [InlineData("endoscene", 24)]
    [InlineData("etis", 20)]
    [InlineData("ph2", 80)]
    [InlineData("ham10000", 36)]
    [InlineData("drive", 20)]
    [InlineData("covid_ct", 24)]
    [InlineData("lung_ct", 22)]
    public void Set_loads_whole(string name, int count)
    {
        var dataset = new FolderDataset(SharedFolder.Require($"data/{name}"));
        Assert.Equal(count, dataset.Count);
        Sample sample = dataset.Load(count - 1);
        Assert.Equal(3, sample.Image.Channels);
        Assert.InRange(sample.Masks[0].Data.ToArray().Average(), 0.0005, 0.9995);
    }

    [Fact]
    public void Fundus_set_has_a_label_for_each_folder_of_masks()
    {
        var dataset = PublishedDataset.DrishtiGS.OpenAll(SharedFolder.Require("data/drishti_gs"));
        Assert.Equal(101, dataset.Count);
        Assert.Equal(["cup", "disc"], dataset.Labels);
        Sample sample = dataset.Load(0);
        float[] cup = sample.Masks[0].Data.ToArray();
        float[] disc = sample.Masks[1].Data.ToArray();
        Assert.True(cup.Sum() > 0 && cup.Sum() < disc.Sum());
        Assert.DoesNotContain(true, cup.Zip(disc, (inner, outer) => inner > outer));
    }

    [Fact]
    public void Two_folders_of_masks_are_not_mixed_silently()
    {
        string path = SharedFolder.Require("data/drishti_gs");
        var error = Assert.Throws<DatasetException>(() => new FolderDataset(path));
        Assert.Contains("masks_cup", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_reports_the_masks_of_other_sizes()
    {
        DoctorReport report = Examine("stu");
        Assert.Equal(36, report.Findings.Count);
        Assert.All(report.Findings, finding => Assert.Equal(FindingKind.SizeMismatch, finding.Kind));
    }

    [Fact]
    public void Doctor_finds_the_near_duplicates_of_ultrasound()
    {
        DoctorReport report = Examine("busi");
        Assert.Equal(
            ["malignant (4), malignant (5)", "malignant (7), malignant (8), malignant (9)"],
            report.Findings.Where(finding => finding.Kind == FindingKind.NearDuplicate).Select(Names).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Doctor_finds_the_near_duplicates_of_colonoscopy()
    {
        // Besides the README's 2/4/6, 3/5 and 8/10: 1 shows the polyp of 2, 4 and 6, and 9 that of 7, a moment apart.
        Assert.Equal(["1, 2, 4, 6", "10, 8", "3, 5", "7, 9"], Examine("etis").Findings.Select(Names).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Doctor_finds_a_duplicate_across_splits()
    {
        var dataset = new FolderDataset(SharedFolder.Require("data/busi"));
        IDataset one = dataset.Where(name => name is "malignant (4)" or "malignant (10)");
        IDataset other = dataset.Where(name => name is "malignant (5)" or "malignant (12)");
        DoctorReport report = DatasetDoctor.ExamineSplits(
            [("train", one), ("test", other)], cancellationToken: TestContext.Current.CancellationToken);
        Finding finding = Assert.Single(report.Findings, finding => finding.Kind == FindingKind.DuplicateAcrossSplits);
        Assert.Contains("train/malignant (4), test/malignant (5)", finding.Problem.Received, StringComparison.Ordinal);
    }

    /// <summary>
    /// The README warns that the two may overlap, as EndoScene was put together of ClinicDB frames too. These subsets do not:
    /// the most similar pair of them correlates at less than one half.
    /// </summary>
    [Fact]
    public void Doctor_finds_no_overlap_between_the_two_colonoscopy_subsets()
    {
        DoctorReport report = DatasetDoctor.ExamineSplits(
            [("train",
                new FolderDataset(SharedFolder.Require("data/cvc_clinicdb"))), ("test",
                    new FolderDataset(SharedFolder.Require("data/endoscene")))],
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.DoesNotContain(report.Findings, finding => finding.Kind == FindingKind.DuplicateAcrossSplits);
    }

    [Fact]
    public void Doctor_finds_a_padded_copy_of_a_frame_across_splits()
    {
        var frames = new FolderDataset(SharedFolder.Require("data/cvc_clinicdb"));
        Sample frame = frames.Load(40);
        Sample copy = new Letterbox(300, 512).Apply(frame, new Random(1)) with { Name = "copy" };
        DoctorReport report = DatasetDoctor.ExamineSplits(
            [("train", frames), ("test", new InMemoryDataset([copy]))], cancellationToken: TestContext.Current.CancellationToken);
        Finding finding = Assert.Single(report.Findings, finding => finding.Kind == FindingKind.DuplicateAcrossSplits);
        Assert.Contains($"train/{frames.NameOf(40)}, test/copy", finding.Problem.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dsb2018")]
    [InlineData("monuseg2018")]
    [InlineData("isbi2012_membrane")]
    [InlineData("kvasir_seg")]
    [InlineData("cvc_clinicdb")]
    [InlineData("cvc_colondb")]
    [InlineData("ph2")]
    [InlineData("ham10000")]
    [InlineData("drive")]
    [InlineData("lung_ct")]
    public void Doctor_raises_no_false_alarm_on_a_clean_set(string name)
    {
        IReadOnlyList<Finding> findings = Examine(name).Findings;
        Assert.True(findings.Count == 0, string.Join(Environment.NewLine, findings));
    }

    private static DoctorReport Examine(string name) =>
        DatasetDoctor.ExamineFolder(SharedFolder.Require($"data/{name}"), cancellationToken: TestContext.Current.CancellationToken);

    private static string Names(Finding finding) =>
        string.Join(", ", new[] { finding.Problem.Subject }.Concat(finding.Related).Select(Path.GetFileNameWithoutExtension));
}
