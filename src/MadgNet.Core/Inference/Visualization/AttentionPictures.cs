using System.Globalization;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>The sheets of an <see cref="AttentionReport"/>.</summary>
internal static class AttentionPictures
{
    private const int FrequencyGrid = 7;
    private const int Decades = 3;
    private static readonly RgbColor Grid = RgbColor.Parse("#30363D");

    public static HeatMapOptions Heat { get; } = new() { Colors = ColorMap.Viridis };

    public static HeatMapOptions Attention { get; } = new() { Colors = ColorMap.Magma };

    public static PixelImage Overview(AttentionReport report, int label, int tile)
    {
        FloatImage image = Shown(report.Image);
        int scales = report.Stages.Max(stage => stage.Scales.Count);
        int columns = 3 + scales;
        string name = report.LabelNames[label];
        OverlayLayer layer = OverlayLayer.FromMap(report.Probability, label, report.Threshold, name, LabelPalette.Default[label]);
        var panels = new List<FigurePanel?>
        {
            new(Overlay.Draw(image, []), "Image"),
            new(HeatMap.DrawOver(image, report.Probability, label, Heat), "Probability"),
            new(Overlay.Draw(image, [layer], new OverlayOptions { Magnification = Magnification(image, tile) }), name),
        };
        panels.AddRange(Enumerable.Repeat<FigurePanel?>(null, columns - panels.Count));
        foreach (StageAttention stage in report.Stages)
        {
            panels.Add(new FigurePanel(HeatMap.Draw(stage.Maps.Region, label, Heat), "Region"));
            panels.Add(stage.Maps.Distance is { } distance ? new FigurePanel(HeatMap.Draw(distance, label, Heat), "Distance") : null);
            panels.Add(stage.Maps.Boundary is { } boundary ? new FigurePanel(HeatMap.Draw(boundary, label, Heat), "Boundary") : null);
            for (int s = 0; s < scales; s++)
            {
                panels.Add(s < stage.Scales.Count && stage.Scales[s].Spatial is { } spatial
                    ? new FigurePanel(
                        HeatMap.Draw(spatial.Foreground, 0, Attention),
                        $"Foreground, s = {s}")
                    { Caption = Text($"α {spatial.Alpha:0.000}  β {spatial.Beta:0.000}") }
                    : null);
            }
        }

        return FigureSheet.Draw(panels, new FigureSheetOptions
        {
            Columns = columns,
            TileWidth = tile,
            TileHeight = tile,
            TextSize = 13,
            RowTitles = ["", .. report.Stages.Select(stage => $"Stage {stage.Number}")],
            Legend =
            [
                new LegendEntry(Heat.Colors.At(0), "0"), new LegendEntry(Heat.Colors.At(0.5), "0.5"), new LegendEntry(
                    Heat.Colors.At(1), "1: region, distance, boundary"),
                new LegendEntry(Attention.Colors.At(0.15), "background"), new LegendEntry(Attention.Colors.At(0.85), "foreground"),
            ],
        });
    }

    public static PixelImage? Channels(AttentionReport report, int tile)
    {
        var panels = Each(report, scale => scale.Channels is not { } channels ? null : new FigurePanel(
            Sorted(channels.Weights, tile), $"{channels.Weights.Count} channels, s = {scale.Scale}")
        {
            Caption = Text($"{channels.Weights.Min():0.00} … {channels.Weights.Max():0.00}, mean {channels.Weights.Average():0.00}"),
        });
        return panels is null
            ? null
            : FigureSheet.Draw(panels, Layout(report, tile, tile, 1, "Channel attention: the weights of the channels, sorted, 0 to 1"));
    }

