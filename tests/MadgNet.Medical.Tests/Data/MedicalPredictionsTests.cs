using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Data;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Data;

/// <summary>Masks that exist already, against truths, in every mixture of DICOM SEG and NIfTI.</summary>
public class MedicalPredictionsTests
{
    private const int Rows = 6;
    private const int Columns = 8;
    private const int Slices = 4;

    public static TheoryData<string, string> Mixtures => new()
    {
        { "seg", "seg" }, { "seg", "nifti" }, { "seg", "turned" }, { "nifti", "seg" }, { "turned", "seg" }, { "nifti", "nifti" },
        { "labelmap", "seg" }, { "fractional", "nifti" }, { "all", "seg" },
    };

    [Theory]
    [MemberData(nameof(Mixtures))]
    public void Every_slice_of_prediction_and_truth_is_a_case_on_one_grid(string prediction, string truth)
    {
        using var folder = new TemporaryFolder();
        DicomSeries series = Series(folder);
        Write(folder.File("found/case1"), prediction, series, Found);
        Write(folder.File("true/case1_seg"), truth, series, True);

        Assert.True(MedicalPredictions.Recognizes(folder.File("found"), folder.File("true")));
        var cases = new MedicalPredictions(folder.File("found"), folder.File("true"));

        Assert.Equal(Slices, cases.Count);
        Assert.Equal(["case1/000", "case1/001", "case1/002", "case1/003"], Enumerable.Range(0, Slices).Select(cases.NameOf));
        for (int i = 0; i < Slices; i++)
        {
            LoadedPrediction read = cases.Load(i);
            Assert.Equal(new PixelSpacing(row: 0.8, column: 0.7), Rounded(cases.SpacingOf(i)!.Value));
            Assert.Equal(Found(i), read.Probability.Data.ToArray().Select(value => (byte)value));
            Assert.Equal(True(i), Assert.Single(read.Truth).Data.ToArray().Select(value => (byte)value));
        }
    }

    [Fact]
    public void Probabilities_beside_a_mask_are_what_is_measured()
    {
        using var folder = new TemporaryFolder();
        DicomSeries series = Series(folder);
        Write(folder.File("true/case1"), "nifti", series, True);
        Write(folder.File("found/case1"), "nifti", series, Found);
        var maps = new VolumeMasks(new DicomStack(series));
        for (int i = 0; i < Slices; i++)
        {
            maps.Set(i, [.. Enumerable.Repeat(0.25f, Rows * Columns)]);
        }

        maps.SaveProbability(folder.File("found/case1.prob.nii.gz"));

        LoadedPrediction read = new MedicalPredictions(folder.File("found"), folder.File("true")).Load(1);

        Assert.All(read.Probability.Data.ToArray(), value => Assert.Equal(0.25f, value));
    }

