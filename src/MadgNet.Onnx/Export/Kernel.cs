namespace MadgNet.Onnx.Export;

/// <summary>The weights of a convolution, O×(I/groups)×k×k, and its bias, on their way into the graph.</summary>
internal sealed record Kernel(float[] Weights, float[]? Bias, int Outputs, int InputsPerGroup, int Size)
{
    /// <summary>The number of weights of one output channel.</summary>
    public int PerOutput => InputsPerGroup * Size * Size;

    /// <summary>
    /// Takes up the batch normalisation that follows the convolution, <c>y = (x − μ)·γ/√(σ² + ε) + β</c>, and a factor on
    /// top: computed in double precision and rounded once. Holds for grouped convolutions as well, as every output
    /// channel has weights of its own.
    /// </summary>
    public Kernel Fold(BatchStatistics statistics, double factor = 1)
    {
        var weights = new float[Weights.Length];
        var bias = new float[Outputs];
        for (int o = 0; o < Outputs; o++)
        {
            double scale = factor * statistics.Weight[o] / Math.Sqrt((double)statistics.Variance[o] + BatchStatistics.Epsilon);
            for (int i = o * PerOutput; i < (o + 1) * PerOutput; i++)
            {
                weights[i] = (float)(Weights[i] * scale);
            }

            bias[o] = (float)((factor * statistics.Bias[o]) + (((Bias?[o] ?? 0) - (double)statistics.Mean[o]) * scale));
        }

        return this with { Weights = weights, Bias = bias };
    }

    /// <summary>Some of the output channels.</summary>
    public Kernel Slice(int start, int count) => this with
    {
        Weights = Weights[(start * PerOutput)..((start + count) * PerOutput)],
        Bias = Bias?[start..(start + count)],
        Outputs = count,
    };

    /// <summary>Output channels of several kernels side by side.</summary>
    public static Kernel Stack(params Kernel[] kernels) => kernels[0] with
    {
        Weights = [.. kernels.SelectMany(kernel => kernel.Weights)],
        Bias = [.. kernels.SelectMany(kernel => kernel.Bias ?? new float[kernel.Outputs])],
        Outputs = kernels.Sum(kernel => kernel.Outputs),
    };

    /// <summary>One input channel in place of several that are known to be equal.</summary>
    public Kernel SumInputs()
    {
        int area = Size * Size;
        var weights = new float[Outputs * area];
        for (int o = 0; o < Outputs; o++)
        {
            for (int position = 0; position < area; position++)
            {
                double sum = 0;
                for (int i = 0; i < InputsPerGroup; i++)
                {
                    sum += Weights[(((o * InputsPerGroup) + i) * area) + position];
                }

                weights[(o * area) + position] = (float)sum;
            }
        }

        return this with { Weights = weights, InputsPerGroup = 1 };
    }
}
