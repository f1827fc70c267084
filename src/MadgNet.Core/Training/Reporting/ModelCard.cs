using System.Globalization;
using System.Text;
using MadgNet.Core.Inputs;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Encoders;

namespace MadgNet.Core.Training.Reporting;

/// <summary>
/// A page of Markdown that goes with a model's weights: what it is, what it was trained on, how well it did and on what, and
/// how to load it. It says what the run knows, and no more (after Mitchell et al., 2019, <i>Model Cards for Model Reporting</i>).
/// </summary>
internal static class ModelCard
{
    /// <summary>Writes the page.</summary>
    /// <param name="manifest">The run.</param>
    /// <param name="validation">The best validation, for scores with their intervals; null where there was none, or where an earlier part
    /// of the run made it.</param>
    /// <param name="threshold">The threshold that is kept with the weights; null for none.</param>
    /// <param name="options">The host's own words; null for none.</param>
    /// <returns>The Markdown.</returns>
    public static string ToMarkdown(
        RunManifest manifest, EvaluationReport? validation = null, double? threshold = null, RunFolderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        options ??= new RunFolderOptions();
        var text = new StringBuilder();
        ManifestModel model = manifest.Model;
        text.Append(CultureInfo.InvariantCulture, $"# {PlainText.ToMarkdown(manifest.Name ?? model.Description)}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{PlainText.ToMarkdown(model.Description)}, for {Labels(manifest)}: {manifest.Parameters:N0} parameters, ");
        text.Append(
            CultureInfo.InvariantCulture,
            $"images of {model.Input.Channels} channel(s){Size(model.Input)}, {Words(model.Input)}.\n");
        text.Append("The result is one independent probability map a label.\n\n");

        text.Append("## Trained on\n\n");
        foreach (ManifestData data in manifest.Data)
        {
            text.Append(
                CultureInfo.InvariantCulture, $"- {data.Part}: {data.Names.Count} images (SHA-256 of their names: `{data.Digest}`)\n");
        }

        ManifestSession last = manifest.Sessions[^1];
        text.Append(
            CultureInfo.InvariantCulture,
            $"- {last.EpochsAfter} epochs, {last.StepsAfter} optimizer steps in {manifest.Sessions.Count} session(s); the last one "
                + $"{End(last)}\n\n");
        AppendScores(text, manifest, validation);
        AppendThreshold(text, manifest, threshold, validation);

        text.Append("## Intended use\n\n");
        text.Append(options.IntendedUse?.TrimEnd() ?? "Research and development. The run states no other use.").Append("\n\n");
        text.Append("## Limits\n\n- No medical device, and not made for diagnosis.\n");
        text.Append("- How well it does on images of another source, device or population than those above is not known from this run.\n");
        if (validation is not null || manifest.BestScore is not null)
        {
            text.Append("- The weights were chosen by the validation images: on images that had no part in the choice, expect less.\n");
        }

        if (options.Limits is not null)
        {
            text.Append('\n').Append(options.Limits.TrimEnd()).Append('\n');
        }

        text.Append("\n## Licence\n\n").Append(options.License ?? "Not stated.").Append("\n\n");
        AppendPretrained(text, manifest);
        AppendLoading(text, model);
        AppendRepeating(text, manifest, last);
        return text.ToString();
    }

    private static string Labels(RunManifest manifest)
    {
        IReadOnlyList<string> names = manifest.Model.LabelNames.Count > 0 ? manifest.Model.LabelNames : manifest.Data[0].Labels;
        string count = manifest.Model.Labels == 1 ? "one label" : $"{manifest.Model.Labels} labels";
        return names.Count > 0 ? $"{count} ({PlainText.ToMarkdown(string.Join(", ", names))})" : count;
    }

