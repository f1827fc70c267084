using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>What one attention block computed in a forward pass, detached from the graph.</summary>
/// <remarks>Owned by the <see cref="AttentionRecorder"/> that collected it.</remarks>
public abstract class AttentionRecord : IDisposable
{
    private readonly Tensor[] _tensors;

    private protected AttentionRecord(string path, params Tensor[] tensors)
    {
        Path = path;
        _tensors = tensors;
        foreach (Tensor tensor in tensors)
        {
            tensor.DetachFromDisposeScope();
        }
    }

    /// <summary>Where the block stands in the module that was run, parts joined by full stops; empty for the module itself.</summary>
    public string Path { get; }

    /// <summary>Disposes the recorded tensors.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors)
        {
            tensor.Dispose();
        }
    }
}
