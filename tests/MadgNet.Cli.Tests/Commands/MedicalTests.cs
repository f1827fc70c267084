using System.Text.Json;
using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Cli.Tests.Commands;

/// <summary>DICOM and NIfTI through the tool.</summary>
public sealed class MedicalTests(Tool tool)
{
    public static TheoryData<string> Dicom =>
    [
        "CT_small.dcm", "SC_rgb_rle_2frame.dcm", "dx_image.dcm", "rtdose.dcm", "seg_image_ct_binary_overlap.dcm", "SC_rgb_jpeg_dcmtk.dcm"
    ];

    [Theory]
    [MemberData(nameof(Dicom))]
    public void Inspect_tells_what_pydicom_tells_of_a_dicom_file(string name)
    {
        JsonElement expected = MedicalFixtures.Expected(name);

        JsonElement result = tool.Run("inspect", MedicalFixtures.PathOf(name), "--json").Expect(0).Result;

        Assert.Equal("dicom", result.GetProperty("kind").GetString());
        Assert.Equal(expected.GetProperty("Rows").GetInt32(), result.GetProperty("rows").GetInt32());
        Assert.Equal(expected.GetProperty("Columns").GetInt32(), result.GetProperty("columns").GetInt32());
        Assert.Equal(expected.GetProperty("PhotometricInterpretation").GetString(), result.GetProperty("photometric").GetString());
        Assert.Equal(expected.GetProperty("transfer_syntax").GetString(), result.GetProperty("transferSyntax").GetString());
        Assert.Equal(
            expected.TryGetProperty("NumberOfFrames", out JsonElement frames) ? frames.GetInt32() : 1,
            result.GetProperty("frames").GetInt32());
        foreach (string figure in new[] { "min", "max", "mean" })
        {
            Assert.Equal(
                expected.GetProperty("stored").GetProperty(figure).GetDouble(),
                result.GetProperty("stored").GetProperty(figure).GetDouble(),
                1e-6);
        }

        if (expected.TryGetProperty("PixelSpacing", out JsonElement spacing))
        {
            Assert.Equal(MedicalFixtures.Doubles(spacing), MedicalFixtures.Doubles(result.GetProperty("spacing")));
        }
    }

    [Fact]
    public void Inspect_tells_what_nibabel_tells_of_a_nifti_file()
    {
        JsonElement expected = MedicalFixtures.Expected("functional.nii");

        JsonElement result = tool.Run("inspect", MedicalFixtures.PathOf("functional.nii"), "--json").Expect(0).Result;

        Assert.Equal("nifti", result.GetProperty("kind").GetString());
        Assert.Equal("[17,21,3,20]", result.GetProperty("shape").ToString().Replace("\n", "").Replace(" ", ""));
        Assert.Equal(
            expected.GetProperty("affine").EnumerateArray().SelectMany(MedicalFixtures.Doubles),
            result.GetProperty("affine").EnumerateArray().SelectMany(MedicalFixtures.Doubles));
        Assert.Equal(
            expected.GetProperty("values").GetProperty("mean").GetDouble(),
            result.GetProperty("values").GetProperty("mean").GetDouble(),
            1e-6);
    }

