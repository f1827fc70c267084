using System.Runtime.InteropServices;
using MadgNet.Core.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Distribution;

/// <summary>
/// Sums gradients over the ranks, in buckets of 25 MB, so that few and long messages are sent whatever the network is made of.
/// float32 on the processor; gradients of GPUs and of other types pass through it.
/// </summary>
internal sealed class GradientReduction(ProcessGroup group) : IDisposable
{
    private const long BucketLength = 25 * 1024 * 1024 / sizeof(float);

    private Tensor? _bucket;

    /// <summary>Replaces every gradient by its sum over the ranks. Parameters that have one on any rank have one afterwards.</summary>
    public void Sum(IReadOnlyList<ParameterGroup> groups)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        Parameter[] parameters = [.. groups.SelectMany(member => member.Parameters)
            .Select(entry => entry.Value)
            .Where(value => value.requires_grad)];
        var used = new double[parameters.Length];
        for (int i = 0; i < used.Length; i++)
        {
            used[i] = parameters[i].grad is null ? 0 : 1;
        }

        group.Maximum(used);
        var gradients = new List<Tensor>(parameters.Length);
        for (int i = 0; i < used.Length; i++)
        {
            if (used[i] > 0)
            {
                Parameter parameter = parameters[i];
                parameter.grad ??= zeros_like(parameter);
                gradients.Add(parameter.grad!);
            }
        }

        for (int first = 0; first < gradients.Count;)
        {
            int last = first;
            long length = 0;
            do
            {
                length += gradients[last++].numel();
            }
            while (last < gradients.Count && length + gradients[last].numel() <= BucketLength);

            SumBucket(gradients[first..last], length);
            first = last;
        }
    }

    public void Dispose() => _bucket?.Dispose();

    private void SumBucket(List<Tensor> gradients, long length)
    {
        if (_bucket is null || _bucket.numel() < length)
        {
            _bucket?.Dispose();
            _bucket = empty(Math.Max(length, BucketLength), ScalarType.Float32, CPU).DetachFromDisposeScope();
        }

        using DisposeScope scope = NewDisposeScope();
        var places = new List<(Tensor Gradient, Tensor Place)>(gradients.Count);
        long start = 0;
        foreach (Tensor gradient in gradients)
        {
            Tensor place = _bucket.narrow(0, start, gradient.numel()).view(gradient.shape);
            place.copy_(gradient);
            places.Add((gradient, place));
            start += gradient.numel();
        }

        // Buckets hold fewer values than a span can, unless one gradient alone is larger.
        const int most = 1 << 28;
        for (long done = 0; done < length; done += most)
        {
            Tensor part = _bucket.narrow(0, done, Math.Min(most, length - done));
            group.Sum(MemoryMarshal.Cast<byte, float>(part.bytes));
        }

        foreach ((Tensor gradient, Tensor place) in places)
        {
            gradient.copy_(place);
        }
    }
}
