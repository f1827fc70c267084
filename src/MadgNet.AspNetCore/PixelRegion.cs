using MadgNet.Core.Inference;

namespace MadgNet.AspNetCore;

/// <summary>A region's places in pixels, whatever unit it was measured in. Corners of pixels are whole numbers again.</summary>
internal sealed class PixelRegion(Region region, PixelSpacing spacing)
{
    public IReadOnlyList<RegionPoint> Outer { get; } = Corners(region.Outer, spacing);

    public IReadOnlyList<IReadOnlyList<RegionPoint>> Holes { get; } = [.. region.Holes.Select(hole => Corners(hole, spacing))];

    public RegionPoint Centroid { get; } = new(region.Centroid.X / spacing.Column, region.Centroid.Y / spacing.Row);

    public RegionBounds Box { get; } = new(
        Math.Round(region.BoundingBox.X / spacing.Column),
        Math.Round(region.BoundingBox.Y / spacing.Row),
        Math.Round(region.BoundingBox.Width / spacing.Column),
        Math.Round(region.BoundingBox.Height / spacing.Row));

    private static RegionPoint[] Corners(IReadOnlyList<RegionPoint> ring, PixelSpacing spacing) =>
        [.. ring.Select(point => new RegionPoint(Math.Round(point.X / spacing.Column), Math.Round(point.Y / spacing.Row)))];
}
