using System.Text;
using System.Text.Json;
using MadgNet.Core.Data;
using MadgNet.Core.Losses;
using MadgNet.Core.Models;
using MadgNet.Core.Modules;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Distribution;

/// <summary>
/// What the ranks of a run do together. Every decision that a run takes (to stop, to skip a step, to validate) is taken by all
/// ranks from the same numbers, so that none waits for another that went elsewhere.
/// </summary>
internal sealed class RankSync : IDisposable
{
    private readonly SegmentationModel _model;
    private readonly NormalizationGroup? _normalization;
    private readonly List<BatchNormalization> _normalizations;
    private readonly List<Tensor> _localStatistics = [];
    private readonly GradientReduction _gradients;

    /// <summary>Ties a model's normalisations to the ranks.</summary>
    /// <param name="group">The ranks.</param>
    /// <param name="model">The model.</param>
    /// <param name="synchronizes">Whether its normalisations look at all ranks' images.</param>
    public RankSync(ProcessGroup group, SegmentationModel model, bool synchronizes)
    {
        Group = group;
        _model = model;
        _gradients = new GradientReduction(group);
        _normalizations = [.. model.modules().OfType<BatchNormalization>()];
        if (group.IsAlone)
        {
            return;
        }

        _normalization = synchronizes ? new NormalizationGroup(group) : null;
        _normalizations.ForEach(module => module.Group = _normalization);

        // What a rank's own images decide, normalisations of the host's too, is averaged over the ranks.
        HashSet<nint> synchronized = synchronizes
            ? [.. _normalizations.SelectMany(module => new[] { module.RunningMean.Handle, module.RunningVariance.Handle })]
            : [];
        _localStatistics.AddRange(model.named_buffers()
            .Where(entry => entry.name.EndsWith("running_mean", StringComparison.Ordinal)
                || entry.name.EndsWith("running_var", StringComparison.Ordinal))
            .Select(entry => entry.buffer)
            .Where(buffer => !synchronized.Contains(buffer.Handle)));
    }

    /// <summary>The ranks.</summary>
    public ProcessGroup Group { get; }

    /// <summary>Whether there is one process, which agrees with itself.</summary>
    public bool IsAlone => Group.IsAlone;

    /// <summary>Whether the exception that is on its way is the same on all ranks, so that none waits for another.</summary>
    public bool EndsTogether { get; private set; }

    /// <summary>Lets a network that a rank looks into be its own, until the result is disposed.</summary>
    public IDisposable? Apart()
    {
        if (_normalization is null)
        {
            return null;
        }

        _normalization.IsActive = false;
        return new Rejoining(_normalization);
    }

    /// <summary>Refuses to begin where a rank has other options, another model, other data or another version.</summary>
    /// <exception cref="ProcessGroupException">On every rank; those that differ say in what.</exception>
    public void CompareSetup(IReadOnlyDictionary<string, string> fingerprint)
    {
        if (IsAlone)
        {
            return;
        }

        Dictionary<string, string> mine = new(fingerprint, StringComparer.Ordinal);
        foreach ((string what, string version) in CheckpointFolder.Versions().Where(entry => entry.Key != "Threads"))
        {
            mine[$"Version of {what}"] = version;
        }

        Dictionary<string, string> leader = JsonSerializer.Deserialize<Dictionary<string, string>>(
            Group.OfLeader(Group.Leads ? JsonSerializer.SerializeToUtf8Bytes(mine) : []))!;
        Problem[] differences = [.. mine.Keys.Union(leader.Keys)
            .Order(StringComparer.Ordinal)
            .Where(name => mine.GetValueOrDefault(name) != leader.GetValueOrDefault(name))
            .Select(name => new Problem(
                $"rank {Group.Rank}, {name}",
                mine.GetValueOrDefault(name) ?? "nothing",
                $"{leader.GetValueOrDefault(name) ?? "nothing"}, as on rank 0",
                "Start every rank with the same program, options and files"))];
        int[] different = Ranks(Group.Gather([differences.Length]));
        if (different.Length > 0)
        {
            EndsTogether = true;
            throw new ProcessGroupException(differences.Length > 0
                ? differences
                : [new Problem(
                    $"rank {string.Join(", ", different)}",
                    "other options, data, model or versions than on rank 0",
                    "the same on every rank",
                    "Read what those ranks say of it")]);
        }
    }

    /// <summary>What all ranks have of a batch.</summary>
    public RankBatch Meet(Batch? mine, bool cancelled)
    {
        double[][] all = Group.Gather(mine is null
            ? [0, cancelled ? 1 : 0, 0, 0, 0, 0]
            : [
                mine.Count,
                cancelled ? 1 : 0,
                mine.Images.size(1),
                mine.Images.size(2),
                mine.Images.size(3),
                mine.Targets.Region.size(1)]);
        var batch = new RankBatch(
            [.. all.Select(rank => (int)rank[0])],
            all.Any(rank => rank[1] > 0),
            [.. all.Select(rank => rank[2..].Select(value => (int)value).ToArray())]);
        if (_normalization is not null)
        {
            _normalization.Counts = mine is not null;
        }

        return batch;
    }

