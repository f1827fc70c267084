using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Training;

namespace MadgNet.Core.Tests.Support;

/// <summary>What an observer is told of a run, without one: two steps an epoch, with numbers that follow from the step.</summary>
internal static class ObservedRun
{
    public const int StepsInEpoch = 2;

    public static TrainingRun Start(MadgNetModel model, string? output, long stepsDone = 0, int epochsDone = 0) => new(
        model,
        new TrainerOptions { Epochs = 3, OutputFolder = output },
        new BatchLoader(Discs.Dataset(8), new BatchLoaderOptions { BatchSize = 4, Workers = 0, Seed = 7 }),
        new BatchLoader(Discs.Dataset(3, seed: 2), new BatchLoaderOptions { BatchSize = 1, Workers = 0, Shuffle = false }),
        stepsDone,
        epochsDone,
        "float32, contiguous");

    public static StepReport Step(long step, double? loss = null) => new()
    {
        Step = step,
        Epoch = (int)((step - 1) / StepsInEpoch) + 1,
        StepInEpoch = (int)((step - 1) % StepsInEpoch) + 1,
        Loss = loss ?? 10.0 / step,
        StageLosses = [new TaskLossValues(step, 0.25, 0.5), new TaskLossValues(step + 0.125, 0.75, 1)],
        LearningRate = 1e-3 / step,
        GradientNorm = 2.5,
        Images = 4,
        DataTime = TimeSpan.FromMilliseconds(250),
        ComputeTime = TimeSpan.FromMilliseconds(750),
    };

    public static EpochRecord Epoch(int epoch) => new(epoch, 5.0 / epoch, 1e-3, Score(epoch), TimeSpan.FromSeconds(2))
    {
        Steps = StepsInEpoch,
        StageLosses = [new TaskLossValues(1, 2, 3), new TaskLossValues(4, 5, 6)],
        ImagesPerSecond = 4,
        GradientNorm = 2.5,
        PeakMemoryBytes = 1L << 30,
    };

    public static ValidationScore Score(int epoch) => new(0.5 + (0.1 * epoch), 0.4 + (0.1 * epoch), 3);

    public static ValidationReport Validation(int epoch, long step, params IReadOnlyList<ValidationPicture> pictures) => new(
        epoch,
        step,
        Score(epoch),
        new Evaluator(new EvaluatorOptions { SetName = "discs" }).Run(EvaluationCases.Make(6, noise: 0.6 / epoch)),
        false,
        pictures);

    public static ValidationPicture Picture()
    {
        Sample sample = Discs.Sample(0, 8, 12, 1);
        var probability = new FloatImage(1, 8, 12);
        probability.Data.Fill(0.5f);
        return new ValidationPicture("disc0", sample.Image, sample.Masks[0], probability);
    }

    /// <summary>Tells an observer of steps and, where an epoch ends, of its validation and end.</summary>
    public static void Tell(ITrainingObserver observer, long first, long last)
    {
        for (long step = first; step <= last; step++)
        {
            observer.StepCompleted(Step(step));
            if (step % StepsInEpoch == 0)
            {
                int epoch = (int)(step / StepsInEpoch);
                observer.ValidationCompleted(Validation(epoch, step));
                observer.EpochCompleted(Epoch(epoch));
            }
        }
    }

    public static TrainingRunEnd End(TrainingEndReason reason = TrainingEndReason.Completed, Exception? error = null) =>
        new(reason, null, error);
}
