using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Onnx.Export;

/// <summary>The tensors of a state dict, read one by one into managed memory.</summary>
internal sealed class ModelWeights(IReadOnlyDictionary<string, Tensor> state)
{
    /// <summary>A tensor's values as float32, in row order.</summary>
    public float[] Values(string name) => Read(name).Values;

    /// <summary>A convolution's weights and, where it has one, its bias.</summary>
    public Kernel Kernel(string name)
    {
        (float[] weights, long[] shape) = Read(name + ".weight");
        string bias = name + ".bias";
        return new Kernel(weights, state.ContainsKey(bias) ? Values(bias) : null, (int)shape[0], (int)shape[1], (int)shape[2]);
    }

    /// <summary>A convolution's weights with the batch normalisation after it taken up.</summary>
    public Kernel Kernel(string name, string normalization, double factor = 1) =>
        Kernel(name).Fold(Statistics(normalization), factor);

    private BatchStatistics Statistics(string name) =>
        new(Values(name + ".weight"), Values(name + ".bias"), Values(name + ".running_mean"), Values(name + ".running_var"));

    private (float[] Values, long[] Shape) Read(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor stored = state[name];
        Tensor tensor = stored.detach().to(ScalarType.Float32).cpu().contiguous();
        float[] values = tensor.data<float>().ToArray();
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new OnnxExportException(new Problem(
                    name, $"weights with a {value}", "finite weights", "Export a checkpoint from before the training diverged"));
            }
        }

        return (values, stored.shape);
    }
}
