using MadgNet.Core.Data;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Distribution;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using MadgNet.Core.Training.Watching;
using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training;

/// <summary>
/// Takes optimizer steps. Whatever interrupts one, the run can be put back to where it was before it, unless the optimizer
/// was already at work: then <see cref="Intact"/> is false.
/// </summary>
internal sealed class RunStepper : IDisposable
{
    private readonly SegmentationModel _model;
    private readonly TrainerOptions _options;
    private readonly ILogger _logger;
    private readonly RunReporter _reporter;
    private readonly BatchLoader _loader;
    private readonly RankSync _ranks;
    private readonly RunSnapshot _snapshot;
    private readonly int _minimumBatch;
    private readonly BackwardPass _pass;

    public RunStepper(
        SegmentationModel model,
        TrainerOptions options,
        ILogger logger,
        PrecisionPlan plan,
        RunReporter reporter,
        BatchLoader loader,
        RankSync ranks)
    {
        _model = model;
        _options = options;
        _logger = logger;
        _reporter = reporter;
        _loader = loader;
        _ranks = ranks;
        _minimumBatch = model.MinimumTrainingBatch;
        Optimizer = options.Optimizer.Create(options.Optimizer.Group(model));
        try
        {
            Average = options.EmaDecay is { } decay ? new EmaWeights(model, decay) : null;
            Scaler = plan.NeedsLossScaling ? new LossScaler() : null;
            _snapshot = new RunSnapshot(model);
            _pass = new BackwardPass(model, options, plan, reporter, loader.Options.Transform, ranks, _snapshot, Scaler);
        }
        catch
        {
            Average?.Dispose();
            Optimizer.Dispose();
            throw;
        }
    }

    public Optimizer Optimizer { get; }

    public EmaWeights? Average { get; }

    public LossScaler? Scaler { get; }

    /// <summary>Whether weights, optimizer and average belong to one moment between two steps.</summary>
    public bool Intact { get; private set; } = true;

    /// <summary>Whether a step has begun that has not ended.</summary>
    public bool InStep { get; private set; }

    /// <summary>Takes the next step.</summary>
    /// <param name="state">The run, which is moved to behind the step.</param>
    /// <param name="batches">The rest of the epoch; this rank's part of every batch.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="cancellationToken">Ends the step; the run is then to be put back by <see cref="Rollback"/>.</param>
    /// <returns>The step; null where the epoch has no batch left.</returns>
    public StepReport? Step(RunState state, IEnumerator<Batch?> batches, double rate, CancellationToken cancellationToken)
    {
        _snapshot.Take();
        InStep = true;
        Optimizer.ZeroGradients();
        var work = new StepWork(state, rate, Planned(state.Batch));
        while (work.Batches < _options.AccumulationSteps)
        {
            if (_ranks.IsAlone)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            long waiting = _options.Clock.GetTimestamp();
            bool found = batches.MoveNext();
            work.DataTime += _options.Clock.GetElapsedTime(waiting);
            if (!found)
            {
                work.NextBatch = _loader.BatchCount;
                break;
            }

            using Batch? mine = batches.Current;
            using Batch? blank = Meet(mine, work, cancellationToken, out int images);
            if ((mine ?? blank) is not { } batch)
            {
                continue;
            }

            long computing = _options.Clock.GetTimestamp();
            string? fault = _pass.Run(state, work, batch, images);
            work.ComputeTime += _options.Clock.GetElapsedTime(computing);
            _options.Probe?.Invoke($"backward, step {state.Step}");
            if (fault is not null)
            {
                return Skip(state, work, fault);
            }
        }

        if (work.Images == 0)
        {
            state.Batch = work.NextBatch;
            InStep = false;
            return null;
        }

        return Update(state, work);
    }

    /// <summary>Puts the run back to where it was before a step that did not end.</summary>
    public void Rollback()
    {
        if (InStep && Intact)
        {
            _snapshot.Restore();
            InStep = false;
        }
    }

    public void Dispose()
    {
        _snapshot.Dispose();
        Average?.Dispose();
        Optimizer.Dispose();
    }

    /// <summary>The images that a step is going to have, should all of them be loaded.</summary>
    private int Planned(int firstBatch)
    {
        int left = (_loader.Options.DropLast ? _loader.BatchCount * _loader.Options.BatchSize : _loader.SampleCount)
            - (firstBatch * _loader.Options.BatchSize);
        return (int)Math.Min((long)_options.AccumulationSteps * _loader.Options.BatchSize, left);
    }

