using System.Globalization;
using System.Text.Json;
using MadgNet.Core.Data;
using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Reporting;
using Microsoft.Extensions.Logging.Abstractions;

namespace MadgNet.Core.Tests.Training.Reporting;

public class HistoryWriterTests
{
    [Fact]
    public void Steps_validations_and_epochs_are_there_once_each_in_both_formats()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var writer = new HistoryWriter();
        writer.RunStarted(ObservedRun.Start(model, folder.Root));
        ObservedRun.Tell(writer, 1, 4);
        writer.RunEnded(ObservedRun.End());

        Assert.Equal(["epochs.csv", "epochs.jsonl", "steps.csv", "steps.jsonl", "validations.csv", "validations.jsonl"], folder.Files);
        foreach (string name in new[] { "epochs", "steps", "validations" })
        {
            string[] csv = File.ReadAllLines(folder.File($"{name}.csv"));
            string[] json = File.ReadAllLines(folder.File($"{name}.jsonl"));
            string[] columns = csv[0].Split(',');
            Assert.Equal(name == "steps" ? 4 : 2, json.Length);
            Assert.Equal(json.Length, csv.Length - 1);
            for (int row = 0; row < json.Length; row++)
            {
                string[] cells = csv[row + 1].Split(',');
                Assert.Equal(columns.Length, cells.Length);
                using JsonDocument record = JsonDocument.Parse(json[row]);
                Assert.Equal(columns, record.RootElement.EnumerateObject().Select(property => property.Name));
                Assert.All(columns.Zip(cells), cell => Same(record.RootElement.GetProperty(cell.First), cell.Second));
            }
        }

        string[] steps = File.ReadAllLines(folder.File("steps.csv"));
        Assert.StartsWith("step,epoch,step_in_epoch,loss,learning_rate,gradient_norm,", steps[0]);
        Assert.EndsWith("stage2_region,stage2_distance,stage2_boundary", steps[0]);
        Assert.Equal("3,2,1,3.3333333333333335,0.0003333333333333333,2.5,1,0,4,0.25,0.75,3,0.25,0.5,3.125,0.75,1", steps[3]);