    private static string Words(ModelInput input)
    {
        var text = new StringBuilder("intensities ");
        text.Append(input.Scaling switch
        {
            IntensityScaling.MinMax => "stretched from each image's darkest to its brightest value to 0..1",
            _ => "0..1 over the file's full range",
        });
        if (input.Windows.Count > 0)
        {
            text.Append(", windows ").AppendJoin(", ", input.Windows.Select(window => window?.ToString() ?? "none"));
        }

        if (input.Files.Count > 0)
        {
            text.Append(", a file for each channel: ").AppendJoin(", ", input.Files);
        }

        text.Append(input.InvertBrightBackground ? ", bright backgrounds inverted" : "");
        text.Append(CultureInfo.InvariantCulture, $", normalisation {input.Normalization}");
        text.Append(input.ChannelOrder == ChannelOrder.Bgr ? ", BGR" : "");
        text.Append(input.ValueRange == ValueRange.ZeroTo255 ? ", values 0..255" : "");
        Numbers(", minus ", input.Mean);
        Numbers(", divided by ", input.StandardDeviation);
        return text.ToString();

        void Numbers(string word, IReadOnlyList<double> values)
        {
            if (values.Count > 0)
            {
                text.Append(word).AppendJoin(", ", values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
            }
        }
    }

    private static string Size(ModelInput input) => input.Size is { } size
        ? $" at {size}{(input.Fit == ImageFit.Letterbox ? " (letterbox)" : "")}"
        : string.Empty;

    private static string End(ManifestSession session) => session.Reason switch
    {
        null => "has not ended, or was killed",
        TrainingEndReason.Completed => "completed the run",
        TrainingEndReason.StoppedEarly => "stopped early",
        TrainingEndReason.Cancelled => "was cancelled",
        _ => "failed",
    };

    private static void AppendScores(StringBuilder text, RunManifest manifest, EvaluationReport? validation)
    {
        text.Append("## Scores\n\n");
        if (validation is null)
        {
            text.Append(manifest.BestScore is { } best
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"Best epoch {manifest.BestEpoch}: Dice {best.Dice:F4}, IoU {best.IntersectionOverUnion:F4}"
                        + $"{(best.Monitor == Metric.Dice.Name ? "" : string.Create(CultureInfo.InvariantCulture, $", {best.Monitor} "
                            + $"{best.Monitored:F4}"))} on {best.Images} validation images.\n\n")
                : "Not validated.\n\n");
            return;
        }

        var bootstrap = new BootstrapOptions();
        text.Append(
            CultureInfo.InvariantCulture,
            $"Epoch {manifest.BestEpoch}, on the {validation.Cases.Count} validation images, at {Sizes(validation)} pixels as the "
                + $"loader gave them; profile {validation.Settings.Metrics.Profile}.\n\n");
        var table = new ReportTable(
            null,
            ReportColumn.Text("label"),
            ReportColumn.Text("metric"),
            ReportColumn.Number("mean"),
            ReportColumn.Interval(string.Create(CultureInfo.InvariantCulture, $"{bootstrap.Level:P0} interval")),
            ReportColumn.Number("median"));
        for (int label = 0; label < validation.Labels.Count; label++)
        {
            foreach (Metric metric in Reported(manifest, validation))
            {
                MetricSummary summary = validation.Summarize(metric, label, bootstrap);
                table.Add(
                    validation.Labels[label],
                    metric.ToString(),
                    ReportCell.Number(summary.Mean),
                    ReportCell.Interval(summary.Confidence.Lower, summary.Confidence.Upper),
                    ReportCell.Number(summary.Median));
            }
        }

        text.Append(table.ToMarkdown());
        text.Append(
            CultureInfo.InvariantCulture,
            $"\nThe interval is the bootstrap's over {validation.Cases.Count} images, taken as independent. Every image: `"
                + $"{RunFolder.CasesFileName}`.\n\n");
    }

    /// <summary>Overlap, and what says which weights are the best.</summary>
    private static IEnumerable<Metric> Reported(RunManifest manifest, EvaluationReport validation) =>
        validation.Metrics.Where(metric => metric == Metric.Dice
            || metric == Metric.IntersectionOverUnion
            || metric.Name == manifest.BestScore?.Monitor);

    private static string Sizes(EvaluationReport report)
    {
        string[] sizes = [.. report.Cases.OrderBy(result => (long)result.Height * result.Width)
            .Select(result => string.Create(CultureInfo.InvariantCulture, $"{result.Height}×{result.Width}"))
            .Distinct()];
        return sizes.Length == 1 ? sizes[0] : $"{sizes[0]} to {sizes[^1]}";
    }

    private static void AppendThreshold(StringBuilder text, RunManifest manifest, double? threshold, EvaluationReport? validation)
    {
        text.Append("## Threshold\n\n");
        if (threshold is { } kept)
        {
            text.Append(
                CultureInfo.InvariantCulture, $"{kept:0.####}, kept with the weights; predictors take it unless they are given another.");
        }
        else
        {
            text.Append("None is kept with the weights; predictors take 0.5 unless they are given another.");
        }

        if (validation is not null)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $" The scores above were taken at "
                    + $"{string.Join(", ", (validation.Settings.LabelThresholds ?? [validation.Settings.Metrics.Threshold])
                        .Select(value => value.ToString("0.####", CultureInfo.InvariantCulture)))}.");
        }

        text.Append("\n\n");
    }

    /// <summary>What the weights grew out of has a licence of its own.</summary>
    private static void AppendPretrained(StringBuilder text, RunManifest manifest)
    {
        string? source = manifest.Notes.GetValueOrDefault(PretrainedEncoder.SourceNote);
        string? licence = manifest.Notes.GetValueOrDefault(PretrainedEncoder.LicenceNote);
        string? trainedOn = manifest.Notes.GetValueOrDefault(PretrainedEncoder.TrainedOnNote);
        if (source is null && licence is null && trainedOn is null)
        {
            return;
        }

        text.Append("The training started from weights of others:\n\n");
        text.Append(CultureInfo.InvariantCulture, $"- source: {source ?? "not stated"}\n");
        text.Append(CultureInfo.InvariantCulture, $"- licence: {licence ?? "not stated"}\n");
        text.Append(CultureInfo.InvariantCulture, $"- trained on: {trainedOn ?? "not stated"}\n\n");
    }

    private static void AppendLoading(StringBuilder text, ManifestModel model)
    {
        text.Append("## How to load it\n\n");
        if (ModelRegistry.BuiltIn.Architectures.All(entry => entry.Name != model.Architecture))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"The network is the host's own: pass a registry that has '{model.Architecture}' to `Predictor.Load(path, registry)`.\n\n");
            return;
        }

        if (model.Options.Contains($"\"Encoder\":\"{EncoderNames.Custom}\"", StringComparison.Ordinal))
        {
            text.Append("The encoder is the host's own: pass one to `MadgNetModel.Load(path, encoder)`.\n\n");
            return;
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $"```csharp\nusing MadgNet.Core.Inference;\n\nusing Predictor predictor = Predictor.Load(\""
                + $"{MadgNet.Core.Training.Trainer.BestFileName}\");\npredictor.Predict(\"image.png\").SaveMask(\"mask.png\");\n```\n\n");
    }

    /// <summary>What the weights follow from, with every parameter; the rest is in the manifest.</summary>
    private static void AppendSettings(StringBuilder text, RunManifest manifest)
    {
        string[] parts = ["Optimizer", "Schedule", "Loss", "Clipping"];
        var table = new ReportTable(null, "setting", "value");
        foreach ((string key, string value) in manifest.Trainer.Where(setting => parts.Contains(setting.Key.Split('.', '[')[0])))
        {
            table.Add(key, value);
        }

        foreach ((string key, string value) in manifest.TrainingLoader.Where(setting => setting.Key.Split('.', '[')[0] is "Transform"
            or "BatchSize"))
        {
            table.Add($"Training.{key}", value);
        }

        text.Append('\n').Append(table.ToMarkdown());
    }

    /// <summary>Words as a block of code, whose fence is longer than any in them.</summary>
    private static string Fenced(string text)
    {
        string fence = "```";
        while (text.Contains(fence, StringComparison.Ordinal))
        {
            fence += "`";
        }

        return $"{fence}\n{PlainText.Lines(text)}\n{fence}";
    }

    private static void AppendRepeating(StringBuilder text, RunManifest manifest, ManifestSession last)
    {
        text.Append(CultureInfo.InvariantCulture, $"## How to repeat it\n\nEverything is in `{RunManifest.FileName}`.");
        if (manifest.Command is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" The command was:\n\n{Fenced(manifest.Command)}");
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $"\n\n- seed of order and augmentation {manifest.Seed}, of fresh weights "
                + $"{manifest.WeightSeed?.ToString(CultureInfo.InvariantCulture) ?? "not stated"}\n");
        text.Append(CultureInfo.InvariantCulture, $"- {last.Precision} on {last.Device}; {last.Runtime}\n");
        foreach ((string key, string value) in manifest.Notes)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {PlainText.ToMarkdown(key)}: {PlainText.ToMarkdown(value.ReplaceLineEndings(" "))}\n");
        }

        AppendSettings(text, manifest);
    }
}
