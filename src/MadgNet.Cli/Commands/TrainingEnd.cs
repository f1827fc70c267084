using System.Text.Json.Nodes;
using MadgNet.Cli.Output;
using MadgNet.Core.Metrics;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Reporting;

namespace MadgNet.Cli.Commands;

/// <summary>What a training came to: time, best score, where everything lies, and what to run next.</summary>
/// <param name="Folder">The folder of the run.</param>
/// <param name="Images">The images that were trained on.</param>
/// <param name="Masks">Their masks.</param>
/// <param name="ValidationFolder">A folder of validation images with images/ and masks/; null where there is none.</param>
/// <param name="NativeSize">Whether the network was trained on pieces of images at their own scale.</param>
internal sealed record TrainingEnd(string Folder, string Images, string Masks, string? ValidationFolder, bool NativeSize)
{
    public void Show(TrainingResult result, CommandOutput output)
    {
        if (!output.Quiet)
        {
            Tell(result, output);
        }

        output.Result["run"] = Folder;
        output.Result["bestEpoch"] = result.BestEpoch;
        output.Result["best"] = result.BestCheckpoint;
        output.Result["last"] = result.LastCheckpoint;
        output.Result["epochs"] = new JsonArray([.. result.History.Select(epoch => (JsonNode)new JsonObject
        {
            ["epoch"] = epoch.Epoch,
            ["loss"] = CommandOutput.Number(epoch.Loss),
            ["learningRate"] = epoch.LearningRate,
            ["dice"] = epoch.Validation is { } score ? CommandOutput.Number(score.Dice) : null,
            ["intersectionOverUnion"] = epoch.Validation is { } overlap ? CommandOutput.Number(overlap.IntersectionOverUnion) : null,
            ["seconds"] = epoch.Duration.TotalSeconds,
        })]);
    }

    private void Tell(TrainingResult result, CommandOutput output)
    {
        var time = TimeSpan.FromTicks(result.History.Sum(epoch => epoch.Duration.Ticks));
        string early = result.Reason == TrainingEndReason.StoppedEarly ? ", ended early by --patience" : string.Empty;
        output.Line($"Trained {result.History.Count} {(result.History.Count == 1 ? "epoch" : "epochs")} in {Fit.Time(time)}{early}");
        output.Line($"{Score(result)}");
        foreach ((string what, string name) in new[]
        {
            ("weights", Path.GetFileName(result.BestCheckpoint ?? result.LastCheckpoint ?? Trainer.LastFileName)),
            ("card", RunFolder.CardFileName),
            ("history", HistoryWriter.EpochsName + ".csv"),
            ("report", RunFolder.ReportFileName),
        })
        {
            string path = Path.Combine(Folder, name);
            if (File.Exists(path))
            {
                output.Raw($"  {what,-8} {path}");
            }
        }

        if (Earlier() is { Count: > 0 } earlier)
        {
            output.Raw($"  earlier  {string.Join(", ", earlier)}: history of runs before this one, kept; remove it as you like");
        }

        if (output.Warnings.Count > 0)
        {
            output.Line($"Warnings: {output.Warnings.Count}, see above. The first: {output.Warnings[0]}");
        }

        string weights = Quoted(Path.Combine(Folder, Path.GetFileName(result.BestCheckpoint ?? Trainer.LastFileName)));
        string size = NativeSize ? " --size native" : string.Empty;
        string truth = ValidationFolder is null ? $"--images {Quoted(Images)} --masks {Quoted(Masks)}" : Quoted(ValidationFolder);
        output.Line($"Next:");
        output.Raw($"  madgnet evaluate --weights {weights} {truth}{size}");
        output.Raw($"  madgnet predict --weights {weights}{size} --input IMAGES --output MASKS");
    }

    private string Score(TrainingResult result)
    {
        if (result.Best.Validation is not { } score)
        {
            return "There was no validation: the last epoch counts as the best";
        }

        string interval = string.Empty;
        string file = Path.Combine(Folder, RunFolder.EvaluationFileName);
        if (File.Exists(file))
        {
            ConfidenceInterval confidence = EvaluationReport.LoadJson(file).Summarize(Metric.Dice).Confidence;
            interval = double.IsFinite(confidence.Lower) && double.IsFinite(confidence.Upper)
                ? $" (95 % interval {confidence.Lower:F3} … {confidence.Upper:F3})"
                : string.Empty;
        }

        return $"Best Dice {score.Dice:F4}{interval} on {score.Images} validation {(score.Images == 1 ? "image" : "images")}, in epoch "
            + $"{result.BestEpoch}";
    }

    /// <summary>Histories under numbered names, which an earlier run in the folder left.</summary>
    private List<string> Earlier() => !Directory.Exists(Folder) ? [] :
    [
        .. new[] { HistoryWriter.StepsName, HistoryWriter.EpochsName, HistoryWriter.ValidationsName }
            .SelectMany(name => Directory.EnumerateFiles(Folder, name + "-*"))
            .Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal),
    ];

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;
}
