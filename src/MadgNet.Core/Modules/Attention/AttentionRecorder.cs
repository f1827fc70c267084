using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>
/// Collects what attention blocks compute while a forward pass runs, so that they can be looked at without running it
/// a second time. Hand one to a block's or a model's <c>ForwardWithAttention</c>; a recorder can follow several passes.
/// </summary>
/// <remarks>
/// Owns what it records: the tensors are copies, detached from the graph and from every dispose scope, and live until the
/// recorder is disposed. Not safe for use by two passes at the same time: give each its own.
/// </remarks>
/// <example>
/// <code>
/// using var recorder = new AttentionRecorder();
/// using Tensor output = block.ForwardWithAttention(features, recorder);
/// Tensor weights = recorder.Of&lt;ChannelAttentionRecord&gt;().First().Weights;
/// </code>
/// </example>
public sealed class AttentionRecorder : IDisposable
{
    private readonly List<AttentionRecord> _records = [];
    private readonly Stack<string> _path = [];

    /// <summary>Everything recorded so far, in the order of computation.</summary>
    public IReadOnlyList<AttentionRecord> Records => _records;

    /// <summary>The records of one kind, in the order of computation.</summary>
    /// <typeparam name="TRecord">The kind of attention.</typeparam>
    /// <returns>The records of that kind; none when no such block ran.</returns>
    public IEnumerable<TRecord> Of<TRecord>()
        where TRecord : AttentionRecord => _records.OfType<TRecord>();

    /// <summary>Disposes every record and forgets it.</summary>
    public void Clear()
    {
        foreach (AttentionRecord record in _records)
        {
            record.Dispose();
        }

        _records.Clear();
    }

    /// <summary>Disposes every record.</summary>
    public void Dispose() => Clear();

    /// <summary>A copy of a tensor, still in the pass's scope until a record takes it.</summary>
    internal static Tensor Keep(Tensor tensor)
    {
        using Tensor detached = tensor.detach();
        return detached.clone();
    }

    internal string Path => string.Join('.', _path.Reverse());

    internal void Add(AttentionRecord record) => _records.Add(record);

    /// <summary>Names the block that runs until the result is disposed.</summary>
    internal Step Enter(string name)
    {
        _path.Push(name);
        return new Step(this);
    }

    internal readonly struct Step(AttentionRecorder recorder) : IDisposable
    {
        public void Dispose() => recorder._path.Pop();
    }
}
