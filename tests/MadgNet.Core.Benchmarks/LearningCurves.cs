using System.Globalization;
using System.Net;
using System.Text;
using MadgNet.Core.Training;

namespace MadgNet.Core.Benchmarks;

/// <summary>Loss and validation Dice over the epochs, a panel a training, as a picture that Markdown can show.</summary>
internal static class LearningCurves
{
    private const int PanelWidth = 360;
    private const int PanelHeight = 220;
    private const int PlotWidth = 270;
    private const int PlotHeight = 140;
    private const int Left = 45;
    private const int Top = 40;
    private const string LossColor = "#b35900";
    private const string DiceColor = "#1f6feb";

    public static string ToSvg(IReadOnlyList<LearningRun> runs)
    {
        int columns = Math.Min(2, runs.Count);
        int rows = (runs.Count + columns - 1) / columns;
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{columns * PanelWidth}\" height=\"{rows * PanelHeight}\" "
                + $"font-family=\"sans-serif\" font-size=\"11\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        for (int i = 0; i < runs.Count; i++)
        {
            svg.Append(
                CultureInfo.InvariantCulture, $"<g transform=\"translate({i % columns * PanelWidth},{i / columns * PanelHeight})\">\n");
            AppendPanel(svg, runs[i]);
            svg.Append("</g>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void AppendPanel(StringBuilder svg, LearningRun run)
    {
        IReadOnlyList<EpochRecord> history = run.Result.History;
        double highest = history.Max(epoch => epoch.Loss);
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left}\" y=\"18\" font-weight=\"bold\">{WebUtility.HtmlEncode(run.Case.Title)}</text>\n");
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left}\" y=\"32\"><tspan fill=\"{LossColor}\">loss</tspan>, <tspan fill=\"{DiceColor}\">validation "
                + $"Dice</tspan>, {WebUtility.HtmlEncode(run.Precision)}</text>\n");
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<rect x=\"{Left}\" y=\"{Top}\" width=\"{PlotWidth}\" height=\"{PlotHeight}\" fill=\"none\" stroke=\"#999\"/>\n");
        for (int tick = 0; tick <= 4; tick++)
        {
            double y = Top + PlotHeight - (tick * PlotHeight / 4.0);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Left - 6}\" y=\"{y + 4:F1}\" text-anchor=\"end\" fill=\"{LossColor}\">{highest * tick / 4:F1}</text>\n");
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Left + PlotWidth + 6}\" y=\"{y + 4:F1}\" fill=\"{DiceColor}\">{tick / 4.0:F2}</text>\n");
        }

        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left}\" y=\"{Top + PlotHeight + 16}\">epoch 1</text>\n<text x=\"{Left + PlotWidth}\" y=\""
                + $"{Top + PlotHeight + 16}\" text-anchor=\"end\">{history.Count}</text>\n");
        AppendLine(svg, history.Select(epoch => epoch.Loss / highest), LossColor);
        AppendLine(svg, history.Select(epoch => epoch.Validation?.Dice ?? double.NaN), DiceColor);
    }

    private static void AppendLine(StringBuilder svg, IEnumerable<double> shares, string color)
    {
        double[] values = [.. shares];
        IEnumerable<string> points = values
            .Select((share, i) => (Share: share, X: Left + (values.Length == 1 ? 0 : (double)i * PlotWidth / (values.Length - 1))))
            .Where(point => double.IsFinite(point.Share))
            .Select(point => string.Create(
                CultureInfo.InvariantCulture, $"{point.X:F1},{Top + PlotHeight - (point.Share * PlotHeight):F1}"));
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" points=\"{string.Join(' ', points)}\"/>\n");
    }
}
