using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace MadgNet.Studies.Reporting;

/// <summary>A vector picture as text: the same shapes give the same bytes on every machine.</summary>
internal sealed class SvgPicture(int width, int height, string title)
{
    private static readonly string[] Palette =
        ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c564b", "#7f7f7f", "#bcbd22"];

    private readonly StringBuilder _shapes = new();

    /// <summary>A colour that is told apart from those before it, also by people who see fewer colours.</summary>
    public static string Color(int index) => Palette[index % Palette.Length];

    /// <summary>A shade from white (0) to dark blue (1), and the colour of text on it.</summary>
    public static (string Fill, string Ink) Shade(double value)
    {
        double share = Math.Clamp(value, 0, 1);
        int red = (int)Math.Round(255 - (share * 240));
        int green = (int)Math.Round(255 - (share * 180));
        int blue = (int)Math.Round(255 - (share * 90));
        return ($"#{red:x2}{green:x2}{blue:x2}", share > 0.55 ? "#ffffff" : "#000000");
    }

    public void Line(double x1, double y1, double x2, double y2, string color = "#444444", double thickness = 1, bool dashed = false) =>
        Append($"<line x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\" stroke=\"{color}\" stroke-width=\"{thickness:0.##}\"{(dashed ? " stroke-dasharray=\"4 3\"" : "")}/>");

    public void Path(IEnumerable<(double X, double Y)> points, string color)
    {
        string joined = string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.##},{point.Y:0.##}")));
        Append($"<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\" points=\"{joined}\"/>");
    }

    public void Dot(double x, double y, string color) => Append($"<circle cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"4\" fill=\"{color}\"/>");

    public void Box(double x, double y, double boxWidth, double boxHeight, string fill) =>
        Append($"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{boxWidth:0.##}\" height=\"{boxHeight:0.##}\" fill=\"{fill}\" stroke=\"#ffffff\"/>");

    public void Text(double x, double y, string text, string anchor = "start", string color = "#222222", int size = 12, int turn = 0) =>
        Append($"<text x=\"{x:0.##}\" y=\"{y:0.##}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{color}\"{(turn == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" transform=\"rotate({turn} {x:0.##} {y:0.##})\""))}>{HtmlEncoder.Default.Encode(text)}</text>");

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" font-family=\"sans-serif\">\n<title>{HtmlEncoder.Default.Encode(title)}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{_shapes}</svg>\n");

    private void Append(FormattableString shape) => _shapes.Append(shape.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