    /// <summary>Ends the run on all ranks where one of them wants to.</summary>
    /// <exception cref="OperationCanceledException">One does.</exception>
    public void ThrowIfCancelled(CancellationToken cancellationToken)
    {
        if (IsAlone)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
        else if (Ranks(Group.Gather([cancellationToken.IsCancellationRequested ? 1 : 0])).Length > 0)
        {
            ThrowCancelled(cancellationToken);
        }
    }

    /// <summary>Ends the run, as all ranks do.</summary>
    /// <exception cref="OperationCanceledException">Always.</exception>
    public void ThrowCancelled(CancellationToken cancellationToken)
    {
        EndsTogether = true;
        throw new OperationCanceledException("A rank was asked to end the run.", cancellationToken);
    }

    /// <summary>Marks an exception that all ranks are about to throw.</summary>
    public TException Together<TException>(TException exception)
        where TException : Exception
    {
        EndsTogether = true;
        return exception;
    }

    /// <summary>The loss of a batch over all ranks.</summary>
    /// <param name="loss">This rank's mean.</param>
    /// <param name="stages">Its terms.</param>
    /// <param name="images">This rank's images; 0 where it went through the network for the others.</param>
    public RankLoss Combine(double loss, IReadOnlyList<TaskLossValues> stages, int images)
    {
        var mine = new double[2 + (3 * stages.Count)];
        mine[0] = images;
        if (images > 0)
        {
            mine[1] = loss;
            for (int i = 0; i < stages.Count; i++)
            {
                mine[2 + (3 * i)] = stages[i].Region;
                mine[3 + (3 * i)] = stages[i].Distance;
                mine[4 + (3 * i)] = stages[i].Boundary;
            }
        }

        double[][] all = Group.Gather(mine);
        double total = all.Sum(rank => rank[0]);
        double[] means = [.. Enumerable.Range(0, mine.Length)
            .Select(i => all.Where(rank => rank[0] > 0).Sum(rank => rank[0] * rank[i]) / total)];
        return new RankLoss(
            means[1],
            [.. Enumerable.Range(0, stages.Count)
                .Select(i => new TaskLossValues(means[2 + (3 * i)], means[3 + (3 * i)], means[4 + (3 * i)]))],
            all.All(rank => rank[0] == 0 || double.IsFinite(rank[1])));
    }

    /// <summary>The first text that a rank has, with its rank; null where none has one.</summary>
    public string? FirstOf(string? mine)
    {
        byte[][] all = Group.GatherBytes(Encoding.UTF8.GetBytes(mine ?? ""));
        int rank = Array.FindIndex(all, text => text.Length > 0);
        return rank < 0 ? null : $"rank {rank}: {Encoding.UTF8.GetString(all[rank])}";
    }

    /// <summary>Replaces gradients by their sums over the ranks.</summary>
    public void SumGradients(IReadOnlyList<ParameterGroup> groups)
    {
        if (!IsAlone)
        {
            _gradients.Sum(groups);
        }
    }

    /// <summary>Averages the running statistics that each rank took from its own images, by their number.</summary>
    public void AverageStatistics(double share)
    {
        using var noGradients = no_grad();
        using Scalar weight = share.ToScalar();
        foreach (Tensor statistic in _localStatistics)
        {
            statistic.mul_(weight);
            Group.Sum(statistic);
        }
    }

    /// <summary>What a backward pass could not throw itself; null where all went well.</summary>
    public Exception? TakeFault()
    {
        Exception? fault = _normalization?.Fault;
        if (_normalization is not null)
        {
            _normalization.Fault = null;
        }

        return fault;
    }

    /// <summary>Refuses to go on where the ranks' weights are no longer the same bits.</summary>
    /// <exception cref="ProcessGroupException">On every rank.</exception>
    public void CompareWeights(long step)
    {
        using DisposeScope scope = NewDisposeScope();
        ulong hash = TensorBlock.Hash(_model.state_dict().OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value));

        // Halves, which a double holds exactly.
        double[][] all = Group.Gather([hash >> 32, hash & uint.MaxValue]);
        int[] different = [.. Enumerable.Range(0, all.Length).Where(rank => !all[rank].AsSpan().SequenceEqual(all[0]))];
        if (different.Length > 0)
        {
            throw Together(new ProcessGroupException([new Problem(
                $"rank {string.Join(", ", different)} after step {step}",
                "other weights than rank 0 has",
                "the same bits on every rank",
                "Go on from the last checkpoint; where it happens again, look for a module that draws random numbers or keeps a state "
                    + "of its own, and for a machine that computes wrongly (NativeRuntime.EnsureVerified)")]));
        }
    }

    /// <summary>Gives rank 0's state to all ranks.</summary>
    /// <param name="mine">The state on rank 0.</param>
    /// <param name="take">Takes it up, on the others.</param>
    public void Follow(IEnumerable<KeyValuePair<string, Tensor>> mine, Action<Dictionary<string, Tensor>> take)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = TensorBlock.OfLeader(Group, mine);
        if (!Group.Leads)
        {
            take(tensors);
        }
    }

    public void Dispose()
    {
        _gradients.Dispose();
        _normalizations.ForEach(module => module.Group = null);
    }

    private static int[] Ranks(double[][] flags) => [.. Enumerable.Range(0, flags.Length).Where(rank => flags[rank][0] > 0)];

    private sealed class Rejoining(NormalizationGroup group) : IDisposable
    {
        public void Dispose() => group.IsActive = true;
    }
}