    /// <summary>Meets the other ranks at a batch.</summary>
    /// <param name="mine">This rank's part; null where it has none.</param>
    /// <param name="work">The step, which moves on to the next batch.</param>
    /// <param name="cancellationToken">Ends the run on all ranks.</param>
    /// <param name="images">The images of all ranks; 0 where the batch is left out.</param>
    /// <returns>What a rank without images goes through the network with; null where it has some, or nobody does.</returns>
    private Batch? Meet(Batch? mine, StepWork work, CancellationToken cancellationToken, out int images)
    {
        int number = mine?.Number ?? work.NextBatch;
        RankBatch? met = _ranks.IsAlone ? null : _ranks.Meet(mine, cancellationToken.IsCancellationRequested);
        work.NextBatch = number + 1;
        if (met is { Cancelled: true })
        {
            _ranks.ThrowCancelled(cancellationToken);
        }

        images = met?.Total ?? mine!.Count;
        if (images == 0)
        {
            return null;
        }

        if (images < _minimumBatch)
        {
            _logger.LogWarning(
                "Skipped a batch of {Count} image(s) ({Name}): the network is trained on {Minimum} or more at once",
                images,
                mine?.Names[0] ?? "of another rank",
                _minimumBatch);
            images = 0;
            return null;
        }

        if (met is { IsUniform: false })
        {
            throw _ranks.Together(new TrainingException(new Problem(
                $"batch {number}", met.Describe(), "samples of one shape", "Add a Resize or RandomCrop transform, or use batches of 1")));
        }

        return mine is null ? met!.Blank(number, _model.Tasks) : null;
    }

    private StepReport Update(RunState state, StepWork work)
    {
        long computing = _options.Clock.GetTimestamp();
        _ranks.SumGradients(Optimizer.Groups);
        if (!_ranks.IsAlone)
        {
            _ranks.AverageStatistics((double)work.Names.Count / work.Images);
        }

        if (_options.AccumulationSteps > 1 && work.Images != work.Planned)
        {
            // Samples that could not be loaded: the step's mean is over those that could.
            Rescale((double)work.Planned / work.Images);
        }

        double scale = Scaler?.Factor ?? 1;
        bool overflow = Scaler is not null && !Scaler.Unscale(Optimizer.Groups);
        GradientSummary gradients = overflow ? new GradientSummary(double.NaN, false, null) : _options.Clipping.Apply(Optimizer.Groups);
        if (!overflow && !gradients.Finite)
        {
            work.ComputeTime += _options.Clock.GetElapsedTime(computing);
            return Skip(state, work, $"gradients that are not finite: {NonFiniteFinder.OfGradients(_model)}");
        }

        _options.Probe?.Invoke($"before update, step {state.Step}");

        // From here to the end nothing is undone, and nothing but a failure of the machine can interrupt it.
        Intact = false;
        if (!overflow)
        {
            Optimizer.Step(work.Rate);
            Average?.Update();
        }

        Scaler?.Update(!overflow);
        work.ComputeTime += _options.Clock.GetElapsedTime(computing);
        StepReport report = work.Report(gradients.Norm, scale, skipped: overflow);
        Advance(state, work, report);
        Problem? explosion = overflow ? null : GradientWatch.Add(state, gradients.Norm);
        Intact = true;
        InStep = false;
        _options.Probe?.Invoke($"after update, step {state.Step}");
        if (explosion is not null)
        {
            _reporter.Warn(state, TrainingWarningKind.ExplodingGradients, explosion);
        }

        return report;
    }

    private void Rescale(double factor)
    {
        using var noGradients = no_grad();
        using Scalar scalar = factor.ToScalar();
        foreach ((_, TorchSharp.Modules.Parameter parameter) in Optimizer.Groups.SelectMany(group => group.Parameters))
        {
            using Tensor? gradient = parameter.grad;
            gradient?.mul_(scalar);
        }
    }

    /// <summary>Leaves a step out, or fails where too many were.</summary>
    private StepReport Skip(RunState state, StepWork work, string fault)
    {
        // The pass may have left values in the running statistics that would stay for ever.
        _snapshot.Restore();
        bool stops = state.SkippedSteps >= _options.MaximumSkippedSteps;
        var problem = new Problem(
            work.Place,
            fault,
            "a finite loss and finite gradients",
            stops && _options.MaximumSkippedSteps > 0
                ? $"{_options.MaximumSkippedSteps} steps were skipped already: lower the learning rate, clip the gradients, and look "
                    + $"at these images and masks"
                : "Lower the learning rate, clip the gradients, and look at these images and masks; TrainerOptions.MaximumSkippedSteps "
                    + "lets a run pass over such steps");
        if (stops)
        {
            throw _ranks.Together(new TrainingException(problem) { IsDivergence = true });
        }

        _reporter.Warn(state, TrainingWarningKind.StepSkipped, problem);
        _logger.LogWarning(
            "Skipped step {Step} of epoch {Epoch} ({Images}): {Fault}",
            state.Step + 1,
            state.Epoch + 1,
            string.Join(", ", work.Names),
            fault);
        Optimizer.ZeroGradients();
        StepReport report = work.Report(double.NaN, Scaler?.Factor ?? 1, skipped: true);
        Advance(state, work, report);
        state.SkippedSteps++;
        InStep = false;
        return report;
    }

    private static void Advance(RunState state, StepWork work, StepReport report)
    {
        state.Step++;
        state.Batch = work.NextBatch;
        state.StepInEpoch++;
        state.Rate = work.Rate;
        state.Meter.Add(report);
    }
}
