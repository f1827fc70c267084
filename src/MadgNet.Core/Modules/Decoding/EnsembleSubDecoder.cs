using MadgNet.Core.Modules.Folding;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Decoding;

/// <summary>
/// The ensemble sub-decoding module, E-SDM (paper, section 3.3, equations 5 to 7). Forward stream at low resolution:
/// <c>r = conv(x)</c>, <c>d = conv(x)·σ(r)</c>, <c>b = conv(x)·σ(d)</c>. Backward stream at input resolution, U being
/// bilinear interpolation with aligned corners: <c>B = U(b)</c>, <c>D = U(d) + σ(B)</c>, <c>R = U(r) + σ(D)</c>.
/// </summary>
/// <remarks>The region needs all three heads: the boundary corrects the distance, and the distance the region.</remarks>
public sealed class EnsembleSubDecoder : MultiTaskSubDecoder
{
    /// <summary>Creates the module.</summary>
    /// <param name="channels">C, the channels of the features; 1 or more.</param>
    /// <param name="labels">n, the labels; 1 or more.</param>
    /// <param name="upscale">k, by how much the maps are larger than the features; 1 or more.</param>
    /// <exception cref="InvalidOptionsException">A value is not positive; lists all that are not.</exception>
    public EnsembleSubDecoder(long channels, int labels, int upscale)
        : base(nameof(EnsembleSubDecoder), channels, labels, upscale)
    {
    }

    internal override IFolded FoldRegion(ScalarType type) => new Folded(FoldHeads(type), Labels, Upscale);

    private protected override (Tensor Region, Tensor Distance, Tensor Boundary) Heads(Tensor input)
    {
        Tensor region = RegionHead(input);
        Tensor distance = DistanceHead(input) * region.sigmoid();
        Tensor boundary = BoundaryHead(input) * distance.sigmoid();
        return (region, distance, boundary);
    }

    private protected override (Tensor Region, Tensor Distance, Tensor Boundary) Combine(Tensor region, Tensor distance, Tensor boundary)
    {
        Tensor corrected = distance.Plus(boundary.sigmoid());
        return (region.Plus(corrected.sigmoid()), corrected, boundary);
    }

    private sealed class Folded(FoldedConvolution heads, int labels, int upscale) : IFolded
    {
        public Tensor Run(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor maps = heads.Run(input).to(ScalarType.Float32).contiguous();
            Tensor region = Map(maps, 0);
            Tensor distance = Map(maps, 1).mul_(region.sigmoid());
            Map(maps, 2).mul_(distance.sigmoid());
            Tensor enlarged = Layers.Resize(maps, maps.size(2) * upscale, maps.size(3) * upscale, alignCorners: true);
            Tensor corrected = Map(enlarged, 1).Plus(Map(enlarged, 2).sigmoid()).sigmoid_();
            return corrected.Accumulate(Map(enlarged, 0)).MoveToOuterDisposeScope();
        }

        public void Dispose() => heads.Dispose();

        private Tensor Map(Tensor maps, int index) => maps.narrow(1, index * labels, labels);
    }
}
