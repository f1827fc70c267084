using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;

namespace MadgNet.Core.Tests.Training.Checkpoints;

/// <summary>Disks that are full, folders that vanish: reported, survived, tried again.</summary>
public class CheckpointFailureTests
{
    [Fact]
    public void A_disk_that_is_full_for_a_while_costs_nothing()
    {
        using var folder = new TemporaryFolder();
        using var undisturbed = new TemporaryFolder();
        SortedDictionary<string, byte[]> expected = Train(undisturbed.Root, null, null).Weights;
        var observer = new Trainings.Observer();
        int failures = 0;

        // What a full disk answers, at the first three checkpoints, in the middle of writing.
        (SortedDictionary<string, byte[]> weights, TrainingResult result) = Train(folder.Root, observer, point =>
        {
            if (point.StartsWith("checkpoint half written", StringComparison.Ordinal) && failures < 3)
            {
                failures++;
                Assert.Single(Directory.GetFiles(Path.Combine(folder.Root, "checkpoints"), ".*.tmp"));
                throw new IOException("No space left on device");
            }
        });
        Trainings.Equal(expected, weights);
        Assert.Equal(3, failures);
        TrainingWarning warning = Assert.Single(observer.Of<TrainingWarning>());
        Assert.Equal(TrainingWarningKind.CheckpointFailed, warning.Kind);
        Assert.Contains("No space left", warning.Problem.Received, StringComparison.Ordinal);
        Assert.Equal(TrainingEndReason.Completed, result.Reason);
        string[] left = [.. Directory.GetFiles(Path.Combine(folder.Root, "checkpoints"))];
        Assert.Equal(2, left.Length);
        Assert.All(left, file => CheckpointFolder.Open(file).Dispose());
    }

    [Fact]
    public void A_folder_that_vanishes_is_made_again()
    {
        using var folder = new TemporaryFolder();
        string output = Path.Combine(folder.Root, "run");
        int steps = 0;
        var observer = new Trainings.Observer();
        (_, TrainingResult result) = Train(output, observer, point =>
        {
            if (point.StartsWith("before update", StringComparison.Ordinal) && ++steps == 3)
            {
                Directory.Delete(output, recursive: true);
            }
        });
        Assert.Empty(observer.Of<TrainingWarning>());
        Assert.True(File.Exists(result.LastCheckpoint));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(output, "checkpoints")).Length);
    }

    /// <summary>A file in the folder's place: what refuses writing to root, too, whom permissions do not stop.</summary>
    [Fact]
    public void A_folder_that_cannot_be_written_to_is_reported_and_tried_again_until_it_can()
    {
        using var folder = new TemporaryFolder();
        string output = Path.Combine(folder.Root, "run");
        string checkpoints = Path.Combine(output, "checkpoints");
        int steps = 0;
        var observer = new Trainings.Observer();
        Train(output, observer, point =>
        {
            if (!point.StartsWith("before update", StringComparison.Ordinal))
            {
                return;
            }

            if (++steps == 1)
            {
                File.WriteAllText(checkpoints, "in the way");
            }
            else if (steps == 4)
            {
                File.Delete(checkpoints);
            }
        });
        Assert.Equal(TrainingWarningKind.CheckpointFailed, Assert.Single(observer.Of<TrainingWarning>()).Kind);
        Assert.Equal(2, Directory.GetFiles(checkpoints).Length);
    }

    [Fact]
    public void Last_weights_that_cannot_be_saved_fail_the_run_and_say_where_they_are()
    {
        using var folder = new TemporaryFolder();
        string output = Path.Combine(folder.Root, "run");
        var exception = Assert.Throws<TrainingException>(() => Train(output, null, point =>
        {
            if (point.StartsWith("before update, step 5", StringComparison.Ordinal))
            {
                Directory.Delete(output, recursive: true);
                File.WriteAllText(output, "in the way");
            }
        }));
        BlockProperty.FollowsTheMessageRule(exception, "SegmentationModel.Save");
    }

    [Fact]
    public void A_checkpoint_is_as_good_as_its_digest()
    {
        using var folder = new TemporaryFolder();
        Train(folder.Root, null, null);
        string file = Directory.GetFiles(Path.Combine(folder.Root, "checkpoints"))[0];
        byte[] bytes = File.ReadAllBytes(file);
        CheckpointFolder.Open(file).Dispose();
        var random = new Random(3);
        for (int trial = 0; trial < 60; trial++)
        {
            byte[] damaged = [.. bytes];
            damaged[trial < 20 ? random.Next(2000) : random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(file, damaged);
            Assert.Throws<MadgNet.Core.Weights.WeightFileException>(() => CheckpointFolder.Open(file));
        }

        File.WriteAllBytes(file, bytes[..^1]);
        Assert.Throws<MadgNet.Core.Weights.WeightFileException>(() => CheckpointFolder.Open(file));
    }

    private static (SortedDictionary<string, byte[]> Weights, TrainingResult Result) Train(
        string output, ITrainingObserver? observer, Action<string>? probe)
    {
        using MadgNetModel model = TinyModel.Create(seed: 5);
        var options = new TrainerOptions
        {
            Epochs = 2,
            OutputFolder = output,
            Checkpoints = new CheckpointOptions { EverySteps = 1, KeepBest = false },
            Observers = observer is null ? [] : [observer],
            Probe = probe,
        };
        TrainingResult result = new Trainer(model, options).Train(Trainings.Loader(Discs.Dataset(12, 16, 16)));
        return (Trainings.Weights(model), result);
    }
}
