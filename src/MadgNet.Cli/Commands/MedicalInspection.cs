using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using MadgNet.Medical;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;
using Spectre.Console;

namespace MadgNet.Cli.Commands;

/// <summary>What is in a DICOM or NIfTI file or series: pixels and geometry, and nothing of the patient.</summary>
internal static class MedicalInspection
{
    public static int Run(string path, CommandOutput output, CancellationToken cancellation)
    {
        if (Directory.Exists(path) || DicomSeries.IsDirectoryFile(path))
        {
            return Folder(path, output, cancellation);
        }

        output.Result["path"] = path;
        bool read = true;
        if (MedicalFormat.IsNiftiName(path))
        {
            Nifti(NiftiVolume.Read(path), output.Result);
        }
        else
        {
            read = Dicom(DicomFile.Read(path), output);
        }

        Show(output.Result, output);
        return read ? ExitCode.Done : ExitCode.Failed;
    }

    private static int Folder(string path, CommandOutput output, CancellationToken cancellation)
    {
        IReadOnlyList<DicomSeries> series = DicomSeries.Find(path);
        if (series.Count == 0)
        {
            throw new MedicalFileException(
                MedicalFileFault.Foreign, path, "a folder without DICOM images", "the folder of a DICOM series",
                "Check the path, or name a file");
        }

        output.Result["path"] = path;
        var all = new JsonArray();
        bool read = true;
        foreach (DicomSeries one in series)
        {
            cancellation.ThrowIfCancellationRequested();
            JsonObject json = series.Count == 1 ? output.Result : [];
            read &= Series(one, json, output, cancellation);
            if (series.Count > 1)
            {
                all.Add((JsonNode)json);
            }

            Show(json, output);
        }

        if (series.Count > 1)
        {
            output.Result["kind"] = "folder";
            output.Result["series"] = all;
        }

        return read ? ExitCode.Done : ExitCode.Failed;
    }

    private static bool Dicom(DicomFile file, CommandOutput output)
    {
        JsonObject json = output.Result;
        json["kind"] = "dicom";
        json["modality"] = file.Modality;
        json["sopClass"] = file.SopClass;
        json["transferSyntax"] = file.TransferSyntax.Uid;
        json["transferSyntaxName"] = file.TransferSyntax.Name;
        try
        {
            Format(DicomPixelFormat.Of(file), json);
            var image = new DicomImage(file);
            json["spacing"] = Pair(image.Spacing());
            Place(image.Geometry(), json);
            Transform(image, json);
            if (SegFile.IsSegmentation(file))
            {
                Segments(new SegFile(file), json);
            }

            var stored = new ValueStatistics();
            var values = new ValueStatistics();
            for (int frame = 0; frame < image.Frames; frame++)
            {
                Count(image, frame, stored, values);
            }

            json["stored"] = stored.ToJson();
            json["values"] = image.Format.IsColor ? null : values.ToJson();
            return true;
        }
        catch (MedicalFileException error)
        {
            // What the header says is told all the same.
            json["stored"] = null;
            output.Error(error.Problem);
            output.Trace(error);
            return false;
        }
    }

    private static bool Series(DicomSeries series, JsonObject json, CommandOutput output, CancellationToken cancellation)
    {
        json["kind"] = "series";
        json["modality"] = series.Modality;
        json["transferSyntax"] = series.Slices[0].TransferSyntax.Uid;
        json["transferSyntaxName"] = series.Slices[0].TransferSyntax.Name;
        json["rows"] = series.Rows;
        json["columns"] = series.Columns;
        json["frames"] = series.Slices.Count;
        json["spacing"] = Pair(series.Spacing);
        json["sliceDistance"] = series.SliceDistance;
        Place(series.Slices[0].Geometry, json);
        json["findings"] = new JsonArray([.. series.Findings.Select(finding => (JsonNode)Json(finding))]);
        try
        {
            var stored = new ValueStatistics();
            var values = new ValueStatistics();
            bool color = false;
            (string Path, DicomImage Image)? last = null;
            for (int i = 0; i < series.Slices.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                SeriesSlice slice = series.Slices[i];
                if (last is not { } open || open.Path != slice.Path)
                {
                    last = open = (slice.Path, series.Open(i));
                }

                if (i == 0)
                {
                    Format(open.Image.Format, json);
                    json["frames"] = series.Slices.Count;
                    Transform(open.Image, json);
                    color = open.Image.Format.IsColor;
                }

                Count(open.Image, slice.Frame, stored, values);
            }

            json["stored"] = stored.ToJson();
            json["values"] = color ? null : values.ToJson();
            return true;
        }
        catch (MedicalFileException error)
        {
            json["stored"] = null;
            output.Error(error.Problem);
            output.Trace(error);
            return false;
        }
    }

