using System.Globalization;
using System.Text;

namespace MadgNet.Reports.Charts;

/// <summary>The elements of a drawing, written as they come. Places are rounded to a tenth of a pixel.</summary>
internal sealed class SvgCanvas
{
    public const string Ink = "currentColor";

    private static readonly string[] Palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7f7f7f", "#8c564b"];
    private static readonly string[] Dashes = ["", "7 3", "2 3", "9 3 2 3"];

    private readonly StringBuilder _elements = new();

    /// <summary>The colour of a series; they come back after eight, with another dash.</summary>
    public static string ColorOf(int series) => Palette[series % Palette.Length];

    public static string DashOf(int series) => Dashes[series % Dashes.Length];

    public void Line(double x1, double y1, double x2, double y2, double opacity = 1, string dash = "") =>
        Append($"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" stroke=\"{Ink}\" stroke-opacity=\"{N(opacity, 2)}\"{Dash(dash)}/>");

    public void Rectangle(double x, double y, double width, double height, string color, string? title = null) =>
        Append($"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(Math.Max(0, width))}\" height=\"{N(Math.Max(0, height))}\" fill=\"{color}\"{Titled("rect", title)}");

    public void Circle(double x, double y, double radius, string color, string? title = null, double opacity = 1) =>
        Append($"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\" fill=\"{color}\" fill-opacity=\"{N(opacity, 2)}\"{Titled("circle", title)}");

    /// <summary>A line through points, broken where a place is not finite.</summary>
    public void Polyline(IEnumerable<(double X, double Y)> points, string color, string dash)
    {
        var path = new StringBuilder();
        bool begun = false;
        foreach ((double x, double y) in points)
        {
            if (!double.IsFinite(x) || !double.IsFinite(y))
            {
                begun = false;
                continue;
            }

            path.Append(begun ? 'L' : 'M').Append(N(x)).Append(' ').Append(N(y));
            begun = true;
        }

        if (path.Length > 0)
        {
            Append($"<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" stroke-linejoin=\"round\"{Dash(dash)}/>");
        }
    }

    /// <summary>A line of text; <paramref name="anchor"/> is start, middle or end.</summary>
    public void Text(
        string text, double x, double y, string anchor = "start", double size = 12, bool upwards = false, int angle = 0, string color = Ink)
    {
        int turn = upwards ? -90 : angle;
        string turned = turn != 0 ? $" transform=\"rotate({turn} {N(x)} {N(y)})\"" : "";
        string letters = HtmlText.Encode(text);
        Append($"<text x=\"{N(x)}\" y=\"{N(y)}\" text-anchor=\"{anchor}\" font-size=\"{N(size)}\" fill=\"{color}\"{turned}>{letters}</text>");
    }

    public string ToSvg(int width, int height, string description)
    {
        string text = HtmlText.Encode(description);
        return $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" "
            + $"aria-label=\"{text}\" font-family=\"system-ui, sans-serif\">\n<desc>{text}</desc>\n{_elements}</svg>\n";
    }

    private static string N(double value, int decimals = 1) =>
        Math.Round(value, decimals).ToString(decimals == 1 ? "0.#" : "0.##", CultureInfo.InvariantCulture);

    private static string Dash(string dash) => dash.Length == 0 ? "" : $" stroke-dasharray=\"{dash}\"";

    private static string Titled(string element, string? title) =>
        title is null ? "/>" : $"><title>{HtmlText.Encode(title)}</title></{element}>";

    private void Append(string element) => _elements.Append(element).Append('\n');
}