    public static PixelImage? Frequencies(AttentionReport report, int tile)
    {
        int scales = report.Stages.Max(stage => stage.Scales.Count);
        var panels = new List<FigurePanel?>();
        foreach (StageAttention stage in report.Stages)
        {
            for (int s = 0; s < scales; s++)
            {
                ChannelAttentionWeights? channels = s < stage.Scales.Count ? stage.Scales[s].Channels : null;
                foreach ((string name, NpyArray? values) in ((string, NpyArray?)[])[
                    ("average", channels?.Average),
                    ("maximum", channels?.Maximum),
                    ("minimum", channels?.Minimum)
                ])
                {
                    panels.Add(values is null || channels!.Frequencies.Count == 0 ? null : Spectrum(channels, values, name, s));
                }
            }
        }

        return panels.All(panel => panel is null) ? null : FigureSheet.Draw(panels, Layout(
            report, tile, tile, 3, "Frequency statistics: mean size over the channels; u downwards, v to the right") with
        {
            Legend =
            [
                new LegendEntry(Heat.Colors.At(1), "the largest"), .. Enumerable.Range(1, Decades)
                    .Select(decade => new LegendEntry(Heat.Colors.At(1 - ((double)decade / Decades)), Text($"1/{Math.Pow(10, decade)}"))),
                new LegendEntry(Heat.Colors.At(double.NaN), "frequency not used"),
            ],
        });
    }

    public static PixelImage? Scalars(AttentionReport report, int width)
    {
        (string Name, double Alpha, double Beta)[] scalars =
        [
            .. report.Stages.SelectMany(stage => stage.Scales
                .Where(scale => scale.Spatial is not null)
                .Select(scale => ($"{stage.Number}.{scale.Scale}", scale.Spatial!.Alpha, scale.Spatial.Beta))),
        ];
        if (scalars.Length == 0)
        {
            return null;
        }

        // Both start at one and move little: what shows is how far they have moved.
        const double TextSize = 13;
        int height = Math.Max(160, width / 2);
        double range = Rounded(scalars.SelectMany(scalar => new[] { Math.Abs(scalar.Alpha - 1), Math.Abs(scalar.Beta - 1) })
            .Where(double.IsFinite)
            .DefaultIfEmpty(0)
            .Max());
        var raster = new Raster(width, height, FigureSheetOptions.DefaultBackground);
        RgbColor ink = FigureSheetOptions.DefaultTextColor;
        LegendEntry[] legend = [
            new(LabelPalette.Default[1], "α, weight of the background"),
            new(LabelPalette.Default[0], "β, weight of the foreground")
        ];
        Legend.Draw(raster, legend, 12, 8, width - 24, TextSize, ink);
        double[] ticks = [1 - range, 1 - (range / 2), 1, 1 + (range / 2), 1 + range];
        string[] labels = [.. ticks.Select(tick => Math.Round(tick, 7).ToString(CultureInfo.InvariantCulture))];
        double left = 20 + labels.Max(label => StrokeFont.Measure(label, TextSize));
        double upper = 20 + Legend.Height(legend, width - 24, TextSize);
        double lower = height - 48;
        double Y(double value) => lower - ((value - 1 + range) / (2 * range) * (lower - upper));
        for (int i = 0; i < ticks.Length; i++)
        {
            raster.Polyline(
                [(left, Y(ticks[i])), (width - 12, Y(ticks[i]))],
                ticks[i] == 1 ? 1.8 : 1,
                ticks[i] == 1 ? RgbColor.Parse("#8B949E") : Grid);
            raster.Text(labels[i], left - 8, Y(ticks[i]) + 4.5, TextSize, ink, align: 1);
        }

        double step = (width - 12 - left) / scalars.Length;
        int bar = Math.Max(1, (int)(step * 0.34));
        for (int i = 0; i < scalars.Length; i++)
        {
            double middle = left + ((i + 0.5) * step);
            foreach ((double value, double x, RgbColor color) in ((double, double, RgbColor)[])[
                (scalars[i].Alpha, middle - bar - 1, legend[0].Color),
                (scalars[i].Beta, middle + 1, legend[1].Color)
            ])
            {
                if (double.IsFinite(value))
                {
                    int from = (int)Math.Round(Math.Min(Y(value), Y(1)));
                    raster.Fill((int)Math.Round(x), from, bar, Math.Max(1, (int)Math.Round(Math.Max(Y(value), Y(1))) - from), color);
                }
            }

            raster.Text(scalars[i].Name, middle, lower + 20, Math.Min(TextSize, step * 0.55), ink, align: 0.5);
        }

        raster.Text("stage.scale", (left + width - 12) / 2, height - 9, TextSize, ink, align: 0.5);
        return raster.ToImage();
    }