    [Fact]
    public void Labels_are_files_of_their_names_or_segments_or_numbers()
    {
        using var folder = new TemporaryFolder();
        DicomSeries series = Series(folder);
        Write(folder.File("files/case1_ball"), "nifti", series, Found);
        Write(folder.File("files/case1_rest"), "nifti", series, True);
        var writer = new SegWriter(series, [new SegSegment { Label = "Rest" }, new SegSegment { Label = "Ball" }]);
        for (int i = 0; i < Slices; i++)
        {
            writer.Add(i, 1, True(i));
            writer.Add(i, 2, Found(i));
        }

        Directory.CreateDirectory(folder.File("seg"));
        writer.Save(folder.File("seg/case1.dcm"));
        var named = new FolderDatasetOptions
        {
            Labels = [LabelSource.MaskFiles("ball", "_ball"), LabelSource.MaskFiles("rest", "_rest")],
        };

        LoadedPrediction read = new MedicalPredictions(folder.File("files"), folder.File("seg"), named).Load(1);
        LoadedPrediction numbered = new MedicalPredictions(
            folder.File("seg"), folder.File("files"), named, null, [[2], [1]]).Load(1);

        byte[] expected = [.. Found(1), .. True(1)];
        Assert.Equal(expected, read.Probability.Data.ToArray().Select(value => (byte)value));
        Assert.Equal(expected, read.Truth.SelectMany(plane => plane.Data.ToArray()).Select(value => (byte)value));
        Assert.Equal(expected, numbered.Probability.Data.ToArray().Select(value => (byte)value));
        DatasetException refusal = Assert.Throws<DatasetException>(() => new MedicalPredictions(
            folder.File("files"), folder.File("seg"), named with { Labels = [.. named.Labels, LabelSource.MaskFiles("liver", "_liver")] }));
        Assert.Contains("liver", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_partner_is_refused_or_a_finding()
    {
        using var folder = new TemporaryFolder();
        DicomSeries series = Series(folder);
        Write(folder.File("found/case1"), "seg", series, Found);
        Write(folder.File("found/alone"), "nifti", series, Found);
        Write(folder.File("true/case1"), "seg", series, True);
        File.Copy(MedicalFixtures.PathOf("23x38x3_seg_label.seg"), folder.File("true/liver.seg"));

        DatasetException refusal = Assert.Throws<DatasetException>(
            () => new MedicalPredictions(folder.File("found"), folder.File("true")));
        var rest = new MedicalPredictions(
            folder.File("found"), folder.File("true"), new FolderDatasetOptions { Unpaired = UnpairedFiles.LeaveOut });

        Assert.Equal(2, refusal.Problems.Count);
        Assert.Equal(Slices, rest.Count);
        Assert.Equal(
            [FindingKind.MissingMask, FindingKind.MissingImage], rest.Findings.Select(finding => finding.Kind).Order());
    }

    [Theory]
    [InlineData("seg")]
    [InlineData("nifti")]
    public void Masks_on_different_grids_are_refused(string truth)
    {
        using var folder = new TemporaryFolder();
        DicomSeries series = Series(folder);
        Write(folder.File("true/case1"), truth, series, True);
        Directory.CreateDirectory(folder.File("found"));
        NiftiWriter.WriteBytes(
            folder.File("found/case1.nii"),
            new byte[Rows * Columns * Slices],
            [Columns, Rows, Slices],
            new Affine(1, 0, 0, 0.3, 0, 1, 0, 0.3, 0, 0, 1, 0.3));

        Assert.Contains(
            "another grid",
            Assert.Throws<DatasetException>(() => new MedicalPredictions(folder.File("found"), folder.File("true"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_are_not_recognized()
    {
        using var folder = new TemporaryFolder();
        DicomSeries series = Series(folder);
        Write(folder.File("true/case1"), "seg", series, True);
        folder.Write("found/a.png", "no matter"u8);

        Assert.False(MedicalPredictions.Recognizes(folder.File("found"), folder.File("true")));
        Assert.False(MedicalPredictions.Recognizes(folder.File("true"), folder.File("images")));
        Assert.Throws<DatasetException>(() => new MedicalPredictions(folder.File("missing"), folder.File("true")));
    }

    /// <summary>Nothing in the last slice: what is predicted there is as empty as the truth.</summary>
    private static byte[] Found(int slice) => [.. Enumerable.Range(0, Rows * Columns).Select(
        i => slice < 3 && i % Columns > slice && i / Columns < 4 ? (byte)1 : (byte)0)];

    private static byte[] True(int slice) => [.. Enumerable.Range(0, Rows * Columns).Select(
        i => slice is 1 or 2 && i % Columns > slice + 1 && i / Columns > 0 ? (byte)1 : (byte)0)];

    private static PixelSpacing Rounded(PixelSpacing spacing) => new(Math.Round(spacing.Row, 5), Math.Round(spacing.Column, 5));

    private static DicomSeries Series(TemporaryFolder folder)
    {
        CtPhantom.Write(folder.File("images/ct"), Slices, Rows, Columns);
        return DicomSeries.Load(folder.File("images/ct"));
    }

    private static void Write(string stem, string form, DicomSeries series, Func<int, byte[]> mask)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(stem)!);
        if (form is "nifti" or "turned")
        {
            var masks = new VolumeMasks(new DicomStack(series));
            for (int i = 0; i < Slices; i++)
            {
                masks.Set(i, [.. mask(i).Select(value => (float)value)]);
            }

            masks.SaveMask(stem + ".nii.gz");
            if (form == "turned")
            {
                TurnedNifti.Turn(stem + ".nii.gz");
            }

            return;
        }

        var writer = new SegWriter(series, [new SegSegment { Label = "Ball" }], new SegOptions
        {
            Type = form switch
            {
                "labelmap" => SegmentationType.LabelMap,
                "fractional" => SegmentationType.Fractional,
                _ => SegmentationType.Binary,
            },
            KeepEmptyFrames = form == "all",
        });
        for (int i = 0; i < Slices; i++)
        {
            writer.Add(i, 1, mask(i));
        }

        writer.Save(stem + ".dcm");
    }
}