    [Fact]
    public void Inspect_tells_of_a_series_its_findings_and_nothing_of_the_patient()
    {
        using var workspace = new Workspace();
        CtPhantom.Write(workspace.At("ct"), slices: 6, change: (index, _) => index != 3);

        ToolResult result = tool.Run("inspect", workspace.At("ct"), "--json").Expect(0);
        ToolResult text = tool.Run("inspect", workspace.At("ct")).Expect(0);

        Assert.Equal("series", result.Result.GetProperty("kind").GetString());
        Assert.Equal(5, result.Result.GetProperty("frames").GetInt32());
        Assert.Equal([0.8, 0.7], MedicalFixtures.Doubles(result.Result.GetProperty("spacing")));
        Assert.Equal(1324, result.Result.GetProperty("stored").GetProperty("max").GetDouble());
        Assert.Equal("MissingSlices", result.Result.GetProperty("findings")[0].GetProperty("kind").GetString());
        Assert.DoesNotContain("SECRET", result.Output + result.Error + text.Output + text.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("JPEG2000.dcm", "JPEG 2000")]
    [InlineData("MR_truncated.dcm", "(7FE0,0010)")]
    public void Inspect_refuses_what_cannot_be_read_by_name(string name, string named)
    {
        ToolResult result = tool.Run("inspect", MedicalFixtures.PathOf(name), "--json");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(result.Errors, error => error.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public void Predict_writes_pictures_nifti_and_seg_on_the_grid_of_a_series()
    {
        using var workspace = new Workspace();
        CtPhantom.Write(workspace.At("ct"), slices: 3, rows: 40, columns: 48);
        DicomSeries series = DicomSeries.Load(workspace.At("ct"));
        ToolResult Predict(string format, params string[] more) => tool.Run([
            "predict", "--weights", tool.Trained.Weights, "--input", workspace.At("ct"), "--output", workspace.At(format), "--format",
            format, "--size", "64", "--threshold", "0.4", "--json", .. more
        ]);

        JsonElement png = Predict("png", "--overlay").Expect(0).Result;
        JsonElement nifti = Predict("nifti", "--probabilities").Expect(0).Result;
        JsonElement seg = Predict("seg").Expect(0).Result;

        byte[][] masks = [.. series.Slices.Select(slice => new ImageReader()
            .Read(workspace.At("png", "ct", Path.GetFileNameWithoutExtension(slice.Path) + ".png")).Bytes.ToArray())];
        SegFile written = SegFile.Read(workspace.At("seg", "ct.seg.dcm"));
        NiftiVolume volume = NiftiVolume.Read(workspace.At("nifti", "ct.nii.gz"));
        Assert.Equal([48, 40, 3], volume.Header.Shape);
        double[] values = volume.Values();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(48 * 40, masks[i].Length);
            Assert.Equal(masks[i].Select(value => value / 255.0), values.Skip(i * 48 * 40).Take(48 * 40));
            Assert.Equal(masks[i].Select(value => value / 255f), written.Mask(1, series.Slices[i]).Data.ToArray());
        }

        // DICOM's first pixel, −20, −30, −5, with x and y turned round.
        Assert.Equal((20, 30, -5), (volume.Header.Affine.Origin.X, volume.Header.Affine.Origin.Y, volume.Header.Affine.Origin.Z));
        Assert.True(File.Exists(workspace.At("nifti", "ct.prob.nii.gz")));
        Assert.Equal(6, Directory.GetFiles(workspace.At("png", "ct")).Length);
        Assert.Equal(["ct.seg.dcm"], Directory.GetFiles(workspace.At("seg")).Select(Path.GetFileName));
        Assert.Equal([0.8, 0.7], MedicalFixtures.Doubles(seg.GetProperty("files")[0].GetProperty("spacing")));
        Assert.Equal(
            png.GetProperty("files")[0].GetProperty("foreground")[0].GetDouble(),
            nifti.GetProperty("files")[0].GetProperty("foreground")[0].GetDouble());
        Assert.True(written.BelongsTo(series));
        Assert.Contains(
            "sha256:",
            DicomFile.Read(written.Name).Dataset.Sequence(Tags.SegmentSequence)[0].Sequence(Tags.AlgorithmIdentification)[0]
                .Text(Tags.AlgorithmVersion),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_writes_nifti_on_the_grid_of_a_nifti_file_and_refuses_seg_for_it()
    {
        using var workspace = new Workspace();
        string[] arguments = [
            "predict", "--weights", tool.Trained.Weights, "--input", MedicalFixtures.PathOf("standard.nii.gz"), "--output",
            workspace.At("out"), "--size", "64", "--json"
        ];

        tool.Run([.. arguments, "--format", "nifti"]).Expect(0);
        ToolResult refused = tool.Run([.. arguments, "--format", "seg"]);

        NiftiVolume source = NiftiVolume.Read(MedicalFixtures.PathOf("standard.nii.gz"));
        NiftiVolume written = NiftiVolume.Read(workspace.At("out", "standard.nii.gz"));
        Assert.Equal(source.Header.Shape, written.Header.Shape);
        Assert.Equal(source.Header.Affine, written.Header.Affine);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(refused.Errors, error => error.Contains("--format nifti", StringComparison.Ordinal));
        Assert.Equal(["standard.nii.gz"], Directory.GetFiles(workspace.At("out")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_format_of_volumes_for_pictures_is_a_usage_error()
    {
        using var workspace = new Workspace();

        ToolResult result = tool.Run(
            "predict", "--weights", tool.Trained.Weights, "--input", tool.Trained.Images, "--output", workspace.At("out"), "--format",
            "seg", "--json");

        result.Expect(2);
        Assert.False(Directory.Exists(workspace.At("out")));
    }

    [Fact]
    public void Train_and_evaluate_take_series_with_segmentations_and_the_doctor_knows_them()
    {
        using var workspace = new Workspace();
        for (int patient = 1; patient <= 2; patient++)
        {
            string folder = workspace.At("images", $"case{patient}");
            int own = patient;
            CtPhantom.Write(folder, slices: 3, rows: 48, columns: 48, change: (_, slice) =>
            {
                slice.SetText(Tags.SeriesInstance, DicomVr.UI, $"2.25.77{own}")
                    .SetText(Tags.SopInstance, DicomVr.UI, $"{slice.Text(Tags.SopInstance)}{own}");
                return true;
            });
            DicomSeries series = DicomSeries.Load(folder);
            var writer = new SegWriter(series, [new SegSegment { Label = "Ball" }]);
            for (int i = 0; i < 3; i++)
            {
                writer.Add(i, 1, [.. series.Open(i).Values().Select(value => value > 150 ? (byte)1 : (byte)0)]);
            }

            Directory.CreateDirectory(workspace.At("masks"));
            writer.Save(workspace.At("masks", $"{patient}.dcm"));
        }

        string[] data = ["--images", workspace.At("images"), "--masks", workspace.At("masks")];
        tool.Run([
            "train", .. data, "--output", workspace.At("run"), "--epochs", "1", "--batch", "2", "--size", "32", "--window=150:300",
            "--validation", "0.5", "--seed", "1", "--json"
        ]).Expect(0);
        JsonElement evaluated = tool.Run([
            "evaluate", "--weights", Directory.GetFiles(workspace.At("run"), "best*.safetensors").Order().First(), .. data, "--json"
        ]).Expect(0).Result;
        JsonElement doctor = tool.Run(["doctor", .. data, "--no-duplicates", "--json"]).Result;

        Assert.Equal(6, evaluated.GetProperty("cases").GetInt32());
        Assert.Equal(6, doctor.GetProperty("sets")[0].GetProperty("samples").GetInt32());
        Assert.Equal(6, doctor.GetProperty("sets")[0].GetProperty("readable").GetInt32());
        string[] first = [.. File.ReadAllLines(Directory.GetFiles(workspace.At("run"), "split*").Single())
            .Where(line => line.Contains("case1/", StringComparison.Ordinal))];
        Assert.Equal(3, first.Length);
        Assert.Single(first.Select(line => line.Split(',')[0]).Distinct());
    }
}
