namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// What a channel attention is made for: the place in a network that asks for one. A function of this context makes it, and
/// null means none there.
/// </summary>
public sealed class ChannelAttentionContext
{
    private readonly Lazy<DctBasis>? _shared;

    /// <summary>Describes a place.</summary>
    /// <param name="channels">C, the channels of the feature map; 1 or more.</param>
    /// <param name="size">D, the size that maps are pooled to for statistics; 7 to 1024.</param>
    /// <param name="frequencies">F, how many frequencies are wanted; 1 to 32.</param>
    /// <param name="selection">Which of the cosine basis are taken.</param>
    /// <exception cref="InvalidOptionsException">A value is out of its range; lists all that are.</exception>
    public ChannelAttentionContext(long channels, int size, int frequencies = 16, FrequencySelection selection = FrequencySelection.Top)
        : this(channels, size, frequencies, selection, shared: null)
    {
    }

    internal ChannelAttentionContext(long channels, int size, int frequencies, FrequencySelection selection, Lazy<DctBasis>? shared)
    {
        List<Problem> problems = DctBasis.Validate(size, frequencies, selection);
        Guard.Range(problems, "Channels", channels, 1);
        InvalidOptionsException.ThrowIfAny(nameof(ChannelAttentionContext), problems);
        Channels = channels;
        Size = size;
        Frequencies = frequencies;
        Selection = selection;
        _shared = shared;
    }

    /// <summary>C, the channels of the feature map.</summary>
    public long Channels { get; }

    /// <summary>D, the size that maps are pooled to for statistics.</summary>
    public int Size { get; }

    /// <summary>F, how many frequencies are wanted.</summary>
    public int Frequencies { get; }

    /// <summary>Which of the cosine basis are taken.</summary>
    public FrequencySelection Selection { get; }

    /// <summary>The published attention for this place. The scales of one block share its basis, which the block owns.</summary>
    /// <returns>The attention. The caller owns it.</returns>
    public MultiFrequencyChannelAttention MultiFrequency() => _shared is null
        ? new MultiFrequencyChannelAttention(Channels, Size, Frequencies, Selection)
        : new MultiFrequencyChannelAttention(Channels, _shared.Value);

    /// <summary>Wavelet packets for this place.</summary>
    /// <param name="filter">The wavelet.</param>
    /// <returns>The attention. The caller owns it.</returns>
    public WaveletChannelAttention Wavelets(WaveletFilter filter) => new(Channels, Size, Frequencies, filter);

    /// <summary>Squeeze and excitation for this place.</summary>
    /// <returns>The attention. The caller owns it.</returns>
    public SqueezeAndExcitation AveragePooling() => new(Channels);
}
