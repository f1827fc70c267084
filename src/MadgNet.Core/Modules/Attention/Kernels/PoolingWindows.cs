namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>
/// The windows of adaptive average pooling along one axis, as PyTorch lays them: output i averages the inputs from
/// <c>⌊i·in/out⌋</c> to before <c>⌈(i + 1)·in/out⌉</c>. They may overlap, and repeat inputs where the output is the larger.
/// </summary>
internal readonly struct PoolingWindows
{
    public PoolingWindows(int input, int output)
    {
        (First, End) = (new int[output], new int[output]);
        for (int i = 0; i < output; i++)
        {
            First[i] = (int)((long)i * input / output);
            End[i] = (int)((((long)(i + 1) * input) + output - 1) / output);
        }
    }

    /// <summary>The first input of every window.</summary>
    public int[] First { get; }

    /// <summary>The input behind the last of every window.</summary>
    public int[] End { get; }
}
