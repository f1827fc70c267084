using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>
/// Constants that follow from a block's configuration, on every device and in every type that they are asked for, outside of
/// state dicts. Safe for use from several threads.
/// </summary>
/// <param name="compute">Computes the values, for each copy anew: they are wanted once or twice in a block's life.</param>
/// <param name="shape">The shape.</param>
internal sealed class ConstantTensor(Func<double[]> compute, params long[] shape) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(DeviceType Device, int Index, ScalarType Type), Tensor> _copies = [];
    private bool _disposed;

    /// <summary>Refuses to go on with constants that were disposed.</summary>
    public void ThrowIfDisposed()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
        }
    }

    /// <summary>The constants on the device and in the type of a tensor. Owned by this object: never dispose or change them.</summary>
    public Tensor Like(Tensor tensor)
    {
        var key = (tensor.device_type, tensor.device_index, tensor.dtype);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_copies.TryGetValue(key, out Tensor? copy))
            {
                using Tensor exact = torch.tensor(compute(), shape);
                copy = exact.to(tensor.dtype, tensor.device, copy: true).DetachFromDisposeScope();
                _copies.Add(key, copy);
            }

            return copy;
        }
    }

    /// <summary>Releases the copies on every device.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (Tensor copy in _copies.Values)
            {
                copy.Dispose();
            }

            _copies.Clear();
        }
    }
}