        static void Same(JsonElement json, string cell)
        {
            switch (json.ValueKind)
            {
                case JsonValueKind.Number:
                    Assert.Equal(json.GetDouble(), double.Parse(cell, CultureInfo.InvariantCulture));
                    break;
                case JsonValueKind.Null:
                    Assert.Equal("", cell);
                    break;
                case JsonValueKind.False:
                    Assert.Equal("0", cell);
                    break;
                default:
                    Assert.Equal(json.GetString(), cell);
                    break;
            }
        }
    }

    [Theory]
    [InlineData(3, 1)] // in the middle of the second epoch
    [InlineData(2, 1)] // right after the first
    [InlineData(5, 2)] // nothing is taken again
    public void A_resumed_run_goes_on_where_its_checkpoint_stands(long stepsDone, int epochsDone)
    {
        using var whole = new TemporaryFolder();
        using var resumed = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var writer = new HistoryWriter();
        writer.RunStarted(ObservedRun.Start(model, whole.Root));
        ObservedRun.Tell(writer, 1, 6);
        writer.RunEnded(ObservedRun.End());

        writer.RunStarted(ObservedRun.Start(model, resumed.Root));
        ObservedRun.Tell(writer, 1, 5);
        // The process is killed here: nobody is told of an end.
        var second = new HistoryWriter();
        second.RunStarted(ObservedRun.Start(model, resumed.Root, stepsDone, epochsDone));
        ObservedRun.Tell(second, stepsDone + 1, 6);
        second.RunEnded(ObservedRun.End());

        Assert.Equal(whole.Files, resumed.Files);
        Assert.All(whole.Files, file => Assert.Equal(File.ReadAllText(whole.File(file)), File.ReadAllText(resumed.File(file))));
    }

    [Fact]
    public void An_interrupted_training_has_the_history_of_one_that_was_not()
    {
        using var whole = new TemporaryFolder();
        using var parts = new TemporaryFolder();
        Train(whole.Root, null);
        using (var cancellation = new CancellationTokenSource())
        {
            Assert.ThrowsAny<OperationCanceledException>(() => Train(parts.Root, cancellation));
        }

        Train(parts.Root, null);
        foreach (string name in new[] { "steps.csv", "epochs.csv", "validations.csv" })
        {
            Assert.Equal(Lasting(whole.File(name)), Lasting(parts.File(name)));
        }

        RunManifest manifest = RunManifest.Load(parts.Root);
        Assert.Equal(
            [TrainingEndReason.Cancelled, TrainingEndReason.Completed], manifest.Sessions.Select(session => session.Reason!.Value));
        Assert.Equal(RunManifest.Load(whole.Root).BestEpoch, manifest.BestEpoch);

        static void Train(string folder, CancellationTokenSource? cancellation)
        {
            using MadgNetModel model = TinyModel.Create();
            var events = new TrainingEvents();
            events.StepTaken += (_, step) =>
            {
                if (step.Step == 5)
                {
                    cancellation?.Cancel();
                }
            };
            var trainer = new Trainer(model, new TrainerOptions
            {
                Epochs = 4,
                OutputFolder = folder,
                Resume = ResumeMode.IfPresent,
                Schedule = new ConstantSchedule(1e-2),
                Observers = [new HistoryWriter(), new RunFolder(), events],
            });
            trainer.Train(
                new BatchLoader(Discs.Dataset(8), new BatchLoaderOptions { BatchSize = 4, Workers = 0 }),
                new BatchLoader(Discs.Dataset(3, seed: 2), new BatchLoaderOptions { BatchSize = 1, Workers = 0, Shuffle = false }),
                cancellationToken: cancellation?.Token ?? CancellationToken.None);
        }

        // All columns but times and memory.
        static string[][] Lasting(string path)
        {
            string[][] rows = [.. File.ReadAllLines(path).Select(line => line.Split(','))];
            int[] kept = [.. Enumerable.Range(0, rows[0].Length)
                .Where(i => !rows[0][i].Contains("second", StringComparison.Ordinal)
                    && !rows[0][i].Contains("memory", StringComparison.Ordinal))];
            return [.. rows.Select(row => kept.Select(i => row[i]).ToArray())];
        }
    }

    [Fact]
    public void A_validation_that_the_checkpoint_had_behind_it_is_not_there_twice()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var writer = new HistoryWriter();
        writer.RunStarted(ObservedRun.Start(model, folder.Root));
        ObservedRun.Tell(writer, 1, 2);
        writer.RunEnded(ObservedRun.End(TrainingEndReason.Cancelled));

        writer.RunStarted(ObservedRun.Start(model, folder.Root, stepsDone: 2));
        writer.ValidationCompleted(ObservedRun.Validation(1, 2));
        writer.EpochCompleted(ObservedRun.Epoch(1));
        writer.RunEnded(ObservedRun.End());

        Assert.Equal(2, File.ReadAllLines(folder.File("validations.csv")).Length);
        Assert.Single(File.ReadAllLines(folder.File("validations.jsonl")));
        Assert.Single(File.ReadAllLines(folder.File("epochs.jsonl")));
    }

    [Fact]
    public void A_line_that_was_cut_off_is_dropped_even_where_it_looks_whole()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var writer = new HistoryWriter();
        writer.RunStarted(ObservedRun.Start(model, folder.Root));
        ObservedRun.Tell(writer, 1, 3);
        writer.RunEnded(ObservedRun.End());
        string path = folder.File("steps.csv");
        string before = File.ReadAllText(path);
        // Its last number, 1, might have gone on: the line has no end.
        File.WriteAllText(path, before[..^1]);

        writer.RunStarted(ObservedRun.Start(model, folder.Root, stepsDone: 3, epochsDone: 1));
        writer.StepCompleted(ObservedRun.Step(3));
        writer.RunEnded(ObservedRun.End());

        Assert.Equal(before, File.ReadAllText(path));
    }

    [Fact]
    public void A_fresh_run_sets_the_history_of_an_earlier_one_aside()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        for (int run = 0; run < 3; run++)
        {
            var writer = new HistoryWriter(new HistoryOptions { JsonLines = false, Steps = false });
            writer.RunStarted(ObservedRun.Start(model, folder.Root));
            ObservedRun.Tell(writer, 1, 2 + (2 * run));
            writer.RunEnded(ObservedRun.End());
        }

        Assert.Equal(
            ["epochs-1.csv", "epochs-2.csv", "epochs.csv", "validations-1.csv", "validations-2.csv", "validations.csv"], folder.Files);
        Assert.Equal(
            [2, 3, 4], new[] { "epochs-1.csv", "epochs-2.csv", "epochs.csv" }.Select(name => File.ReadAllLines(folder.File(name)).Length));
    }

    [Fact]
    public void A_history_of_other_columns_is_set_aside_on_resume()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        folder.Write("steps.csv", "step,loss\n1,0.5\n"u8);
        var writer = new HistoryWriter();
        writer.RunStarted(ObservedRun.Start(model, folder.Root, stepsDone: 1));
        writer.StepCompleted(ObservedRun.Step(2));
        writer.RunEnded(ObservedRun.End());

        Assert.Equal("step,loss\n1,0.5\n", File.ReadAllText(folder.File("steps-1.csv")));
        Assert.Equal(2, File.ReadAllLines(folder.File("steps.csv")).Length);
    }

    [Fact]
    public void Lines_wait_while_the_folder_cannot_be_written()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var logger = new ListLogger();
        string output = folder.File("run");
        File.WriteAllText(output, "a file where the folder should be");
        var writer = new HistoryWriter(new HistoryOptions { Folder = output }, logger);
        writer.RunStarted(ObservedRun.Start(model, null));
        ObservedRun.Tell(writer, 1, 3);
        Assert.Equal(6, logger.Warnings.Count()); // one for each of six files, however many lines

        File.Delete(output);
        writer.StepCompleted(ObservedRun.Step(4));
        writer.RunEnded(ObservedRun.End());
        Assert.Equal(["1", "2", "3", "4"], File.ReadAllLines(Path.Combine(output, "steps.csv")).Skip(1).Select(line => line.Split(',')[0]));
        Assert.Equal(2, File.ReadAllLines(Path.Combine(output, "epochs.csv")).Length);
        Assert.Equal(6, logger.Warnings.Count());
    }

    [Fact]
    public void A_history_that_was_deleted_begins_again_with_its_header()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var writer = new HistoryWriter();
        writer.RunStarted(ObservedRun.Start(model, folder.Root));
        writer.StepCompleted(ObservedRun.Step(1));
        string header = File.ReadAllLines(folder.File("steps.csv"))[0];
        File.Delete(folder.File("steps.csv"));
        writer.StepCompleted(ObservedRun.Step(2));
        writer.RunEnded(ObservedRun.End());

        string[] lines = File.ReadAllLines(folder.File("steps.csv"));
        Assert.Equal(header, lines[0]);
        Assert.StartsWith("2,1,2,", Assert.Single(lines.Skip(1)));
    }

    [Fact]
    public void What_a_failed_write_left_half_behind_is_cut_off()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("records", "whole\nha"u8);
        using var file = new AppendedFile(path, NullLogger.Instance) { Length = 6 };
        Assert.Equal(1, file.Append(["next\n"u8.ToArray()]));
        Assert.Equal("whole\nnext\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_full_disk_is_reported_once_and_written_to_when_it_has_room()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full, the file of a disk without room");
        using var folder = new TemporaryFolder();
        var logger = new ListLogger();
        string path = folder.File("records");
        File.CreateSymbolicLink(path, "/dev/full");
        using var file = new AppendedFile(path, logger);
        Assert.Equal(0, file.Append(["first\n"u8.ToArray()]));
        Assert.Equal(0, file.Append(["first\n"u8.ToArray()]));
        Assert.Contains("training goes on", Assert.Single(logger.Warnings));

        File.Delete(path);
        Assert.Equal(2, file.Append(["first\n"u8.ToArray(), "second\n"u8.ToArray()]));
        Assert.Equal("first\nsecond\n", File.ReadAllText(path));
        Assert.Contains("can be written again", logger.Entries[^1].Message);
    }

    [Fact]
    public void A_loss_that_is_no_number_is_NaN_in_CSV_and_null_in_JSON()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var writer = new HistoryWriter();
        writer.RunStarted(ObservedRun.Start(model, folder.Root));
        writer.StepCompleted(ObservedRun.Step(1, double.NaN) with { Skipped = true });
        writer.RunEnded(ObservedRun.End());

        Assert.Contains("1,1,1,NaN,0.001,2.5,1,1,", File.ReadAllLines(folder.File("steps.csv"))[1]);
        using JsonDocument record = JsonDocument.Parse(File.ReadAllText(folder.File("steps.jsonl")));
        Assert.Equal(JsonValueKind.Null, record.RootElement.GetProperty("loss").ValueKind);
        Assert.True(record.RootElement.GetProperty("skipped").GetBoolean());
    }

    [Fact]
    public void A_run_without_any_folder_is_refused_with_the_cure()
    {
        using MadgNetModel model = TinyModel.Create();
        InvalidOptionsException refused =
            Assert.Throws<InvalidOptionsException>(() => new HistoryWriter().RunStarted(ObservedRun.Start(model, null)));
        Assert.Contains("TrainerOptions.OutputFolder", refused.Message);
    }
}