    /// <summary>The image as something that can be shown: the first plane where it has neither one nor three.</summary>
    public static FloatImage Shown(FloatImage image) =>
        image.Channels is 1 or 3 ? image : new FloatImage(1, image.Height, image.Width, image.Plane(0).ToArray());

    private static int Magnification(FloatImage image, int tile) =>
        Math.Clamp((int)Math.Ceiling((double)tile / Math.Max(image.Width, image.Height)), 1, PictureChecks.LargestMagnification);

    private static FigureSheetOptions Layout(AttentionReport report, int width, int height, int columnsEach, string title) => new()
    {
        Title = title,
        Columns = report.Stages.Max(stage => stage.Scales.Count) * columnsEach,
        TileWidth = width,
        TileHeight = height,
        TextSize = 13,
        RowTitles = [.. report.Stages.Select(stage => $"Stage {stage.Number}")],
    };

    private static List<FigurePanel?>? Each(AttentionReport report, Func<ScaleAttention, FigurePanel?> draw)
    {
        int scales = report.Stages.Max(stage => stage.Scales.Count);
        var panels = new List<FigurePanel?>();
        foreach (StageAttention stage in report.Stages)
        {
            panels.AddRange(Enumerable.Range(0, scales).Select(s => s < stage.Scales.Count ? draw(stage.Scales[s]) : null));
        }

        return panels.All(panel => panel is null) ? null : panels;
    }

    /// <summary>The next 1, 2 or 5 times a power of ten, so that an axis has round numbers.</summary>
    private static double Rounded(double value)
    {
        if (!(value > 1e-6))
        {
            return 1e-6;
        }

        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        double[] steps = [1, 2, 5, 10];
        return power * steps.First(step => value / power <= step + 1e-9);
    }

    /// <summary>Weights from the largest to the smallest as an area, with a line at one half.</summary>
    private static PixelImage Sorted(IReadOnlyList<float> weights, int width)
    {
        int height = Math.Max(8, width * 2 / 5);
        float[] sorted = [.. weights.OrderDescending()];
        var raster = new Raster(width, height, RgbColor.Black);
        for (int x = 0; x < width; x++)
        {
            float weight = sorted[(int)((long)x * sorted.Length / width)];
            int bar = float.IsNaN(weight) ? 0 : (int)Math.Round(weight * height);
            raster.Fill(x, height - bar, 1, bar, Heat.Colors.At(weight));
        }

        raster.Polyline([(0, height / 2.0), (width, height / 2.0)], 1, Grid);
        return raster.ToImage();
    }

    private static FigurePanel Spectrum(ChannelAttentionWeights channels, NpyArray values, string name, int scale)
    {
        int frequencies = channels.Frequencies.Count;

        // The frequencies of a cosine basis are multiples of D / 7; those of wavelet packets are not.
        int multiple = Math.Max(1, channels.DctSize / FrequencyGrid);
        int step = channels.Frequencies.All(frequency => frequency.U % multiple == 0 && frequency.V % multiple == 0) ? multiple : 1;
        int side = Math.Max(FrequencyGrid, 1 + channels.Frequencies.Max(frequency => Math.Max(frequency.U, frequency.V) / step));
        var means = new double[frequencies];
        for (int i = 0; i < values.Values.Length; i++)
        {
            means[i % frequencies] += Math.Abs(values.Values[i]) * frequencies / values.Values.Length;
        }

        double largest = means.Max();
        var grid = new FloatImage(1, side, side);
        grid.Data.Fill(float.NaN);
        for (int f = 0; f < frequencies; f++)
        {
            (int u, int v) = channels.Frequencies[f];
            grid[0, u / step, v / step] = largest > 0 ? (float)Math.Max(-Decades, Math.Log10(means[f] / largest)) : -Decades;
        }

        return new FigurePanel(HeatMap.Draw(grid, 0, Heat with { Low = -Decades, High = 0 }), $"{name}, s = {scale}")
        {
            Caption = $"largest {HeatMap.Number(largest)}",
            KeepPixels = true,
        };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
