namespace MadgNet.Onnx.Export;

/// <summary>What a batch normalisation does in evaluation mode, channel by channel.</summary>
internal sealed record BatchStatistics(float[] Weight, float[] Bias, float[] Mean, float[] Variance)
{
    /// <summary>What is added to the variance, everywhere in the network.</summary>
    public const double Epsilon = 1e-5;
}
