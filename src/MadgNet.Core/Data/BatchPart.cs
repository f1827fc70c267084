namespace MadgNet.Core.Data;

/// <summary>
/// The part of every batch that one of several processes works on: a slice of each, or whole batches in turn. Which slice
/// follows from the batch alone, so that any number of processes sees the same samples in the same batches.
/// </summary>
internal readonly record struct BatchPart
{
    private readonly int _rank;
    private readonly int _others;
    private readonly bool _whole;

    private BatchPart(int rank, int size, bool whole)
    {
        _rank = rank;
        _others = size - 1;
        _whole = whole;
    }

    /// <summary>Everything.</summary>
    public static BatchPart Whole => default;

    /// <summary>The slice number <paramref name="rank"/> of each batch: as long as the others, or by one longer or shorter.</summary>
    public static BatchPart Slice(int rank, int size) => new(rank, size, whole: false);

    /// <summary>Every <paramref name="size"/>-th batch, from number <paramref name="rank"/> on.</summary>
    public static BatchPart Turn(int rank, int size) => new(rank, size, whole: true);

    /// <summary>The part of a batch that lies at some places of an epoch.</summary>
    /// <param name="batch">The batch's number.</param>
    /// <param name="from">Its first place.</param>
    /// <param name="to">The place after its last.</param>
    /// <returns>The part's places; as good as none where both are the same.</returns>
    public (int From, int To) Of(int batch, int from, int to)
    {
        int size = _others + 1;
        if (_whole)
        {
            return batch % size == _rank ? (from, to) : (from, from);
        }

        long count = to - from;
        return (from + (int)(count * _rank / size), from + (int)(count * (_rank + 1) / size));
    }
}
