using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training.Distribution;

/// <summary>
/// Ranks as threads: any number of them comes to the weights of one process. The order of sums differs, and so do the last bits
/// of float32, 6e-8 of a value: hence 1e-6.
/// </summary>
/// <remarks>
/// Not in parallel with other tests: ranks set the process's random state together. The network weighs channels by their means:
/// MFCA's maxima and minima jump from pixel to pixel where the last bits decide, and their gradients with them.
/// </remarks>
[Collection(nameof(RankTrainingTests))]
[CollectionDefinition(nameof(RankTrainingTests), DisableParallelization = true)]
public sealed class RankTrainingTests
{
    private const double Tolerance = 1e-6;

    public static TheoryData<int, string> Cases
    {
        get
        {
            var cases = new TheoryData<int, string>();
            foreach (int ranks in (int[])[2, 3, 5])
            {
                foreach (string kind in Kinds.Keys)
                {
                    cases.Add(ranks, kind);
                }
            }

            return cases;
        }
    }

    private static Dictionary<string, Func<TrainerOptions, TrainerOptions>> Kinds { get; } = new()
    {
        ["plain"] = options => options,
        ["accumulation"] = options => options with { AccumulationSteps = 2 },
        ["clipping"] = options => options with { Clipping = new GradientClipping { Norm = 0.05 } },
        ["averages"] = options => options with { EmaDecay = 0.9, ValidateEverySteps = 2, CalibrateThreshold = true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ranks_come_to_the_weights_of_one_process(int ranks, string kind)
    {
        Outcome alone = Train(ProcessGroup.Single, Kinds[kind]);
        Outcome[] together = ThreadGroup.Run(ranks, group => Train(group, Kinds[kind]));
        Assert.All(together, outcome => AssertClose(alone, outcome));
        Assert.All(together, outcome => Trainings.Equal(together[0].Weights, outcome.Weights));
        Assert.Equal(alone.Result.Steps, together[0].Result.Steps);
        for (int epoch = 0; epoch < alone.Result.History.Count; epoch++)
        {
            Assert.Equal(alone.Result.History[epoch].Loss, together[0].Result.History[epoch].Loss, 1e-5);
            Assert.Equal(alone.Result.History[epoch].Validation!.Dice, together[0].Result.History[epoch].Validation!.Dice, 1e-3);
            Assert.Equal(alone.Result.History[epoch].Validation!.Images, together[0].Result.History[epoch].Validation!.Images);
        }
    }

    private static Outcome Train(ProcessGroup group, Func<TrainerOptions, TrainerOptions> change, string? folder = null)
    {
        using MadgNetModel model = TinyModel.Create(
            seed: 5 + group.Rank, TinyModel.Options with { ChannelAttention = AttentionNames.AveragePooling });
        var options = new TrainerOptions
        {
            Steps = 6,
            Optimizer = new SgdOptions { Momentum = 0.9 },
            Schedule = new ConstantSchedule(0.05),
            OutputFolder = folder,
            ProcessGroup = group,
            CompareRanksEvery = 2,
        };
        TrainingResult result = new Trainer(model, change(options)).Train(
            new BatchLoader(
                Discs.Dataset(13),
                new BatchLoaderOptions { BatchSize = 4, Seed = 3, Workers = 1, Transform = new HorizontalFlip() }),
            Trainings.Validation(Discs.Dataset(5, seed: 2), batchSize: 2));
        return new Outcome(Trainings.Weights(model), result);
    }

    private static void AssertClose(Outcome expected, Outcome actual)
    {
        double worst = 0;
        string where = "";
        foreach ((string name, byte[] bytes) in expected.Weights)
        {
            if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            {
                Assert.Equal(bytes, actual.Weights[name]);
                continue;
            }

            for (int i = 0; i < bytes.Length; i += sizeof(float))
            {
                double difference = Math.Abs(BitConverter.ToSingle(bytes, i) - BitConverter.ToSingle(actual.Weights[name], i));
                if (!(difference <= worst))
                {
                    (worst, where) = (difference, name);
                }
            }
        }

        Assert.True(worst <= Tolerance, $"{where} differs by {worst}");
    }

    private sealed record Outcome(SortedDictionary<string, byte[]> Weights, TrainingResult Result);
}
