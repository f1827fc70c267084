using System.Text;
using System.Text.Json;
using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Cli.Tests.Commands;

/// <summary>Datasets of DICOM, NIfTI and SEG through the tool: the doctor, predictions that exist already, codes, the patient.</summary>
public sealed class MedicalDataTests(Tool tool)
{
    [Fact]
    public void The_doctor_knows_a_folder_of_series_and_segmentations_and_compares_it_with_another()
    {
        using var workspace = new Workspace();
        Set(workspace.At("train"), patient: 1, slices: 4);
        Set(workspace.At("test"), patient: 2, slices: 4);
        Set(workspace.At("leak"), patient: 1, slices: 4);

        JsonElement clean = tool.Run("doctor", workspace.At("train"), "--window=150:300", "--no-duplicates", "--json").Expect(0).Result;
        JsonElement both = tool.Run(
            "doctor", workspace.At("train"), "--against", workspace.At("leak"), "--against", workspace.At("test"), "--window=150:300",
            "--json").Result;

        Assert.Equal(4, clean.GetProperty("sets")[0].GetProperty("readable").GetInt32());
        Assert.Equal(3, both.GetProperty("sets").GetArrayLength());
        Assert.Equal(4, both.GetProperty("sets")[1].GetProperty("samples").GetInt32());
        Assert.Contains("DuplicateAcrossSplits", Kinds(both));
    }

