using MadgNet.Core.Modules.Folding;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Decoding;

/// <summary>
/// The variant of the sub-decoder that the paper ablates against: three independent 1×1 convolutions, enlarged, without
/// the products and sums that couple the tasks in <see cref="EnsembleSubDecoder"/>.
/// </summary>
public sealed class ParallelSubDecoder : MultiTaskSubDecoder
{
    /// <summary>Creates the module.</summary>
    /// <param name="channels">C, the channels of the features; 1 or more.</param>
    /// <param name="labels">n, the labels; 1 or more.</param>
    /// <param name="upscale">k, by how much the maps are larger than the features; 1 or more.</param>
    /// <exception cref="InvalidOptionsException">A value is not positive; lists all that are not.</exception>
    public ParallelSubDecoder(long channels, int labels, int upscale)
        : base(nameof(ParallelSubDecoder), channels, labels, upscale)
    {
    }

    /// <inheritdoc/>
    /// <remarks>The region's head alone runs: forward hooks of this module and of the other heads do not fire.</remarks>
    public override Tensor PredictRegion(Tensor input)
    {
        CheckInput(input);
        using DisposeScope scope = NewDisposeScope();
        return Enlarge(RegionHead(input)).MoveToOuterDisposeScope();
    }

    internal override IFolded FoldRegion(ScalarType type) => new FoldedHead(FoldRegionHead(type), Upscale);

    private protected override (Tensor Region, Tensor Distance, Tensor Boundary) Heads(Tensor input) =>
        (RegionHead(input), DistanceHead(input), BoundaryHead(input));

    private protected override (Tensor Region, Tensor Distance, Tensor Boundary) Combine(Tensor region, Tensor distance, Tensor boundary) =>
        (region, distance, boundary);
}
