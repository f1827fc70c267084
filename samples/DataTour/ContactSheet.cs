using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference.Visualization;

namespace MadgNet.Samples.DataTour;

/// <summary>Many small pictures on one sheet.</summary>
internal static class ContactSheet
{
    private const int Side = 150;
    private const int Draws = 4;

    /// <summary>A row for each transform: the untouched image, then several draws, each with its mask's contour.</summary>
    public static void SaveAugmentations(
        Sample sample, IReadOnlyList<(string Name, SegmentationTransform Transform)> transforms, string path)
    {
        var panels = new List<FigurePanel?>();
        for (int row = 0; row < transforms.Count; row++)
        {
            panels.Add(Contour(sample.Image, sample.BinaryMask(0), row == 0 ? "original" : ""));
            for (int draw = 1; draw <= Draws; draw++)
            {
                Sample changed = transforms[row].Transform.Apply(sample, new Random((row * 100) + draw));
                panels.Add(Contour(changed.Image, changed.BinaryMask(0), row == 0 ? $"draw {draw}" : ""));
            }
        }

        Write(panels, Draws + 1, [.. transforms.Select(transform => transform.Name)], path);
    }

    /// <summary>A column for each sample of a batch: the image with its contour, then the three targets.</summary>
    public static void SaveBatch(Batch batch, string path)
    {
        FloatImage[] regions = [.. Each(batch, batch.Targets.Region)];
        List<FigurePanel?> panels =
        [
            .. Each(batch, batch.Images).Zip(regions, (image, region) => Contour(image, region, "")),
            .. regions.Select(region => new FigurePanel(HeatMap.Draw(region, 0, new HeatMapOptions { Colors = ColorMap.Gray }))),
            .. Each(batch, batch.Targets.Distance!)
                .Select(distance => new FigurePanel(HeatMap.Draw(distance, 0, new HeatMapOptions { Colors = ColorMap.Magma }))),
            .. Each(batch, batch.Targets.Boundary!)
                .Select(boundary => new FigurePanel(HeatMap.Draw(boundary, 0, new HeatMapOptions { Colors = ColorMap.Gray }))),
        ];
        Write(panels, batch.Count, ["image", "region", "distance", "boundary"], path);
    }

    /// <summary>An image, brightened a little because dim nuclei are hard to see on a screen, and the contour of its mask.</summary>
    private static FigurePanel Contour(FloatImage image, FloatImage mask, string title) =>
        new(Overlay.Draw(
            image,
            [OverlayLayer.FromMap(mask, color: RgbColor.Parse("#3FD07A"))],
            new OverlayOptions { Gamma = 0.7, Magnification = 2 }), title);

    private static IEnumerable<FloatImage> Each(Batch batch, TorchSharp.torch.Tensor tensor)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            using TorchSharp.torch.Tensor one = tensor[i];
            yield return FloatImage.FromTensor(one);
        }
    }

    private static void Write(IReadOnlyList<FigurePanel?> panels, int columns, IReadOnlyList<string> rows, string path) =>
        ImageWriter.Write(
            FigureSheet.Draw(
                panels, new FigureSheetOptions { Columns = columns, RowTitles = rows, TileWidth = Side, TileHeight = Side, Gap = 10 }),
            path);
}