    [Fact]
    public void The_doctor_tells_of_gaps_machines_spacings_and_syntaxes_that_nobody_reads()
    {
        using var workspace = new Workspace();
        Set(workspace.At("data"), patient: 1, slices: 6);
        File.Delete(Directory.GetFiles(workspace.At("data", "images", "case1"), "*slice3.dcm").Single());
        CtPhantom.Write(workspace.At("data", "images", "other"), slices: 3, change: (index, slice) =>
        {
            slice.SetText(Tags.Modality, DicomVr.CS, "MR")
                .SetText(Tags.SeriesInstance, DicomVr.UI, "2.25.9")
                .SetText(Tags.SopInstance, DicomVr.UI, $"2.25.9{index}")
                .SetNumbers(Tags.PixelSpacing, DicomVr.DS, 3, 3);
            return true;
        });
        Private(workspace.At("data", "images", "private", "a.dcm"));

        ToolResult result = tool.Run("doctor", workspace.At("data"), "--window=150:300", "--no-duplicates", "--json").Expect(1);

        string[] kinds = Kinds(result.Result);
        Assert.Contains("MissingSlices", kinds);
        Assert.Contains("MixedModality", kinds);
        Assert.Contains("MixedSpacing", kinds);
        Assert.Contains("UnsupportedFormat", kinds);
        Assert.Contains("1.2.840.113619.5.77", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", result.Output + result.Error, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Masks that are pictures make pictures of the slices; what they say as a series is told all the same.</summary>
    [Fact]
    public void The_doctor_tells_of_series_whose_masks_are_pictures()
    {
        using var workspace = new Workspace();
        CtPhantom.Write(workspace.At("data", "images"), slices: 6, rows: 40, columns: 40, change: (index, _) => index != 3);
        foreach (string path in Directory.GetFiles(workspace.At("data", "images")))
        {
            Directory.CreateDirectory(workspace.At("data", "masks"));
            var mask = new byte[40 * 40];
            mask.AsSpan(0, 200).Fill(255);
            ImageWriter.Write(
                new PixelImage(width: 40, height: 40, 1, mask),
                workspace.At("data", "masks", Path.GetFileNameWithoutExtension(path) + ".png"));
        }

        JsonElement result = tool.Run("doctor", workspace.At("data"), "--window=150:300", "--no-duplicates", "--json").Result;

        Assert.Equal(5, result.GetProperty("sets")[0].GetProperty("readable").GetInt32());
        Assert.Contains("MissingSlices", Kinds(result));
    }

    [Theory]
    [InlineData("seg", "seg")]
    [InlineData("seg", "nifti")]
    [InlineData("nifti", "seg")]
    [InlineData("nifti", "nifti")]
    public void Evaluate_measures_segmentations_and_nifti_files_that_exist_already_in_millimetres(string predictions, string masks)
    {
        using var workspace = new Workspace();
        CtPhantom.Write(workspace.At("ct"), slices: 3, rows: 20, columns: 24);
        DicomSeries series = DicomSeries.Load(workspace.At("ct"));

        // A square of 6×6 pixels, and the same two columns of 0.7 mm further.
        Write(workspace.At("found", "case1"), predictions, series, (x, y) => x is >= 6 and < 12 && y is >= 6 and < 12);
        Write(workspace.At("true", "case1"), masks, series, (x, y) => x is >= 8 and < 14 && y is >= 6 and < 12);

        JsonElement result = tool.Run(
            "evaluate", "--predictions", workspace.At("found"), "--masks", workspace.At("true"), "--output", workspace.At("report.json"),
            "--json").Expect(0).Result;

        Assert.Equal(3, result.GetProperty("cases").GetInt32());
        Assert.Equal(24.0 / 36, Mean(result, "Dice"), 1e-6);
        Assert.Equal(1.4, Mean(result, "HausdorffDistance"), 1e-4);
        Assert.Contains("case1/001", File.ReadAllText(workspace.At("report.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_tells_of_predictions_and_truths_without_partner()
    {
        using var workspace = new Workspace();
        CtPhantom.Write(workspace.At("ct"), slices: 2, rows: 20, columns: 24);
        DicomSeries series = DicomSeries.Load(workspace.At("ct"));
        Write(workspace.At("found", "one"), "nifti", series, (x, _) => x > 5);
        Write(workspace.At("true", "one"), "nifti", series, (x, _) => x > 5);
        Write(workspace.At("true", "two"), "nifti", series, (x, _) => x > 5);
        string[] arguments = ["evaluate", "--predictions", workspace.At("found"), "--masks", workspace.At("true"), "--json"];

        ToolResult refused = tool.Run(arguments).Expect(1);

        Assert.Contains(refused.Errors, error => error.Contains("two.nii.gz", StringComparison.Ordinal));
        Assert.Equal(2, tool.Run([.. arguments, "--skip-unpaired"]).Expect(0).Result.GetProperty("cases").GetInt32());
    }

    [Fact]
    public void Predict_writes_the_codes_that_a_file_names_for_its_labels()
    {
        using var workspace = new Workspace();
        CtPhantom.Write(workspace.At("ct"), slices: 2, rows: 40, columns: 40);
        string codes = workspace.At("codes.json");
        const string Label = "lung";
        File.WriteAllText(codes, $$"""
            {
              "{{Label}}": {
                "category": { "value": "123037004", "scheme": "SCT", "meaning": "Anatomical Structure" },
                "type": { "value": "39607008", "scheme": "SCT", "meaning": "Lung" },
                "description": "Both lungs",
                "color": "#50A0FF"
              }
            }
            """);
        string[] arguments =
        [
            "predict", "--weights", tool.Trained.Weights, "--input", workspace.At("ct"), "--output", workspace.At("out"), "--size", "64",
            "--label-names", Label, "--json",
        ];

        tool.Run([.. arguments, "--format", "seg", "--seg-codes", codes]).Expect(0);

        SegSegment segment = Assert.Single(SegFile.Read(workspace.At("out", "ct.seg.dcm")).Segments);
        Assert.Equal(CodedConcept.AnatomicalStructure, segment.Category);
        Assert.Equal(new CodedConcept("39607008", "SCT", "Lung"), segment.Type);
        Assert.Equal((Label, "Both lungs"), (segment.Label, segment.Description));
        JsonElement shown = tool.Run("inspect", workspace.At("out", "ct.seg.dcm"), "--json").Expect(0).Result.GetProperty("segments")[0];
        Assert.Equal("39607008", shown.GetProperty("type").GetProperty("value").GetString());
        tool.Run([.. arguments, "--seg-codes", codes]).Expect(2);
        foreach (string wrong in (string[])[
            "{", "[]", "{\"other\": {}}", $"{{\"{Label}\": null}}", $"{{\"{Label}\": {{\"colour\": 1}}}}",
            $"{{\"{Label}\": {{\"color\": \"blue\"}}}}", $"{{\"{Label}\": {{\"type\": {{\"value\": \"1\"}}}}}}"])
        {
            File.WriteAllText(codes, wrong);
            ToolResult refused = tool.Run([.. arguments, "--format", "seg", "--seg-codes", codes]).Expect(2);
            Assert.Contains(refused.Errors, error => error.Contains("--seg-codes", StringComparison.Ordinal));
        }
    }

    /// <summary>The keys of the documents are what scripts rely on.</summary>
    [Theory]
    [InlineData("CT_small.dcm", "dicom", "rows columns frames spacing photometric transferSyntax stored")]
    [InlineData("functional.nii", "nifti", "shape affine values")]
    [InlineData("example_nifti2.nii.gz", "nifti", "shape affine values")]
    [InlineData("", "series", "rows columns frames spacing photometric transferSyntax stored")]
    public void Inspect_spells_its_keys_as_documented(string name, string kind, string keys)
    {
        using var workspace = new Workspace();
        CtPhantom.Write(workspace.At("ct"), slices: 2);

        JsonElement result = tool.Run(
            "inspect", name.Length == 0 ? workspace.At("ct") : MedicalFixtures.PathOf(name), "--json").Expect(0).Result;

        Assert.Equal(kind, result.GetProperty("kind").GetString());
        Assert.All(keys.Split(' '), key => Assert.True(result.TryGetProperty(key, out _), key));
        JsonElement figures = result.GetProperty(kind == "nifti" ? "values" : "stored");
        Assert.Equal(["min", "max", "mean"], figures.EnumerateObject().Select(figure => figure.Name));
    }

    [Fact]
    public void Inspect_and_predict_take_a_dicomdir()
    {
        using var workspace = new Workspace();
        string[] paths = CtPhantom.Write(workspace.At("medium", "CT"), slices: 3, rows: 40, columns: 40);
        DicomWriter.Write(
            new DicomDataset()
                .SetText(Tags.SopClass, DicomVr.UI, "1.2.840.10008.1.3.10")
                .SetText(Tags.SopInstance, DicomVr.UI, "2.25.9")
                .SetItems(Tags.DirectoryRecordSequence, [.. paths.Select(path => new DicomDataset()
                    .SetText(Tags.ReferencedFileId, DicomVr.CS, "CT", Path.GetFileName(path)))]),
            workspace.At("medium", "DICOMDIR"));

        JsonElement seen = tool.Run("inspect", workspace.At("medium", "DICOMDIR"), "--json").Expect(0).Result;
        tool.Run(
            "predict", "--weights", tool.Trained.Weights, "--input", workspace.At("medium", "DICOMDIR"), "--output", workspace.At("out"),
            "--format", "nifti", "--size", "64").Expect(0);

        Assert.Equal(("series", 3), (seen.GetProperty("kind").GetString(), seen.GetProperty("frames").GetInt32()));
        Assert.Equal(["CT.nii.gz"], Directory.GetFiles(workspace.At("out")).Select(Path.GetFileName));
    }

    /// <summary>Names, numbers, dates and the physician of the phantom do not come through in anything that is written or said.</summary>
    [Fact]
    public void Nothing_of_the_patient_is_in_any_file_name_picture_report_or_message()
    {
        using var workspace = new Workspace();
        Set(workspace.At("data"), patient: 1, slices: 3);
        string images = workspace.At("data", "images");
        var said = new StringBuilder();
        foreach (string[] format in (string[][])[["png", "--overlay", "--probabilities"], ["nifti", "--probabilities"], ["seg"]])
        {
            ToolResult result = tool.Run([
                "predict", "--weights", tool.Trained.Weights, "--input", images, "--recursive", "--output", workspace.At("out", format[0]),
                "--size", "64", "--verbose", "--format", .. format
            ]).Expect(0);
            said.Append(result.Output).Append(result.Error);
        }

        foreach (string[] arguments in (string[][])[
            ["inspect", images], ["inspect", images, "--json"],
            ["doctor", workspace.At("data"), "--verbose", "--output", workspace.At("out", "doctor.html")],
            ["evaluate", "--weights", tool.Trained.Weights, "--images", images, "--masks", workspace.At("data", "masks"), "--size", "64",
                "--output", workspace.At("out", "report.json"), "--verbose"],
        ])
        {
            ToolResult result = tool.Run(arguments);
            said.Append(result.Output).Append(result.Error);
        }

        string[] secrets = ["Secret", "19700101", "A-77", "S-88", "20200102"];
        string[] written = Directory.GetFiles(workspace.At("out"), "*", SearchOption.AllDirectories);
        Assert.True(written.Length > 10);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, said.ToString(), StringComparison.OrdinalIgnoreCase));
        foreach (string path in written)
        {
            string content = Path.GetRelativePath(workspace.Root, path) + Encoding.Latin1.GetString(File.ReadAllBytes(path));
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, content, StringComparison.OrdinalIgnoreCase));
        }
    }

    private static string[] Kinds(JsonElement doctor) =>
        [.. doctor.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("kind").GetString()!)];

    private static double Mean(JsonElement evaluated, string metric) => evaluated.GetProperty("metrics").EnumerateArray()
        .Single(entry => entry.GetProperty("metric").GetString() == metric).GetProperty("mean").GetDouble();

    /// <summary>A set as a hospital might keep it: images/caseN of one series, masks with one segmentation.</summary>
    private static void Set(string folder, int patient, int slices)
    {
        string images = Path.Combine(folder, "images", $"case{patient}");
        CtPhantom.Write(images, slices, rows: 40 + patient, columns: 40, change: (index, slice) =>
        {
            slice.SetText(Tags.SeriesInstance, DicomVr.UI, $"2.25.77{patient}")
                .SetText(Tags.SopInstance, DicomVr.UI, $"2.25.78{patient}{index}");
            return true;
        });
        DicomSeries series = DicomSeries.Load(images);
        var writer = new SegWriter(series, [new SegSegment { Label = "Ball" }]);
        for (int i = 0; i < slices; i++)
        {
            writer.Add(i, 1, [.. series.Open(i).Values().Select(value => value > 150 ? (byte)1 : (byte)0)]);
        }

        Directory.CreateDirectory(Path.Combine(folder, "masks"));
        writer.Save(Path.Combine(folder, "masks", "drawn.dcm"));
    }

    private static void Write(string stem, string form, DicomSeries series, Func<int, int, bool> inside)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(stem)!);
        byte[] mask = [.. Enumerable.Range(0, series.Rows * series.Columns)
            .Select(i => inside(i % series.Columns, i / series.Columns) ? (byte)1 : (byte)0)];
        if (form == "nifti")
        {
            var masks = new VolumeMasks(new DicomStack(series));
            for (int i = 0; i < series.Slices.Count; i++)
            {
                masks.Set(i, [.. mask.Select(value => (float)value)]);
            }

            masks.SaveMask(stem + ".nii.gz");
            return;
        }

        var writer = new SegWriter(series, [new SegSegment { Label = "Ball" }]);
        for (int i = 0; i < series.Slices.Count; i++)
        {
            writer.Add(i, 1, mask);
        }

        writer.Save(stem + ".dcm");
    }

    /// <summary>A slice that is compressed in a way that its maker alone knows.</summary>
    private static void Private(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] content = DicomWriter.Encode(CtPhantom.Slice(0, 1, 8, 8, 1)
            .SetText(Tags.SeriesInstance, DicomVr.UI, "2.25.88")
            .SetText(Tags.SopInstance, DicomVr.UI, "2.25.89"));
        int at = content.AsSpan().IndexOf("1.2.840.10008.1.2.1\0"u8);
        "1.2.840.113619.5.77\0"u8.CopyTo(content.AsSpan(at));
        File.WriteAllBytes(path, content);
    }
}
