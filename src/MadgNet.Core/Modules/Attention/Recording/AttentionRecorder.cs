using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Recording;

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
    // As libtorch's own modes, such as no_grad: of the thread, and only while a pass runs. A module's call has room for tensors
    // alone, and a pass beside it would pass by the forward hooks.
    [ThreadStatic]
    private static AttentionRecorder? _current;

    private readonly List<AttentionRecord> _records = [];
    private readonly Stack<string> _path = [];

    /// <summary>
    /// The recorder that follows the calling thread's pass; null where none does. Blocks of a host's own add their records to it.
    /// </summary>
    public static AttentionRecorder? Current => _current;

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

    /// <summary>A copy of a tensor, detached from the graph, for a record; still in the pass's scope until a record takes it.</summary>
    /// <param name="tensor">What a block computed.</param>
    /// <returns>The copy.</returns>
    public static Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using Tensor detached = tensor.detach();
        return detached.clone();
    }

    /// <summary>
    /// Names the part that runs on this thread until the result is disposed, for the <see cref="AttentionRecord.Path"/> of what
    /// it records. Costs nothing where no recorder follows.
    /// </summary>
    /// <param name="name">The part's name in the block that runs it.</param>
    /// <returns>What ends the part when it is disposed.</returns>
    public static Step Enter(string name) => _current is null ? default : new Step(_current, name);

    /// <summary>As <see cref="Enter(string)"/>, for one of several parts: the name is put together only where a recorder follows.</summary>
    /// <param name="name">What the names of the parts begin with.</param>
    /// <param name="number">The part's number.</param>
    /// <returns>What ends the part when it is disposed.</returns>
    public static Step Enter(string name, int number) => _current is null
        ? default
        : new Step(_current, name + number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Records every attention that runs on the calling thread until the result is disposed.</summary>
    /// <returns>What ends the recording when it is disposed, on the same thread.</returns>
    /// <example>
    /// <code>
    /// using (recorder.Follow())
    /// {
    ///     using Tensor output = block.call(features);
    /// }
    /// </code>
    /// </example>
    public Following Follow() => new(this);

    /// <summary>Where the pass stands, parts joined by full stops: the path that a record of this moment has.</summary>
    public string Path => string.Join('.', _path.Reverse());

    /// <summary>Takes a record; it belongs to the recorder from then on.</summary>
    /// <param name="record">The record.</param>
    public void Add(AttentionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        _records.Add(record);
    }

    /// <summary>A part of a network while it runs.</summary>
    public readonly struct Step : IDisposable
    {
        private readonly AttentionRecorder? _recorder;

        internal Step(AttentionRecorder recorder, string name)
        {
            _recorder = recorder;
            recorder._path.Push(name);
        }

        /// <summary>Ends the part.</summary>
        public void Dispose() => _recorder?._path.Pop();
    }

    /// <summary>A recording while it runs.</summary>
    public readonly struct Following : IDisposable
    {
        private readonly AttentionRecorder? _before;

        internal Following(AttentionRecorder recorder)
        {
            _before = _current;
            _current = recorder;
        }

        /// <summary>Ends the recording.</summary>
        public void Dispose() => _current = _before;
    }
}
