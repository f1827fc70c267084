using MadgNet.Core.Weights;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Checkpoints;

/// <summary>A checkpoint that was read and found whole. Owns its open file.</summary>
internal sealed record LoadedCheckpoint(
    WeightArchive Archive,
    RunState State,
    IReadOnlyDictionary<string, string> Fingerprint,
    IReadOnlyDictionary<string, string> Versions) : IDisposable
{
    /// <summary>The tensors below a prefix, without it, in CPU memory. The caller disposes them.</summary>
    public Dictionary<string, Tensor> Load(string prefix)
    {
        var tensors = new Dictionary<string, Tensor>();
        try
        {
            foreach (string name in Archive.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                tensors.Add(name[prefix.Length..], Archive.Load(name));
            }

            return tensors;
        }
        catch
        {
            Release(tensors);
            throw;
        }
    }

    /// <summary>Disposes tensors that <see cref="Load"/> gave.</summary>
    public static void Release(Dictionary<string, Tensor> tensors)
    {
        foreach (Tensor tensor in tensors.Values)
        {
            tensor.Dispose();
        }
    }

    public void Dispose() => Archive.Dispose();
}
