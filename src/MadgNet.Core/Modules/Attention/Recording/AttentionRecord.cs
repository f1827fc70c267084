using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Recording;

/// <summary>What one attention block computed in a forward pass, detached from the graph.</summary>
/// <remarks>Owned by the <see cref="AttentionRecorder"/> that collected it.</remarks>
public abstract class AttentionRecord : IDisposable
{
    private readonly Tensor[] _tensors;

    /// <summary>Creates a record.</summary>
    /// <param name="path">Where the block stands: <see cref="AttentionRecorder.Path"/>.</param>
    /// <param name="tensors">What it holds, made by <see cref="AttentionRecorder.Keep"/>; belongs to the record from now on.</param>
    protected AttentionRecord(string path, params Tensor[] tensors)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(tensors);
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
        GC.SuppressFinalize(this);
        foreach (Tensor tensor in _tensors)
        {
            tensor.Dispose();
        }
    }
}
