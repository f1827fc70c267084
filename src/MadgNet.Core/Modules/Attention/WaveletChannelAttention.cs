using MadgNet.Core.Modules.Attention.Kernels;
using MadgNet.Core.Modules.Folding;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// Channel attention from the average, maximum and minimum that the subbands of a wavelet packet transform take over space, in
/// the place of the cosine basis of <see cref="MultiFrequencyChannelAttention"/>.
/// </summary>
/// <remarks>
/// <para>Input and output are N×C×H×W. The map is average-pooled to D×D when it has another size, D being raised to the next
/// multiple of 2^levels, and goes through a two-dimensional wavelet packet transform with periodic borders (PyWavelets' mode
/// <c>periodization</c>): one level for F ≤ 4, two for F ≤ 16, three for F ≤ 32. Of the subbands in frequency order the first F
/// count, by rising u + v, then by rising u. Where several pixels tie for a maximum or minimum, the gradient goes to the first.</para>
/// <para>An alternative of this library's, not a published part of MADGNet. The perceptron's weights fit those of the published
/// attention.</para>
/// </remarks>
public sealed class WaveletChannelAttention : StatisticalChannelAttention
{
    /// <summary>The most subbands.</summary>
    public const int MaximumSubbands = 32;

    private readonly int _size;
    private readonly WaveletPackets _packets;

    /// <summary>Creates the attention.</summary>
    /// <param name="channels">C, the channels of the feature map; 1 or more.</param>
    /// <param name="size">D, the size that the map is pooled to; 7 to 1024, as for the DCT.</param>
    /// <param name="subbands">F, the number of subbands; 1 to 32.</param>
    /// <param name="filter">The wavelet.</param>
    /// <exception cref="InvalidOptionsException">A value is out of its range; lists all that are.</exception>
    public WaveletChannelAttention(long channels, int size, int subbands = 16, WaveletFilter filter = WaveletFilter.Haar)
        : base(nameof(WaveletChannelAttention), Check(channels, size, subbands, filter))
    {
        _size = size;
        Filter = filter;
        _packets = new WaveletPackets(size, subbands, filter);
        RegisterComponents();
    }

    /// <summary>The wavelet.</summary>
    public WaveletFilter Filter { get; }

    /// <summary>How often the map is halved: 1, 2 or 3.</summary>
    public int Levels => _packets.Levels;

    /// <summary>The size that the map is pooled to: D, raised to a multiple of 2^<see cref="Levels"/>.</summary>
    public override int StatisticsSize => _packets.Size;

    /// <summary>The vertical (u) and horizontal (v) place of every subband in the frequency-ordered grid.</summary>
    public override IReadOnlyList<(int U, int V)> Frequencies => _packets.Subbands;

    /// <summary>The subbands of a map, as the statistics see them.</summary>
    /// <param name="input">A feature map N×C×D×D of the size <see cref="StatisticsSize"/>.</param>
    /// <returns>N×C×F×P: the P = (D / 2^levels)² pixels of every subband, row by row. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">The input has another shape.</exception>
    public Tensor Decompose(Tensor input)
    {
        Guard.FeatureMap(input, Channels, nameof(WaveletChannelAttention));
        if (input.size(2) != StatisticsSize || input.size(3) != StatisticsSize)
        {
            throw new TensorShapeException(new Problem(
                $"{nameof(WaveletChannelAttention)} input",
                TensorShapeException.Describe(input),
                $"a height and width of {StatisticsSize}",
                "Pool or interpolate the map first"));
        }

        using var scope = NewDisposeScope();
        return _packets.Transform(input).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override ChannelStatistics Summarize(Tensor input) => _packets.Summarize(input);

    internal override IFoldedAttention Fold(ScalarType type)
    {
        var packets = new WaveletPackets(_size, Frequencies.Count, Filter);
        return new FoldedStatistics(this, packets.Summarize, packets);
    }

    /// <summary>Disposes the parameters and the transform.</summary>
    /// <param name="disposing">Whether managed state is to be disposed.</param>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _packets.Dispose();
        }
    }

    private static long Check(long channels, int size, int subbands, WaveletFilter filter)
    {
        var problems = new List<Problem>();
        Guard.Range(problems, "Channels", channels, 1);
        Guard.Range(problems, "Size", size, FrequencyTable.GridSize, DctBasis.LargestSize);
        Guard.Range(problems, "Subbands", subbands, 1, MaximumSubbands);
        problems.AddRange(Problem.Undefined("Filter", filter));

        InvalidOptionsException.ThrowIfAny(nameof(WaveletChannelAttention), problems);
        return channels;
    }
}
