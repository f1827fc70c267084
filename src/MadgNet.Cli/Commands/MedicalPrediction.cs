using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Core.Inputs;
using MadgNet.Medical;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;
using Spectre.Console;

namespace MadgNet.Cli.Commands;

/// <summary>Segments volumes slice by slice and writes what was found on their own grid.</summary>
internal sealed class MedicalPrediction(
    SegmentationPredictor predictor,
    Labels labels,
    string format,
    (IReadOnlyList<SegSegment> Segments, SegOptions Options) seg,
    bool probabilities,
    bool overlay,
    CommandOutput output)
{
    private bool _warned;

    /// <summary>Segments all volumes; one that cannot be read or written is told, and the others go on.</summary>
    /// <exception cref="OutputException">An output is an input, or no file. Nothing was written.</exception>
    public int Run(string weights, string input, string folder, IReadOnlyList<MedicalVolume> volumes, CancellationToken cancellation)
    {
        IReadOnlyList<MedicalOutputs> plan = Plan(weights, input, folder, volumes);
        Directory.CreateDirectory(folder);
        var written = new JsonArray();
        output.Result["threshold"] = predictor.Thresholds[0];
        output.Result["labels"] = new JsonArray([.. labels.Names.Select(name => (JsonNode)JsonValue.Create(name)!)]);
        output.Result["format"] = format;
        output.Result["files"] = written;
        Table table = new Table().AddColumn("volume").AddColumn("size").AddColumn(new TableColumn("foreground").RightAligned())
            .AddColumn("masks");
        int done = WorkProgress.Show(output, "predicted", plan.Sum(own => own.Volume.Stack.Count), progress =>
        {
            int count = 0;
            int seen = 0;
            foreach (MedicalOutputs own in plan)
            {
                if (Predict(own, () => progress.Report(++seen), cancellation) is { } json)
                {
                    count++;
                    written.Add((JsonNode)json);
                    SliceStack stack = own.Volume.Stack;
                    table.AddRow(
                        Shown.Text(own.Volume.Name),
                        $"{stack.Columns}×{stack.Rows}×{stack.Count}",
                        string.Join(", ", json["foreground"]!.AsArray().Select(share => $"{share!.GetValue<double>():P1}")),
                        Shown.Text(own.Slices.Count > 0 ? $"{own.Slices.Count} pictures" : string.Join(", ", own.Masks)));
                }
            }

            return count;
        });
        output.Table(table);
        output.Line($"{done} of {volumes.Count} volumes segmented into {folder}");
        return done == volumes.Count && !output.HasErrors ? ExitCode.Done : ExitCode.Failed;
    }

    private IReadOnlyList<MedicalOutputs> Plan(string weights, string input, string folder, IReadOnlyList<MedicalVolume> volumes)
    {
        var plan = new OutputPlan();
        bool single = !Directory.Exists(input);
        plan.ReadFile(weights, "--weights");
        if (!single)
        {
            plan.ReadFolder(input, "--input");
        }

        plan.WriteFolder(folder, "--output");
        plan.ThrowIfRefused();
        foreach (string path in volumes.SelectMany(volume => volume.Files))
        {
            plan.ReadFile(path, "--input");
        }

        var outputs = new List<MedicalOutputs>();
        foreach (MedicalVolume volume in volumes)
        {
            var own = MedicalOutputs.Of(volume, folder, format, labels, probabilities, overlay);
            if (plan.Claim(volume.Path, own.All) is { } problem)
            {
                output.Error(problem);
            }
            else
            {
                outputs.Add(own);
            }
        }

        if (single)
        {
            PredictionOutputs.KeepNeighbours(plan, input, outputs.SelectMany(own => own.All));
        }

        plan.ThrowIfRefused();
        int replaced = outputs.Sum(own => own.All.Count(File.Exists));
        if (replaced > 0)
        {
            output.Note($"{replaced} files of these names are in {folder} already and will be replaced.");
        }

        foreach (string own in outputs.SelectMany(own => own.All)
            .Select(path => Path.GetDirectoryName(path)!)
            .Distinct(StringComparer.Ordinal))
        {
            Abandoned.RemoveFrom(own, output);
        }

        return outputs;
    }

    private JsonObject? Predict(MedicalOutputs outputs, Action step, CancellationToken cancellation)
    {
        MedicalVolume volume = outputs.Volume;
        SliceStack stack = volume.Stack;
        try
        {
            SegWriter? writer = format == "seg" ? Writer(volume) : null;
            VolumeMasks[] masks = format == "nifti" ? [.. labels.Names.Select(_ => new VolumeMasks(stack))] : [];
            VolumeMasks[] maps = [.. outputs.Probabilities.Select(_ => new VolumeMasks(stack))];
            var foreground = new long[labels.Count];
            for (int i = 0; i < stack.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                PixelImage image = stack.Read(i);
                WarnOfRange(image, volume);
                FloatImage prepared = predictor.Prepare(image);
                Prediction prediction = predictor.Predict(prepared, null, cancellation);
                for (int label = 0; label < labels.Count; label++)
                {
                    PixelImage mask = prediction.Mask(label);
                    foreground[label] += mask.Bytes.Count(byte.MaxValue);
                    if (masks.Length > 0)
                    {
                        masks[label].Set(i, mask.ToFloat().Data);
                    }

                    if (maps.Length > 0)
                    {
                        maps[label].Set(i, prediction.Probability.Plane(label));
                    }
                }

                writer?.Add(i, prediction);
                if (outputs.Slices.Count > 0)
                {
                    Write(outputs.Slices[i], prepared, prediction);
                }

                step();
            }

            foreach (string path in outputs.Masks.Concat(outputs.Probabilities))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            }

            writer?.Save(outputs.Masks[0]);
            for (int label = 0; label < masks.Length; label++)
            {
                masks[label].SaveMask(outputs.Masks[label]);
            }

            for (int label = 0; label < maps.Length; label++)
            {
                maps[label].SaveProbability(outputs.Probabilities[label]);
            }

            return Describe(outputs, foreground);
        }
        catch (Exception exception) when (exception is MadgNetException or IOException or UnauthorizedAccessException
            or OutOfMemoryException)
        {
            // One volume less: the others are not its hostages.
            if (exception is MedicalFileException medical)
            {
                output.Error(medical.Problem);
            }
            else
            {
                output.Error($"{PlainText.Line(volume.Path)}: {exception.Message}");
            }

            output.Trace(exception);
            return null;
        }
    }

    private SegWriter Writer(MedicalVolume volume) => volume.Stack is DicomStack dicom
        ? new SegWriter(dicom.Series, seg.Segments, seg.Options)
        : throw new MedicalFileException(
            MedicalFileFault.Unsupported,
            volume.Path,
            "a NIfTI file, which has no DICOM identifiers",
            "a DICOM series, which a segmentation can refer to",
            "Use --format nifti, or segment the series that the file was made of");

    private void Write(ImageOutputs own, FloatImage prepared, Prediction prediction)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(own.Stem)!);
        for (int label = 0; label < prediction.Labels; label++)
        {
            ImageWriter.Write(prediction.Mask(label), own.Masks[label]);
        }

        if (own.Probabilities is { } probability)
        {
            NpyFile.Write(prediction.Probability, probability);
        }

        if (own.Overlay is { } path)
        {
            // The slice as the network sees it: its window is what a person wants to see too.
            var bytes = new byte[prepared.Height * prepared.Width];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)MathF.Round(Math.Clamp(prepared.Plane(0)[i], 0, 1) * 255);
            }

            OverlayLayer[] layers = [.. labels.Names.Select((name, label) => OverlayLayer.FromMask(prediction.Mask(label), name))];
            var picture = new PixelImage(width: prepared.Width, height: prepared.Height, 1, bytes);
            ImageWriter.Write(Overlay.Draw(picture, layers, null), path);
        }
    }

    private JsonObject Describe(MedicalOutputs outputs, long[] foreground)
    {
        SliceStack stack = outputs.Volume.Stack;
        double pixels = (double)stack.Count * stack.Rows * stack.Columns;
        double? voxel = (stack.Spacing, Distance(stack)) is ({ } spacing, { } distance)
            ? spacing.Row * spacing.Column * distance
            : null;
        return new JsonObject
        {
            ["image"] = outputs.Volume.Path,
            ["width"] = stack.Columns,
            ["height"] = stack.Rows,
            ["slices"] = stack.Count,
            ["spacing"] = stack.Spacing is { } size ? new JsonArray(size.Row, size.Column) : null,
            ["masks"] = new JsonArray([.. outputs.Masks.Concat(outputs.Slices.SelectMany(slice => slice.Masks))
                .Select(path => (JsonNode)JsonValue.Create(path)!)]),
            ["probabilities"] = new JsonArray([.. outputs.Probabilities.Concat(outputs.Slices.Select(slice => slice.Probabilities)
                .OfType<string>()).Select(path => (JsonNode)JsonValue.Create(path)!)]),
            ["foreground"] = new JsonArray([.. foreground.Select(count => (JsonNode)JsonValue.Create(count / pixels))]),
            ["cubicMillimetres"] = voxel is { } volume
                ? new JsonArray([.. foreground.Select(count => (JsonNode)JsonValue.Create(count * volume))])
                : null,
        };
    }

    private static double? Distance(SliceStack stack) => stack switch
    {
        DicomStack dicom => dicom.Series.SliceDistance ?? dicom.Series.Slices[0].Geometry?.Thickness,
        NiftiStack nifti => nifti.Volume.Header.Affine.Column(3 - nifti.Slicing.RowAxis - nifti.Slicing.ColumnAxis).Length,
        _ => null,
    };

    /// <summary>A network without a window sees 16-bit values as a thin slice of their range.</summary>
    private void WarnOfRange(PixelImage image, MedicalVolume volume)
    {
        ModelInput expected = predictor.Network.Input;
        if (!_warned && image.BitDepth == 16 && expected.Windows.Count == 0 && expected.Scaling == IntensityScaling.FullRange)
        {
            _warned = true;
            output.Warn(new Problem(
                volume.Path,
                "16-bit values for a network that has no window",
                "a network that was trained with a window of the file's units",
                "Train with --window CENTER:WIDTH; the whole range of 65536 values is shown to this network").ToString());
        }
    }
}
