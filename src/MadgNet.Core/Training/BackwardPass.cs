using MadgNet.Core.Data;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Distribution;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using MadgNet.Core.Training.Watching;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training;

/// <summary>One batch of a step: forward, the loss over all ranks, and backward into the gradients.</summary>
internal sealed class BackwardPass(
    SegmentationModel model,
    TrainerOptions options,
    PrecisionPlan plan,
    RunReporter reporter,
    SegmentationTransform? transform,
    RankSync ranks,
    RunSnapshot snapshot,
    LossScaler? scaler)
{
    private readonly ValueRangeWatch _valueRange = new(transform);

    /// <summary>One batch forward and backward.</summary>
    /// <returns>What is not finite, and where it arises; null where all is well.</returns>
    public string? Run(RunState state, StepWork work, Batch batch, int images)
    {
        work.Names.AddRange(batch.Names);
        try
        {
            using DisposeScope scope = NewDisposeScope();
            ForwardPass pass = ForwardPass.Run(model, options.Loss, batch, Arrange, plan.Enter);
            RankLoss loss = ranks.IsAlone
                ? new RankLoss(pass.Total, pass.Loss.ReadStages(), double.IsFinite(pass.Total))
                : ranks.Combine(pass.Total, pass.Loss.ReadStages(), batch.Count);
            work.Add(loss.Total, loss.Stages, images);
            if (!loss.IsFinite)
            {
                snapshot.Restore();
                string? place = batch.Count == 0 || double.IsFinite(pass.Total) ? null : Explain(pass, batch.Names);
                return ranks.IsAlone ? place : ranks.FirstOf(place);
            }

            Tensor scaled = ranks.IsAlone && options.AccumulationSteps == 1
                ? pass.Loss.Total
                : Weigh(pass.Loss.Total, (double)batch.Count / (options.AccumulationSteps == 1 ? images : work.Planned));
            Backward(scaler?.Scale(scaled) ?? scaled);
            return null;
        }
        catch (Exception exception) when (MemoryExhaustion.Is(exception))
        {
            throw MemoryExhaustion.Explain(exception, batch.Images, work.Place, model.Device, options, validating: false);
        }

        Tensor Arrange(Tensor images)
        {
            Tensor arranged = plan.Arrange(images);
            if (_valueRange.Look(arranged) is { } outside)
            {
                reporter.Warn(state, TrainingWarningKind.ValuesOutOfRange, outside);
            }

            return arranged;
        }

        string Explain(ForwardPass pass, IReadOnlyList<string> names)
        {
            using IDisposable? apart = ranks.Apart();
            string place = NonFiniteFinder.OfForward(model, pass.Images, pass.Targets, names, Forward);
            return FormattableString.Invariant($"a loss of {pass.Total}: {place}");
        }

        SegmentationOutput Forward(Tensor input)
        {
            using (plan.Enter())
            {
                return model.call(input);
            }
        }
    }

    private void Backward(Tensor loss)
    {
        try
        {
            loss.backward();
        }
        catch (Exception exception) when (ranks.TakeFault() is { } fault)
        {
            throw new ProcessGroupException(
                [new Problem(
                    "backward pass",
                    $"a failure while it normalised over the ranks ({fault.Message.TrimEnd('.')}; {exception.Message.TrimEnd('.')})",
                    "sums over all ranks",
                    "Look at what failed on the other ranks")],
                fault);
        }
    }

    private static Tensor Weigh(Tensor loss, double weight)
    {
        using Scalar scalar = weight.ToScalar();
        return loss.mul(scalar);
    }
}
