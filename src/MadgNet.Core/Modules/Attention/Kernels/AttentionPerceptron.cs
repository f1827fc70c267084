using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>
/// The perceptron of multi-frequency channel attention on a few numbers a channel, in single precision:
/// <c>w = σ(Σ_k V·relu(U·s_k))</c> over the three statistics s_k, and its derivatives. U is hidden×C, V is C×hidden.
/// </summary>
internal sealed class AttentionPerceptron
{
    private readonly int _channels;
    private readonly int _hidden;
    private readonly float[] _squeeze;
    private readonly float[] _excite;

    /// <summary>Copies the weights of the two 1×1 convolutions.</summary>
    public AttentionPerceptron(Tensor squeeze, Tensor excite)
    {
        (_hidden, _channels) = ((int)squeeze.size(0), (int)squeeze.size(1));
        (_squeeze, _excite) = (Values(squeeze), Values(excite));
    }

    /// <summary>The weights of the channels.</summary>
    /// <param name="statistics">N×C×3.</param>
    /// <param name="batch">N.</param>
    /// <param name="hidden">Receives relu(U·s), N×3×hidden, for the derivatives.</param>
    /// <returns>N×C, 0..1.</returns>
    public float[] Weigh(float[] statistics, int batch, out float[] hidden)
    {
        hidden = new float[batch * 3 * _hidden];
        var weights = new float[batch * _channels];
        for (int image = 0; image < batch; image++)
        {
            for (int i = 0; i < 3 * _hidden; i++)
            {
                (int kind, int unit) = (i / _hidden, i % _hidden);
                float sum = 0;
                for (int channel = 0; channel < _channels; channel++)
                {
                    sum += _squeeze[(unit * _channels) + channel] * statistics[(((image * _channels) + channel) * 3) + kind];
                }

                // As torch's ReLU: what is not a number stays so.
                hidden[(image * 3 * _hidden) + i] = sum <= 0 ? 0 : sum;
            }

            for (int channel = 0; channel < _channels; channel++)
            {
                float sum = 0;
                for (int i = 0; i < 3 * _hidden; i++)
                {
                    sum += _excite[(channel * _hidden) + (i % _hidden)] * hidden[(image * 3 * _hidden) + i];
                }

                weights[(image * _channels) + channel] = 1 / (1 + MathF.Exp(-sum));
            }
        }

        return weights;
    }

    /// <summary>The derivatives.</summary>
    /// <param name="statistics">N×C×3, what <see cref="Weigh"/> got.</param>
    /// <param name="hidden">N×3×hidden, what it put out.</param>
    /// <param name="weights">N×C, what it returned.</param>
    /// <param name="gradient">N×C, the derivative of the loss by the weights.</param>
    /// <returns>The derivatives by the statistics N×C×3, by U and by V.</returns>
    public (float[] Statistics, float[] Squeeze, float[] Excite) Differentiate(
        float[] statistics, float[] hidden, float[] weights, float[] gradient)
    {
        var byStatistics = new float[statistics.Length];
        var bySqueeze = new float[_squeeze.Length];
        var byExcite = new float[_excite.Length];
        var byHidden = new float[3 * _hidden];
        for (int image = 0; image < weights.Length / _channels; image++)
        {
            Array.Clear(byHidden);
            for (int channel = 0; channel < _channels; channel++)
            {
                float weight = weights[(image * _channels) + channel];
                float bySum = gradient[(image * _channels) + channel] * weight * (1 - weight);
                for (int i = 0; i < 3 * _hidden; i++)
                {
                    float unit = hidden[(image * 3 * _hidden) + i];
                    byExcite[(channel * _hidden) + (i % _hidden)] += bySum * unit;
                    byHidden[i] += unit > 0 ? bySum * _excite[(channel * _hidden) + (i % _hidden)] : 0;
                }
            }

            for (int i = 0; i < 3 * _hidden; i++)
            {
                (int kind, int unit) = (i / _hidden, i % _hidden);
                for (int channel = 0; channel < _channels; channel++)
                {
                    int at = (((image * _channels) + channel) * 3) + kind;
                    bySqueeze[(unit * _channels) + channel] += byHidden[i] * statistics[at];
                    byStatistics[at] += byHidden[i] * _squeeze[(unit * _channels) + channel];
                }
            }
        }

        return (byStatistics, bySqueeze, byExcite);
    }

    private static float[] Values(Tensor weights)
    {
        using Tensor detached = weights.detach();
        using Tensor dense = detached.contiguous();
        return MemoryMarshal.Cast<byte, float>(dense.bytes).ToArray();
    }
}
