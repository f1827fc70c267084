using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Metrics;

/// <summary>
/// Measures predictions against their truths, case by case and in parallel, and reports on the whole set. Only the maps that are being
/// measured are in memory. A case leaves only its numbers.
/// </summary>
/// <remarks>The report is the same, to the last bit, for every order of the cases and every degree of parallelism. Any number of
/// threads may share an evaluator.</remarks>
public sealed class Evaluator
{
    private readonly EvaluatorOptions _options;

    /// <summary>Creates an evaluator.</summary>
    /// <param name="options">What to measure; the defaults when null.</param>
    /// <exception cref="InvalidOptionsException">The options have problems; lists all of them.</exception>
    public Evaluator(EvaluatorOptions? options = null)
    {
        _options = options ?? new EvaluatorOptions();
        InvalidOptionsException.ThrowIfAny(nameof(Evaluator), _options.Validate());
    }

    /// <summary>What the evaluator measures.</summary>
    public EvaluatorOptions Options => _options;

    /// <summary>Evaluates cases that are made one after another, for example by a predictor.</summary>
    /// <param name="cases">The cases; enumerated once, by one thread at a time.</param>
    /// <param name="progress">Receives the number of cases that are done.</param>
    /// <param name="cancellationToken">Ends the evaluation early.</param>
    /// <returns>The report.</returns>
    /// <exception cref="EvaluationException">There is no case, a name occurs twice, cases differ in their number of labels or
    /// from the network's size, or a case's maps cannot be measured.</exception>
    /// <exception cref="OperationCanceledException">The evaluation was cancelled.</exception>
    public EvaluationReport Evaluate(
        IEnumerable<EvaluationCase> cases, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cases);
        var run = new EvaluationRun(_options, progress);
        Measure(run, cases, cancellationToken);
        return run.ToReport();
    }

    /// <summary>
    /// Evaluates a part of a set, or goes on with a part. <see cref="EvaluationShard.Merge"/> makes the report of the whole set from
    /// all parts.
    /// </summary>
    /// <param name="shard">Which part it is.</param>
    /// <param name="names">The names of all items of the set, in the order that the shards are taken from.</param>
    /// <param name="cases">The cases of this part that are not measured yet; enumerated once, by one thread at a time.</param>
    /// <param name="measured">What was measured before; null at the beginning.</param>
    /// <param name="isComplete">Whether these cases are the last ones of the part.</param>
    /// <param name="progress">Receives the number of cases that are done, those measured before too.</param>
    /// <param name="cancellationToken">Ends the evaluation early.</param>
    /// <returns>The part so far. It has no case when there are more shards than items.</returns>
    /// <exception cref="EvaluationException">As for <see cref="Evaluate"/>, or what was measured before is of another part or list, or was
    /// measured with other options.</exception>
    /// <exception cref="OperationCanceledException">The evaluation was cancelled.</exception>
    public EvaluationShard EvaluateShard(
        Shard shard,
        IReadOnlyList<string> names,
        IEnumerable<EvaluationCase> cases,
        EvaluationShard? measured = null,
        bool isComplete = true,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(cases);
        var run = new EvaluationRun(_options, progress);
        measured?.Continue(run, _options, shard, names);
        Measure(run, cases, cancellationToken);
        return EvaluationShard.Of(_options, shard, names, isComplete, run);
    }

    /// <summary>Evaluates cases that arrive asynchronously.</summary>
    /// <param name="cases">The cases; enumerated once, one at a time.</param>
    /// <param name="progress">Receives the number of cases that are done.</param>
    /// <param name="cancellationToken">Ends the evaluation early.</param>
    /// <returns>The report.</returns>
    /// <exception cref="EvaluationException">There is no case, a name occurs twice, cases differ in their number of labels or
    /// from the network's size, or a case's maps cannot be measured.</exception>
    /// <exception cref="OperationCanceledException">The evaluation was cancelled.</exception>
    public async Task<EvaluationReport> EvaluateAsync(
        IAsyncEnumerable<EvaluationCase> cases, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cases);
        var run = new EvaluationRun(_options, progress);
        await Parallel.ForEachAsync(
            cases,
            new ParallelOptions { MaxDegreeOfParallelism = _options.DegreeOfParallelism, CancellationToken = cancellationToken },
            (evaluated, _) =>
            {
                run.Measure(evaluated);
                return ValueTask.CompletedTask;
            }).ConfigureAwait(false);
        return run.ToReport();
    }

    /// <summary>
    /// Evaluates a model on a dataset. At the network's size, image and masks are resized first (antialiased bilinear, masks
    /// foreground from 0.5 on afterwards, as the published protocol does); otherwise the model sees each image as it is loaded.
    /// </summary>
    /// <param name="dataset">The dataset; every sample needs its masks.</param>
    /// <param name="predict">
    /// Predicts a sample's image: n×H×W probabilities of the image's size, for example
    /// <c>sample => predictor.Predict(sample.Image).Probability</c>. Called for one sample at a time, while others are measured.
    /// </param>
    /// <param name="groupOf">Gives the group (patient) of a sample's name; null when every sample is a group of its own.</param>
    /// <param name="progress">Receives the number of cases that are done.</param>
    /// <param name="cancellationToken">Ends the evaluation early.</param>
    /// <returns>The report.</returns>
    /// <exception cref="EvaluationException">As for <see cref="Evaluate"/>.</exception>
    /// <exception cref="OperationCanceledException">The evaluation was cancelled.</exception>
    public EvaluationReport EvaluateDataset(
        IDataset dataset,
        Func<Sample, FloatImage> predict,
        Func<string, string?>? groupOf = null,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(predict);
        return Evaluate(Cases(), progress, cancellationToken);

        IEnumerable<EvaluationCase> Cases()
        {
            for (int i = 0; i < dataset.Count; i++)
            {
                Sample sample = dataset.Load(i);
                if (_options.NetworkSize is { } size)
                {
                    sample = sample.AtSize(size.Height, size.Width);
                }

                yield return new EvaluationCase(sample.Name, predict(sample), sample.Masks, sample.Ignored)
                {
                    Group = groupOf?.Invoke(sample.Name),
                };
            }
        }
    }

    private void Measure(EvaluationRun run, IEnumerable<EvaluationCase> cases, CancellationToken cancellationToken)
    {
        try
        {
            Parallel.ForEach(
                Partitioner.Create(cases, EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = _options.DegreeOfParallelism, CancellationToken = cancellationToken },
                run.Measure);
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.Flatten().InnerExceptions[0]);
        }
    }
}
