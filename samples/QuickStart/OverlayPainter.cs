using MadgNet.Core.Imaging;
using MadgNet.Core.Inference.Visualization;

namespace MadgNet.Samples.QuickStart;

/// <summary>Paints an image beside itself with the contours of truth and prediction.</summary>
internal static class OverlayPainter
{
    private static readonly RgbColor TruthColor = RgbColor.Parse("#3FD07A");
    private static readonly RgbColor PredictionColor = RgbColor.Parse("#FF5CA8");

    /// <summary>One picture: the image on the left, the contours over it on the right, enlarged to at least 512 pixels.</summary>
    public static void Save(OverlayPanel panel, string path)
    {
        int side = Math.Max(512, Math.Max(panel.Image.Width, panel.Image.Height));
        var image = new FigurePanel(Overlay.Draw(panel.Image, [], Display(panel, side)), panel.Name);
        Write([image, Contours(panel, side)], new FigureSheetOptions { Columns = 2, TileWidth = side, TileHeight = side }, path);
    }

    /// <summary>All panels on one sheet, each with its contours, in the order given.</summary>
    public static void SaveSheet(IReadOnlyList<OverlayPanel> panels, string path) =>
        Write([.. panels.Select(panel => Contours(panel, 256))], new FigureSheetOptions { Columns = 4 }, path);

    private static FigurePanel Contours(OverlayPanel panel, int side)
    {
        OverlayLayer[] layers =
        [
            OverlayLayer.FromMap(panel.Truth, name: "truth", color: TruthColor),
            OverlayLayer.FromMask(panel.Prediction, "prediction", PredictionColor),
        ];
        return new FigurePanel(
            Overlay.Draw(panel.Image, layers, Display(panel, side)), $"Dice {panel.Dice:F3}")
        { Legend = Overlay.Legend(layers) };
    }

    /// <summary>Enlarged until contours are fine, and brightened a little: dim nuclei are hard to see on a screen.</summary>
    private static OverlayOptions Display(OverlayPanel panel, int side) => new()
    {
        Gamma = 0.7,
        Magnification = Math.Clamp((int)Math.Ceiling((double)side / Math.Max(panel.Image.Width, panel.Image.Height)), 1, 32),
    };

    private static void Write(IReadOnlyList<FigurePanel?> panels, FigureSheetOptions options, string path) =>
        ImageWriter.Write(FigureSheet.Draw(panels, options), path);
}
