using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Reporting;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training.Reporting;

public class RunFolderTests
{
    [Fact]
    public void A_finished_run_tells_how_to_repeat_it()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var observer = new RunFolder(new RunFolderOptions
        {
            Name = "discs",
            Command = "train --epochs 3",
            WeightSeed = 5,
            Notes = new Dictionary<string, string> { ["recipe"] = "own" }
        });
        observer.RunStarted(ObservedRun.Start(model, folder.Root));
        ObservedRun.Tell(observer, 1, 4);
        observer.Warned(new TrainingWarning(TrainingWarningKind.ExplodingGradients, 2, 4, new Problem("norm", "1e9", "less", "Clip")));
        observer.RunEnded(ObservedRun.End());

        RunManifest manifest = RunManifest.Load(folder.Root);
        Assert.Equal(("discs", "train --epochs 3", 5, 7), (manifest.Name, manifest.Command, manifest.WeightSeed, manifest.Seed));
        Assert.Equal("own", manifest.Notes["recipe"]);
        Assert.Equal(model.Options, MadgNetOptions.FromJson(manifest.Model.Options));
        Assert.Equal(
            (MadgNetModel.ArchitectureName, model.Input, model.Labels),
            (manifest.Model.Architecture, manifest.Model.Input, manifest.Model.Labels));
        Assert.Equal(model.ParameterCount, manifest.Parameters);
        Assert.Equal("3", manifest.Trainer["Epochs"]);
        Assert.Equal("CosineAnnealingSchedule", manifest.Trainer["Schedule"]);
        Assert.Equal("1E-06", manifest.Trainer["Schedule.Minimum"]);
        Assert.Equal("4", manifest.TrainingLoader["BatchSize"]);
        Assert.Equal("1", manifest.ValidationLoader!["BatchSize"]);
        Assert.Equal(["training", "validation"], manifest.Data.Select(data => data.Part));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"disc{i}"), manifest.Data[0].Names);
        ManifestSession session = Assert.Single(manifest.Sessions);
        Assert.Equal(
            (TrainingEndReason.Completed, 0L, 4L, 2), (session.Reason, session.StepsBefore, session.StepsAfter, session.EpochsAfter));
        Assert.True(session.Ended >= session.Started);
        Assert.Equal("float32, contiguous", session.Precision);
        Assert.Equal(Environment.MachineName, session.Machine);
        Assert.Equal("0.107.0", session.Runtime.TorchSharpVersion);
        Assert.Equal((2, ObservedRun.Score(2)), (manifest.BestEpoch, manifest.BestScore));
        Assert.Equal(2.5, manifest.LastLoss);
        Assert.Contains("Clip", Assert.Single(manifest.Warnings).Message);
        Assert.Equal(["MODEL.md", "best-validation.csv", "best-validation.json", "manifest.json"], folder.Files);
        Assert.Equal(1 + (6 * 2), File.ReadAllLines(folder.File("best-validation.csv")).Length);
    }

    [Fact]
    public void The_digest_of_names_is_that_of_the_lines()
    {
        // printf 'disc0\ndisc1\n' | sha256sum
        ManifestData data = ManifestData.Of("training", Discs.Dataset(2));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("disc0\ndisc1\n"u8)), data.Digest);
        Assert.NotEqual(data.Digest, ManifestData.Of("training", Discs.Dataset(3)).Digest);
    }

    [Fact]
    public void The_manifest_of_a_killed_run_says_that_it_has_not_ended()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var observer = new RunFolder();
        observer.RunStarted(ObservedRun.Start(model, folder.Root));
        RunManifest atStart = RunManifest.Load(folder.Root);
        Assert.Null(Assert.Single(atStart.Sessions).Ended);
        ObservedRun.Tell(observer, 1, 3);

        ManifestSession session = Assert.Single(RunManifest.Load(folder.Root).Sessions);
        Assert.Equal((null, null, 2L, 1), (session.Ended, session.Reason, session.StepsAfter, session.EpochsAfter));
        Assert.Contains("has not ended, or was killed", File.ReadAllText(folder.File("MODEL.md")));
    }

    [Fact]
    public void A_resumed_run_adds_a_session_and_keeps_what_was_known()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var first = new RunFolder(new RunFolderOptions { WeightSeed = 3, Command = "first" });
        first.RunStarted(ObservedRun.Start(model, folder.Root));
        ObservedRun.Tell(first, 1, 2);
        first.RunEnded(ObservedRun.End(TrainingEndReason.Failed, new IOException("the cable fell out")));
        string? weights = RunManifest.Load(folder.Root).InitialWeights;
        Scale(model);

        var second = new RunFolder();
        second.RunStarted(ObservedRun.Start(model, folder.Root, stepsDone: 2, epochsDone: 1));
        ObservedRun.Tell(second, 3, 4);
        second.RunEnded(ObservedRun.End());

        RunManifest manifest = RunManifest.Load(folder.Root);
        Assert.Equal([TrainingEndReason.Failed, TrainingEndReason.Completed], manifest.Sessions.Select(session => session.Reason!.Value));
        Assert.Equal("the cable fell out", manifest.Sessions[0].Error);
        Assert.Equal([(0L, 2L), (2L, 4L)], manifest.Sessions.Select(session => (session.StepsBefore, session.StepsAfter)));
        Assert.Equal((weights, 3L, "first"), (manifest.InitialWeights, manifest.WeightSeed, manifest.Command));
        Assert.Matches("^[0-9a-f]{64}$", weights);
    }

    [Fact]
    public void Initial_weights_tell_one_seed_from_another_and_not_one_run_from_its_repetition()
    {
        Assert.Equal(Weights(1), Weights(1));
        Assert.NotEqual(Weights(1), Weights(2));

        static string? Weights(long seed)
        {
            using var folder = new TemporaryFolder();
            using MadgNetModel model = TinyModel.Create(seed);
            new RunFolder().RunStarted(ObservedRun.Start(model, folder.Root));
            return RunManifest.Load(folder.Root).InitialWeights;
        }
    }

    [Fact]
    public void A_damaged_manifest_is_reported_and_written_anew()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        folder.Write("manifest.json", "{ \"Format\": 1, "u8);
        Assert.Contains("manifest.json of format 1", Assert.Throws<TrainingException>(() => RunManifest.Load(folder.Root)).Message);
        var logger = new ListLogger();
        var observer = new RunFolder(logger: logger);
        observer.RunStarted(ObservedRun.Start(model, folder.Root, stepsDone: 2, epochsDone: 1));

        Assert.Single(logger.Warnings);
        RunManifest manifest = RunManifest.Load(folder.Root);
        Assert.Single(manifest.Sessions);
        Assert.Null(manifest.InitialWeights);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1, 2]")]
    [InlineData("{ \"Format\": 2 }")]
    public void A_file_that_is_no_manifest_is_refused(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("manifest.json"), content);
        Assert.Throws<TrainingException>(() => RunManifest.Load(folder.Root));
        Assert.Throws<TrainingException>(() => RunManifest.Load(folder.File("none.json")));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_logged_and_tried_again()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var logger = new ListLogger();
        string output = folder.File("run");
        File.WriteAllText(output, "a file where the folder should be");
        var observer = new RunFolder(new RunFolderOptions { Folder = output }, logger);
        observer.RunStarted(ObservedRun.Start(model, null));
        ObservedRun.Tell(observer, 1, 2);
        Assert.NotEmpty(logger.Warnings);

        File.Delete(output);
        observer.RunEnded(ObservedRun.End());
        Assert.Equal(TrainingEndReason.Completed, RunManifest.Load(output).Sessions[0].Reason);
        Assert.True(File.Exists(Path.Combine(output, RunFolder.CasesFileName)));
    }

    [Fact]
    public void The_card_states_scores_with_intervals_and_claims_nothing_else()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create(options: TinyModel.Options with { LabelNames = ["disc"] });
        model.Threshold = 0.35;
        var observer = new RunFolder(new RunFolderOptions { Name = "Discs", Command = "train discs" });
        observer.RunStarted(ObservedRun.Start(model, folder.Root));
        ObservedRun.Tell(observer, 1, 2);
        observer.RunEnded(ObservedRun.End());

        string card = File.ReadAllText(folder.File("MODEL.md"));
        Assert.StartsWith("# Discs\n", card);
        Assert.Contains("one label (disc)", card);
        Assert.Contains("- training: 8 images", card);
        Assert.Contains("| label | metric | mean | 95% interval | median |", card.Replace("95 %", "95%", StringComparison.Ordinal));
        Assert.Matches(@"\| \S+ \d? ?\|? ?Dice \| 0\.\d{4} \| 0\.\d{4} to 0\.\d{4} \|", card);
        Assert.Contains("0.35, kept with the weights", card);
        Assert.Contains("on the 6 validation images, at 24×24 pixels", card);
        Assert.Contains("Research and development.", card);
        Assert.Contains("Not stated.", card);
        Assert.Contains("The encoder is the host's own", card);
        Assert.Contains("train discs", card);
    }

    [Fact]
    public void A_card_without_validation_says_so()
    {
        using MadgNetModel model = TinyModel.Create();
        using var folder = new TemporaryFolder();
        var observer = new RunFolder();
        observer.RunStarted(ObservedRun.Start(model, folder.Root) with { Validation = null });
        observer.EpochCompleted(ObservedRun.Epoch(1));
        observer.RunEnded(ObservedRun.End(TrainingEndReason.Cancelled));

        string card = File.ReadAllText(folder.File("MODEL.md"));
        Assert.Contains("Not validated.", card);
        Assert.Contains("None is kept with the weights", card);
        Assert.Contains("was cancelled", card);
        Assert.DoesNotContain("chosen by the validation images", card);
        Assert.Null(RunManifest.Load(folder.Root).ValidationLoader);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        TrainingRun run = ObservedRun.Start(model, folder.Root);
        TensorLeak.None(() =>
        {
            var observer = new RunFolder();
            observer.RunStarted(run);
            observer.RunEnded(ObservedRun.End());
        });
    }

    private static void Scale(MadgNetModel model)
    {
        using IDisposable off = no_grad();
        using Tensor zero = zeros_like(model.parameters().First());
        model.parameters().First().copy_(zero);
    }
}
