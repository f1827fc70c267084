using MadgNet.Core.Inputs;
using MadgNet.Core.Metrics;
using MadgNet.Core.Runtime;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Reporting;

namespace MadgNet.Reports.Tests.Support;

/// <summary>Folders as a training run leaves them, without a training.</summary>
internal static class RunFolders
{
    public static void Write(string folder, EvaluationReport validation)
    {
        Manifest().Save(Path.Combine(folder, RunManifest.FileName));
        validation.SaveJson(Path.Combine(folder, RunFolder.EvaluationFileName));
        File.WriteAllText(
            Path.Combine(folder, "epochs.csv"),
            "epoch,loss,learning_rate,gradient_norm,validation_dice,validation_iou,stage1_region,stage1_boundary\n"
                + "1,1.5,0.0001,2,0.5,0.4,1,0.5\n2,0.9,0.0001,NaN,,,0.6,0.3\n3,0.7,1e-05,1.5,0.8,0.7,0.5,0.2\n");
    }

    public static RunManifest Manifest() => new()
    {
        Name = Evaluations.Hostile,
        Command = $"madgnet train --images \"{Evaluations.Hostile}\"",
        Notes = new Dictionary<string, string> { [Evaluations.Hostile] = Evaluations.Hostile },
        Seed = 1,
        Model = new ManifestModel("madgnet", "MADGNet, ResNet-18", new ModelInput(), 1, [Evaluations.Hostile], "{\"Labels\":1}"),
        Parameters = 1234567,
        Trainer = new Dictionary<string, string> { ["Optimizer"] = Evaluations.Hostile },
        TrainingLoader = new Dictionary<string, string> { ["BatchSize"] = "4" },
        Data = [new ManifestData("training", "ab12", [$"1 {Evaluations.Hostile}", "2"], [Evaluations.Hostile])],
        Sessions =
        [
            new ManifestSession
            {
                Started = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
                Reason = TrainingEndReason.Failed,
                Error = Evaluations.Hostile,
                StepsBefore = 0,
                StepsAfter = 30,
                EpochsAfter = 3,
                Machine = Evaluations.Hostile,
                OperatingSystem = "Linux",
                Processors = 2,
                Runtime = new RuntimeDescription("0.1.0", "0.107.0", "2.10.0", "linux-x64", ".NET 10", 2, false, 0),
                Device = "cpu",
                Precision = "float32",
            },
        ],
        Warnings = [new ManifestWarning(TrainingWarningKind.DeadAttention, 2, 20, Evaluations.Hostile)],
        BestEpoch = 3,
        BestScore = new ValidationScore(0.8, 0.7, 12),
    };
}
