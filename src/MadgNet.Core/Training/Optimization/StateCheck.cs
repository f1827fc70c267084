using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Optimization;

/// <summary>Compares a state's tensors with what is expected, and collects all that differs.</summary>
internal sealed class StateCheck(string what, IReadOnlyDictionary<string, Tensor> state, string remedy)
{
    private readonly List<Problem> _problems = [];
    private readonly HashSet<string> _expected = new(StringComparer.Ordinal);

    /// <summary>A count of 0 or more, kept as a scalar of int64; 0 where there is a problem with it.</summary>
    public long Count(string name)
    {
        if (Find(name) is not { } tensor)
        {
            return 0;
        }

        using Tensor read = tensor.cpu();
        long count = tensor.dtype == ScalarType.Int64 && tensor.numel() == 1 ? read.item<long>() : -1;
        if (count < 0)
        {
            _problems.Add(new Problem(name, count == -1 ? Describe(tensor) : $"{count}", "one number of int64, 0 or more", remedy));
        }

        return Math.Max(0, count);
    }

    /// <summary>A tensor of the same shape and type as another.</summary>
    public void Like(string name, Tensor expected)
    {
        if (Find(name) is { } tensor && (tensor.dtype != expected.dtype || !tensor.shape.AsSpan().SequenceEqual(expected.shape)))
        {
            _problems.Add(new Problem(name, Describe(tensor), Describe(expected), remedy));
        }
    }

    /// <summary>Throws where something was missing, different, or there without being asked for.</summary>
    public void ThrowIfAny()
    {
        foreach (string name in state.Keys.Where(name => !_expected.Contains(name)))
        {
            _problems.Add(new Problem(name, "a tensor", "none of that name", remedy));
        }

        if (_problems.Count > 0)
        {
            throw new TrainingStateException(what, _problems);
        }
    }

    private static string Describe(Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";

    private Tensor? Find(string name)
    {
        _expected.Add(name);
        if (state.TryGetValue(name, out Tensor? tensor) && tensor is not null)
        {
            return tensor;
        }

        _problems.Add(new Problem(name, "nothing", "a tensor of that name", remedy));
        return null;
    }
}
