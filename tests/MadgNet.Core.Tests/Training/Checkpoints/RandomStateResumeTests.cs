using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using TorchSharp;

namespace MadgNet.Core.Tests.Training.Checkpoints;

/// <remarks>Not in parallel with other tests: libtorch's random state is the process's.</remarks>
[Collection(nameof(RandomStateResumeTests))]
[CollectionDefinition(nameof(RandomStateResumeTests), DisableParallelization = true)]
public class RandomStateResumeTests
{
    private static readonly TrainerOptions Options = new()
    {
        Epochs = 3,
        Schedule = new CosineAnnealingSchedule(1e-2),
        Checkpoints = new CheckpointOptions { EverySteps = 1 },
        Resume = ResumeMode.IfPresent,
    };

    [Fact]
    public void Random_numbers_of_modules_go_on_where_they_were()
    {
        using var whole = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        torch.manual_seed(77);
        SortedDictionary<string, byte[]> expected = WithDropout(whole.Root, null);
        torch.manual_seed(77);
        Assert.Throws<ResumeTests.InterruptionException>(() => WithDropout(folder.Root, 3));
        torch.manual_seed(1234);
        Trainings.Equal(expected, WithDropout(folder.Root, null));

        static SortedDictionary<string, byte[]> WithDropout(string output, int? interruptedAfter)
        {
            var backbone = new TinyEncoder(TinyModel.Levels)
            {
                Tamper = (_, levels) => [.. levels.Select(level => torch.nn.functional.dropout(level, 0.2, training: true))],
            };
            using var model = new MadgNetModel(TinyModel.Options, backbone, 5);
            int steps = 0;
            new Trainer(model, Options with { OutputFolder = output }).Train(
                Trainings.Loader(Discs.Dataset(10, 16, 16)),
                progress: new Trainings.Recorder([], () =>
                {
                    if (++steps == interruptedAfter)
                    {
                        throw new ResumeTests.InterruptionException("progress");
                    }
                }));
            return Trainings.Weights(model);
        }
    }
}
