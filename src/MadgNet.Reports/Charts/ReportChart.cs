namespace MadgNet.Reports.Charts;

/// <summary>
/// A chart as SVG that needs nothing beside itself: no style sheet, no font of a certain name, no script. Lines and letters take the colour
/// of the text around them, so that it reads on a dark and on a light ground; series differ by colour and by dashes.
/// </summary>
/// <remarks>
/// The drawing is the library's own. ScottPlot 5.1 was tried: its SVG differs from run to run (its names of clip paths are counted in the
/// process, and clash where two charts are on one page), places every letter by the fonts of the machine, and has fixed colours that do
/// not read on a dark ground.
/// </remarks>
public abstract class ReportChart
{
    internal const int Width = 720;

    private protected ReportChart()
    {
    }

    /// <summary>What the horizontal axis shows, with its unit. Default: nothing.</summary>
    public string XLabel { get; init; } = "";

    /// <summary>What the vertical axis shows, with its unit. Default: nothing.</summary>
    public string YLabel { get; init; } = "";

    /// <summary>The chart as an SVG element.</summary>
    /// <param name="description">What it shows, for those who cannot see it.</param>
    /// <returns>An <c>svg</c> element, which is also a whole SVG file.</returns>
    public string ToSvg(string description)
    {
        ArgumentNullException.ThrowIfNull(description);
        var canvas = new SvgCanvas();
        int height = Draw(canvas);
        return canvas.ToSvg(Width, height, description);
    }

    /// <summary>Draws the chart, <see cref="Width"/> wide, and returns its height.</summary>
    private protected abstract int Draw(SvgCanvas canvas);
}
