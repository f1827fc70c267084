namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// The orthogonal wavelets that a <see cref="WaveletChannelAttention"/> looks through (Daubechies, <i>Ten Lectures on Wavelets</i>, 1992,
/// table 6.1).
/// </summary>
public enum WaveletFilter
{
    /// <summary>Haar's wavelet: two taps.</summary>
    Haar,

    /// <summary>Daubechies' wavelet with two vanishing moments, db2: four taps.</summary>
    Daubechies2,
}
