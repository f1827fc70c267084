using MadgNet.Core.Data;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Optimization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MadgNet.Core.Training.RangeTest;

/// <summary>
/// The learning-rate range test (Smith, <i>Cyclical Learning Rates for Training Neural Networks</i>, WACV 2017): trains for
/// some steps with a rate that rises exponentially and looks where the loss falls fastest, and where it grows.
/// </summary>
/// <remarks>
/// Afterwards the model's weights, running statistics, gradients and mode are what they were, bit for bit, and so is the
/// random state of libtorch on the CPU; however the test ended. Training is in float32, without accumulation and clipping.
/// </remarks>
public sealed class LearningRateRangeTest
{
    private const int Recent = 5;
    private readonly SegmentationModel _model;
    private readonly LearningRateRangeOptions _options;
    private readonly ILogger _logger;

    /// <summary>Creates the test.</summary>
    /// <param name="model">The model; it stays the caller's. Put it on its device before.</param>
    /// <param name="options">The rates and what is trained with; null for the defaults.</param>
    /// <param name="logger">Receives what happens; null for nowhere.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public LearningRateRangeTest(SegmentationModel model, LearningRateRangeOptions? options = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _options = options ?? new LearningRateRangeOptions();
        InvalidOptionsException.ThrowIfAny(nameof(LearningRateRangeTest), _options.Validate());
        _logger = logger ?? NullLogger.Instance;
    }

    /// <summary>Runs the test. Where the training set has fewer batches than the test has steps, it is gone through again.</summary>
    /// <param name="training">The training set, as it will be trained with.</param>
    /// <param name="progress">Receives every step; null for nobody.</param>
    /// <param name="cancellationToken">Ends the test within one step.</param>
    /// <returns>The loss over the rate.</returns>
    /// <exception cref="DataLoadException">A sample cannot be loaded.</exception>
    /// <exception cref="TensorShapeException">A batch has another size than the model takes.</exception>
    /// <exception cref="TrainingException">No batch of the training set can be trained on.</exception>
    /// <exception cref="OperationCanceledException">The test was cancelled.</exception>
    public LearningRateRange Run(
        BatchLoader training, IProgress<LearningRatePoint>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        using DisposeScope scope = NewDisposeScope();
        using var before = new State(_model);
        var steps = new List<(double Rate, double Loss)>(_options.Steps);
        bool diverged = false;
        try
        {
            _model.train();
            using Optimizer optimizer = _options.Optimizer.Create(_options.Optimizer.Group(_model));
            foreach (Batch batch in Batches(training, cancellationToken))
            {
                double rate = Rate(steps.Count);
                double loss = Step(optimizer, batch, rate);
                steps.Add((rate, loss));
                progress?.Report(new LearningRatePoint(steps.Count, rate, loss, double.NaN));
                diverged = Diverged(steps);
                if (diverged || steps.Count == _options.Steps)
                {
                    break;
                }
            }
        }
        finally
        {
            before.Restore();
        }

        var range = new LearningRateRange(steps, _options.Smoothing, diverged);
        _logger.LogInformation(
            "Learning-rate range test: {Steps} steps from {Lowest:G3} to {Highest:G3}, suggestion {Suggestion:G3}",
            steps.Count,
            _options.Lowest,
            steps[^1].Rate,
            range.Suggestion);
        return range;
    }

    private double Rate(int step) => _options.Lowest * Math.Pow(_options.Highest / _options.Lowest, (double)step / (_options.Steps - 1));

    /// <summary>Whether the last losses are far above the best ones, or no numbers.</summary>
    private bool Diverged(List<(double Rate, double Loss)> steps)
    {
        if (!double.IsFinite(steps[^1].Loss))
        {
            return true;
        }

        if (steps.Count < 2 * Recent)
        {
            return false;
        }

        double[] means = [.. Enumerable.Range(0, steps.Count - Recent + 1)
            .Select(first => steps.Skip(first).Take(Recent).Average(step => step.Loss))];
        return means[^1] > _options.Divergence * means.Min();
    }

    private double Step(Optimizer optimizer, Batch batch, double rate)
    {
        using DisposeScope scope = NewDisposeScope();
        optimizer.ZeroGradients();
        ForwardPass pass = ForwardPass.Run(_model, _options.Loss, batch);
        if (double.IsFinite(pass.Total))
        {
            pass.Loss.Total.backward();
            optimizer.Step(rate);
        }

        return pass.Total;
    }

    private IEnumerable<Batch> Batches(BatchLoader training, CancellationToken cancellationToken)
    {
        for (int epoch = 0; ; epoch++)
        {
            int used = 0;
            foreach (Batch batch in training.EpochFor(_model.Tasks, epoch, 0, cancellationToken))
            {
                using (batch)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (batch.Count >= _model.MinimumTrainingBatch)
                    {
                        used++;
                        yield return batch;
                    }
                }
            }

            if (used == 0)
            {
                throw new TrainingException(new Problem(
                    "training loader",
                    $"{training.SampleCount} images, and no batch that can be trained on",
                    $"batches of {_model.MinimumTrainingBatch} images or more, which this network needs",
                    "Choose another batch size, or look at what the loader skips"));
            }
        }
    }

    /// <summary>What the test changes, as it was.</summary>
    private sealed class State : IDisposable
    {
        private readonly SegmentationModel _model;
        private readonly bool _training;
        private readonly List<(Tensor Value, Tensor Copy)> _values = [];
        private readonly List<(Parameter Parameter, Tensor? Gradient)> _gradients = [];
        private readonly Tensor _random;

        public State(SegmentationModel model)
        {
            _model = model;
            _training = model.training;
            _random = get_rng_state().DetachFromDisposeScope();
            foreach (Tensor value in model.state_dict().Values)
            {
                using Tensor detached = value.detach();
                _values.Add((value, detached.clone().DetachFromDisposeScope()));
            }

            foreach (Parameter parameter in model.parameters())
            {
                using Tensor? gradient = parameter.grad;
                _gradients.Add((parameter, gradient?.clone().DetachFromDisposeScope()));
            }
        }

        public void Restore()
        {
            using IDisposable off = no_grad();
            foreach ((Tensor value, Tensor copy) in _values)
            {
                value.copy_(copy);
            }

            foreach ((Parameter parameter, Tensor? gradient) in _gradients)
            {
                parameter.grad = gradient;
            }

            set_rng_state(_random);
            _model.train(_training);
        }

        public void Dispose()
        {
            _random.Dispose();
            _values.ForEach(pair => pair.Copy.Dispose());
            _gradients.ForEach(pair => pair.Gradient?.Dispose());
        }
    }
}
