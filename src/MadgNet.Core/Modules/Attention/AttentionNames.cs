using MadgNet.Core.Modules.Attention;

namespace MadgNet.Core.Modules.Attention;

/// <summary>The names of this library's attentions in files, registries and options.</summary>
public static class AttentionNames
{
    /// <summary>
    /// Multi-frequency channel attention (MFCA) on a cosine basis, as published: <see cref="MultiFrequencyChannelAttention"/>.
    /// </summary>
    public const string Cosine = "dct";

    /// <summary>Channel attention on Haar wavelet packets: <see cref="WaveletChannelAttention"/>.</summary>
    public const string Haar = "haar";

    /// <summary>
    /// Channel attention on wavelet packets of Daubechies' filter with two vanishing moments: <see cref="WaveletChannelAttention"/>.
    /// </summary>
    public const string Daubechies2 = "db2";

    /// <summary>Channel attention on the spatial average: <see cref="SqueezeAndExcitation"/>.</summary>
    public const string AveragePooling = "gap";

    /// <summary>Spatial attention (MSSA), as published: <see cref="MultiScaleSpatialAttention"/>.</summary>
    public const string MultiScaleSpatial = "mssa";

    /// <summary>No attention.</summary>
    public const string None = "none";
}