    private static void Nifti(NiftiVolume volume, JsonObject json)
    {
        NiftiHeader header = volume.Header;
        json["kind"] = "nifti";
        json["version"] = header.Version;
        json["shape"] = new JsonArray([.. header.Shape.Select(length => (JsonNode)JsonValue.Create(length))]);
        json["type"] = header.Type.ToString();
        json["bigEndian"] = header.IsBigEndian;
        json["spacing"] = new JsonArray([.. header.Spacing.Select(CommandOutput.Number)]);
        json["slope"] = header.Slope;
        json["intercept"] = header.Intercept;
        json["affine"] = new JsonArray([.. Enumerable.Range(0, 4).Select(row => (JsonNode)new JsonArray(
            [.. Enumerable.Range(0, 4).Select(column => (JsonNode)JsonValue.Create(header.Affine[row, column]))]))]);
        json["axisCodes"] = header.Affine.AxisCodes;
        var values = new ValueStatistics();
        for (long i = 0; i < header.Count; i++)
        {
            values.Add(volume[i]);
        }

        json["values"] = values.ToJson();
    }

    private static void Format(DicomPixelFormat format, JsonObject json)
    {
        json["rows"] = format.Rows;
        json["columns"] = format.Columns;
        json["frames"] = format.Frames;
        json["samplesPerPixel"] = format.SamplesPerPixel;
        json["photometric"] = format.Photometric;
        json["bitsAllocated"] = format.BitsAllocated;
        json["bitsStored"] = format.BitsStored;
        json["signed"] = format.IsSigned;
    }

    private static void Place(SliceGeometry? geometry, JsonObject json)
    {
        json["position"] = geometry is null ? null : Triple(geometry.Position);
        json["orientation"] = geometry is null
            ? null
            : new JsonArray([.. Triple(geometry.AlongRow).Concat(Triple(geometry.AlongColumn)).Select(value => value!.DeepClone())]);
        json["sliceThickness"] = geometry?.Thickness;
    }

    private static void Transform(DicomImage image, JsonObject json)
    {
        if (image.Format.IsColor)
        {
            return;
        }

        ModalityTransform modality = image.Modality();
        json["rescale"] = modality.HasTable
            ? "table"
            : new JsonObject { ["slope"] = modality.Slope, ["intercept"] = modality.Intercept };
        json["windows"] = new JsonArray([.. image.Windows().Select(window => window.HasTable
            ? (JsonNode)JsonValue.Create("table")!
            : new JsonObject
            {
                ["center"] = window.Center,
                ["width"] = window.Width,
                ["function"] = window.Function.ToString()
            })]);
    }

    private static void Segments(SegFile file, JsonObject json)
    {
        json["segmentationType"] = file.Type.ToString().ToUpperInvariant();
        json["segments"] = new JsonArray([.. file.Segments.Select(segment => (JsonNode)new JsonObject
        {
            ["number"] = segment.Number,
            ["label"] = segment.Label,
            ["category"] = Json(segment.Category),
            ["type"] = Json(segment.Type),
            ["algorithm"] = segment.Algorithm.ToString(),
        })]);
    }

    private static void Count(DicomImage image, int frame, ValueStatistics stored, ValueStatistics values)
    {
        int[] raw = image.Stored(frame);
        bool unsigned = image.Format is { BitsAllocated: 32, IsSigned: false };
        foreach (int value in raw)
        {
            stored.Add(unsigned ? (uint)value : value);
        }

        if (!image.Format.IsColor)
        {
            ModalityTransform modality = image.Modality(frame);
            foreach (int value in raw)
            {
                values.Add(modality.Apply(unsigned ? (uint)value : value));
            }
        }
    }

    private static JsonObject Json(Finding finding)
    {
        JsonObject json = CommandOutput.ToJson(finding.Problem);
        json["kind"] = finding.Kind.ToString();
        json["severity"] = finding.Severity.ToString();
        return json;
    }

    private static JsonObject Json(CodedConcept code) => new()
    {
        ["value"] = code.Value,
        ["scheme"] = code.Scheme,
        ["meaning"] = code.Meaning,
    };

    private static JsonArray? Pair(PixelSpacing? spacing) => spacing is { } size ? new JsonArray(size.Row, size.Column) : null;

    private static JsonArray Triple(Point3 point) => new(point.X, point.Y, point.Z);

    private static void Show(JsonObject json, CommandOutput output)
    {
        Table table = new Table().AddColumn("what").AddColumn("value");
        foreach ((string name, JsonNode? value) in json.Where(entry => entry.Value is not null))
        {
            string shown = value is JsonValue text && text.TryGetValue(out string? plain) ? plain : value!.ToJsonString();
            table.AddRow(Shown.Text(name), Shown.Text(shown));
        }

        output.Table(table);
    }
}
