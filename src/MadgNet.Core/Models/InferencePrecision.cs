namespace MadgNet.Core.Models;

/// <summary>What a network that only predicts computes in.</summary>
public enum InferencePrecision
{
    /// <summary>Single precision: within rounding of what the model itself predicts.</summary>
    Float32,

    /// <summary>
    /// Feature maps and weights in bfloat16, eight bits of mantissa; attention weights and the maps at the output's
    /// resolution in single precision. Faster where the processor has instructions for it (AVX512-BF16, AMX, or a GPU), slower
    /// elsewhere.
    /// </summary>
    BFloat16,
}
