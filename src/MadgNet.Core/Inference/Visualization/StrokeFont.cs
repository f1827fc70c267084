using System.Globalization;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>
/// A typeface of lines and arcs, drawn without any library or font file: a program on a server or in a container often has
/// no fonts at all, and what SkiaSharp would write there is nothing. The same text gives the same pixels everywhere.
/// </summary>
/// <remarks>
/// Capitals are 10 units high, small letters 7, descenders reach to −3; a size of s pixels makes 14 units s pixels.
/// A glyph is its width and its strokes, parted by semicolons: points joined by lines, or <c>@x,y,rx,ry,from,to</c>, an arc
/// of an ellipse in degrees (0 right, 90 up). Characters without a glyph are shown as a box.
/// </remarks>
internal static class StrokeFont
{
    /// <summary>Units from one line of text to the next.</summary>
    private const double LineUnits = 14;

    private const double Spacing = 2.3;
    private const double SpaceWidth = 4;

    private static readonly Dictionary<char, Glyph> Glyphs = Parse();

    private static string[] Definitions =>
    [
        "A 7.2 0,0 3.6,10 7.2,0;1.25,3.4 5.95,3.4",
        "B 6.2 3.2,5.3 0,5.3 0,10 3,10;@3,7.65,2.5,2.35,90,-90;0,5.3 0,0 3.3,0;@3.3,2.65,2.9,2.65,90,-90",
        "C 6.7 @4,5,4,5,48,312",
        "D 6.7 2.7,0 0,0 0,10 2.7,10;@2.7,5,4,5,90,-90",
        "E 5.3 5.2,10 0,10 0,0 5.3,0;0,5.2 4.5,5.2",
        "F 5.2 5.2,10 0,10 0,0;0,5.1 4.5,5.1",
        "G 7.8 @4,5,4,5,48,360;8,5 5,5",
        "H 6.8 0,0 0,10;6.8,0 6.8,10;0,5.1 6.8,5.1",
        "I 0 0,0 0,10",
        "J 3.8 3.8,10 3.8,2.2;@1.9,2.2,1.9,2.2,0,-170",
        "K 6.2 0,0 0,10;5.9,10 0,3.7;2.2,6 6.2,0",
        "L 4.9 0,10 0,0 4.9,0",
        "M 8 0,0 0,10 4,2.2 8,10 8,0",
        "N 6.8 0,0 0,10 6.8,0 6.8,10",
        "O 8.2 @4.1,5,4.1,5,0,360",
        "P 5.9 0,0 0,10 3.2,10;@3.2,7.3,2.7,2.7,90,-90;3.2,4.6 0,4.6",
        "Q 8.2 @4.1,5,4.1,5,0,360;5.2,2.4 8,-0.8",
        "R 6.2 0,0 0,10 3.2,10;@3.2,7.3,2.7,2.7,90,-90;3.2,4.6 0,4.6;3,4.6 6.2,0",
        "S 6 @3,7.6,2.7,2.4,30,270;@3,2.6,3,2.6,90,-155",
        "T 7 0,10 7,10;3.5,10 3.5,0",
        "U 6.6 0,10 0,3.3;@3.3,3.3,3.3,3.3,180,360;6.6,3.3 6.6,10",
        "V 7.2 0,10 3.6,0 7.2,10",
        "W 10 0,10 2.5,0 5,9 7.5,0 10,10",
        "X 6.6 0,10 6.6,0;6.6,10 0,0",
        "Y 6.8 0,10 3.4,4.8 6.8,10;3.4,4.8 3.4,0",
        "Z 6.3 0.2,10 6.1,10 0,0 6.3,0",
        "a 5.4 @2.7,3.5,2.7,3.5,0,360;5.4,7 5.4,0",
        "b 5.4 0,10 0,0;@2.7,3.5,2.7,3.5,0,360",
        "c 4.6 @2.7,3.5,2.7,3.5,45,315",
        "d 5.4 5.4,10 5.4,0;@2.7,3.5,2.7,3.5,0,360",
        "e 5.4 0,3.6 5.4,3.6;@2.7,3.5,2.7,3.5,0,312",
        "f 3.4 @3,8.2,1.7,1.8,65,180;1.3,8.2 1.3,0;0,6.7 3.2,6.7",
        "g 5.4 @2.7,3.5,2.7,3.5,0,360;5.4,7 5.4,-0.7;@2.7,-0.7,2.7,2.3,0,-150",
        "h 5 0,10 0,0;@2.5,4.5,2.5,2.5,180,0;5,4.5 5,0",
        "i 0 0,7 0,0;0,9.6 0,9.8",
        "j 1.5 1.5,7 1.5,-1.4;@0,-1.4,1.5,1.6,0,-90;1.5,9.6 1.5,9.8",
        "k 4.8 0,10 0,0;4.5,7 0,2.6;1.7,4.3 4.8,0",
        "l 1.3 0,10 0,1.3;@1.3,1.3,1.3,1.3,180,280",
        "m 8 0,7 0,0;@2,4.9,2,2.1,180,0;4,4.9 4,0;@6,4.9,2,2.1,180,0;8,4.9 8,0",
        "n 5 0,7 0,0;@2.5,4.5,2.5,2.5,180,0;5,4.5 5,0",
        "o 5.6 @2.8,3.5,2.8,3.5,0,360",
        "p 5.4 0,7 0,-3;@2.7,3.5,2.7,3.5,0,360",
        "q 5.4 5.4,7 5.4,-3;@2.7,3.5,2.7,3.5,0,360",
        "r 3.2 0,7 0,0;@2.4,4.3,2.4,2.7,180,70",
        "s 4.6 @2.3,5.3,2.1,1.7,25,270;@2.3,1.8,2.3,1.8,90,-155",
        "t 3.4 1.3,9.2 1.3,1.8;@3,1.8,1.7,1.8,180,285;0,7 3.2,7",
        "u 5 0,7 0,2.5;@2.5,2.5,2.5,2.5,180,360;5,7 5,0",
        "v 5.2 0,7 2.6,0 5.2,7",
        "w 8 0,7 2,0 4,6.6 6,0 8,7",
        "x 5 0,7 5,0;5,7 0,0",
        "y 5.2 0,7 2.7,0;5.2,7 1.6,-3",
        "z 4.7 0.1,7 4.6,7 0,0 4.7,0",
        "0 6 @3,5,3,5,0,360",
        "1 6 0.9,8 3.2,10 3.2,0",
        "2 6 @3,7.2,2.8,2.8,165,-32;5.37,5.72 0.2,0 6,0",
        "3 6 @2.8,7.6,2.5,2.4,150,-90;@2.8,2.6,3,2.6,90,-150",
        "4 6 4.5,0 4.5,10 0,3 6,3",
        "5 6 5.4,10 1,10 0.6,5.26;@2.9,3.2,3,3.2,140,-150",
        "6 6 @3,3.1,3,3.1,0,360;@5.2,3.1,5.2,6.9,95,180",
        "7 6 0,10 6,10 2,0",
        "8 6 @3,7.6,2.5,2.4,0,360;@3,2.6,3,2.6,0,360",
        "9 6 @3,6.9,3,3.1,0,360;@0.8,6.9,5.2,6.9,0,-85",
        ". 0 0,0 0,0.2",
        ", 0.5 0.5,0.2 0,-1.7",
        ": 0 0,0 0,0.2;0,5.6 0,5.8",
        "; 0.5 0.5,0.2 0,-1.7;0.5,5.6 0.5,5.8",
        "! 0 0,10 0,3;0,0 0,0.2",
        "? 4.8 @2.4,7.6,2.4,2.4,170,-60;3.6,5.52 2.4,4.2 2.4,2.8;2.4,0 2.4,0.2",
        "- 3.2 0,3.9 3.2,3.9",
        "_ 6 0,-1.2 6,-1.2",
        "+ 6 0,4.4 6,4.4;3,1.4 3,7.4",
        "= 6 0,3 6,3;0,6 6,6",
        "< 5.4 5.4,7.6 0,4.4 5.4,1.2",
        "> 5.4 0,7.6 5.4,4.4 0,1.2",
        "/ 4 0,-1 4,11",
        "\\ 4 0,11 4,-1",
        "( 1.6 @4,4.5,4,7.5,127,233",
        ") 1.6 @-2.4,4.5,4,7.5,53,-53",
        "[ 1.9 1.9,11.4 0,11.4 0,-2.4 1.9,-2.4",
        "] 1.9 0,11.4 1.9,11.4 1.9,-2.4 0,-2.4",
        "{ 2.4 2.4,11.4 1.2,10.6 1.2,5.6 0,4.5 1.2,3.4 1.2,-1.6 2.4,-2.4",
        "} 2.4 0,11.4 1.2,10.6 1.2,5.6 2.4,4.5 1.2,3.4 1.2,-1.6 0,-2.4",
        "| 0 0,12 0,-2.5",
        "* 4.2 2.1,10.2 2.1,5.8;0.2,9.1 4,6.9;0.2,6.9 4,9.1",
        "% 8.4 @1.7,7.9,1.7,2.1,0,360;@6.7,2.1,1.7,2.1,0,360;6.7,10 1.7,0",
        "# 6.4 2.4,10 1.2,0;5.2,10 4,0;0.2,6.7 6.4,6.7;0,3.3 6.2,3.3",
        "& 7 7,0 1.4,6.8;@2.9,8,1.9,2,215,-20;4.7,7.4 1.2,4.4;@2.7,2.5,2.7,2.5,125,300;4.05,0.35 6.6,3.6",
        "@ 9 @4.5,3.7,2,2.3,0,360;6.5,6 6.5,2.8;@7.75,2.8,1.25,1.3,180,360;@4.5,3.7,4.5,5.6,-12,290",
        "$ 6 @3,7.6,2.7,2.4,30,270;@3,2.6,3,2.6,90,-155;3,11.4 3,-1.4",
        "' 0 0,10 0,7.4",
        "\" 2.4 0,10 0,7.4;2.4,10 2.4,7.4",
        "` 1.6 0,10.4 1.6,8.6",
        "^ 4.6 0,6.8 2.3,10 4.6,6.8",
        "~ 5.4 @1.35,4,1.35,1,180,0;@4.05,4,1.35,1,180,360",
        "α 6 @2.5,3.5,2.5,3.5,42,318;4.36,5.84 6,0;4.36,1.16 6,7",
        "β 5.3 0,-3 0,7.6;@2.2,7.6,2.2,2.4,180,-90;@2.3,2.6,3,2.6,90,-140",
        "σ 6 @2.7,3.2,2.7,3.2,0,360;2.7,6.4 6,6.4",
        "μ 5 0,7 0,-3;0,7 0,2.5;@2.5,2.5,2.5,2.5,180,360;5,7 5,0",
        "λ 5.4 0,10 1,10 5.4,0;2.9,5.6 0,0",
        "π 6.4 0,6.4 6.4,6.4;1.7,6.4 1.2,0;4.6,6.4 4.6,1.4;@6,1.4,1.4,1.4,180,270",
        "Σ 6 6,10 0,10 3.6,5.2 0,0 6,0",
        "Δ 7.4 0,0 3.7,10 7.4,0 0,0",
        "× 4.6 0,2.1 4.6,6.7;0,6.7 4.6,2.1",
        "· 0 0,4.3 0,4.5",
        "± 6 0,5.6 6,5.6;3,2.9 3,8.3;0,0.6 6,0.6",
        "− 6 0,4.4 6,4.4",
        "– 5.2 0,3.9 5.2,3.9",
        "— 9 0,3.9 9,3.9",
        "… 6 0,0 0,0.2;3,0 3,0.2;6,0 6,0.2",
        "° 2.8 @1.4,8.6,1.4,1.4,0,360",
        "² 3.4 @1.7,9.2,1.5,1.4,160,-35;2.95,8.4 0.1,5.6 3.4,5.6",
        "≤ 5.4 5.4,8.4 0,5.4 5.4,2.4;0,0.4 5.4,0.4",
        "≥ 5.4 0,8.4 5.4,5.4 0,2.4;0,0.4 5.4,0.4",
        "→ 8 0,4.4 8,4.4;5.4,7 8,4.4 5.4,1.8",
        "← 8 0,4.4 8,4.4;2.6,7 0,4.4 2.6,1.8",
        "ß 5.3 0,0 0,7.6;@2.2,7.6,2.2,2.4,180,-90;@2.3,2.6,3,2.6,90,-100",
        "□ 6 0,0 6,0 6,9 0,9 0,0",
    ];

    /// <summary>Accented letters as a letter and a mark: 1 diaeresis, 2 acute, 3 grave, 4 circumflex, 5 tilde, 6 ring, 7 cedilla.</summary>
    private static string[] Accented =>
    [
        "äa1", "öo1", "üu1", "ÄA1", "ÖO1", "ÜU1", "ëe1", "ïi1", "ée2", "áa2", "íi2", "óo2", "úu2", "ÉE2", "èe3", "àa3", "ùu3",
        "êe4", "âa4", "îi4", "ôo4", "ûu4", "ñn5", "ãa5", "õo5", "åa6", "ÅA6", "çc7", "ÇC7",
    ];

    /// <summary>The width of a text in pixels.</summary>
    public static double Measure(string text, double size)
    {
        double units = 0;
        foreach (char character in text)
        {
            units += Advance(character);
        }

        return Math.Max(0, units - Spacing) * size / LineUnits;
    }

    /// <summary>The text itself where it fits, its beginning and an ellipsis otherwise.</summary>
    public static string Shorten(string text, double size, double width)
    {
        if (Measure(text, size) <= width)
        {
            return text;
        }

        int length = text.Length;
        while (length > 0 && Measure(text[..length].TrimEnd() + "…", size) > width)
        {
            length--;
        }

        return length == 0 ? "" : text[..length].TrimEnd() + "…";
    }

    /// <summary>Draws a text; the point is on its baseline, at its left end.</summary>
    public static void Draw(Raster raster, string text, double x, double baseline, double size, RgbColor color)
    {
        double scale = size / LineUnits;
        double thickness = Math.Max(1.15, size * 0.092);
        foreach (char character in text)
        {
            foreach ((double X, double Y)[] stroke in Of(character).Strokes)
            {
                raster.Polyline([.. stroke.Select(point => (x + (point.X * scale), baseline - (point.Y * scale)))], thickness, color);
            }

            x += Advance(character) * scale;
        }
    }

    private static double Advance(char character) => character == ' ' ? SpaceWidth : Of(character).Width + Spacing;

    private static Glyph Of(char character) =>
        character == ' ' ? Glyph.Empty : Glyphs.TryGetValue(character, out Glyph? glyph) ? glyph : Glyphs['□'];

    private static Dictionary<char, Glyph> Parse()
    {
        var glyphs = new Dictionary<char, Glyph>();
        foreach (string definition in Definitions)
        {
            string[] parts = definition[1..].Split(' ', 3);
            glyphs[definition[0]] = new Glyph(Number(parts[1]), [.. parts[2].Split(';').Select(Stroke)]);
        }

        foreach (string accented in Accented)
        {
            Glyph letter = glyphs[accented[1]];
            double middle = letter.Width / 2;
            double top = char.IsUpper(accented[1]) ? 11.2 : 8.6;
            IEnumerable<(double X, double Y)[]> body = accented[1] == 'i' ? letter.Strokes.Take(1) : letter.Strokes;
            (double, double)[][] mark = accented[2] switch
            {
                '1' => [[(middle - 1.3, top), (middle - 1.3, top + 0.2)], [(middle + 1.3, top), (middle + 1.3, top + 0.2)]],
                '2' => [[(middle - 0.6, top - 0.3), (middle + 1, top + 1.4)]],
                '3' => [[(middle - 1, top + 1.4), (middle + 0.6, top - 0.3)]],
                '4' => [[(middle - 1.5, top - 0.2), (middle, top + 1.4), (middle + 1.5, top - 0.2)]],
                '5' => [[(middle - 1.8, top), (middle - 0.8, top + 0.8), (middle + 0.8, top), (middle + 1.8, top + 0.8)]],
                '6' => [Stroke(FormattableString.Invariant($"@{middle},{top + 0.6},1,1,0,360"))],
                _ => [[(middle, 0), (middle + 0.4, -1.2), (middle - 0.9, -2.1)]],
            };
            glyphs[accented[0]] = new Glyph(letter.Width, [.. body, .. mark]);
        }

        glyphs['µ'] = glyphs['μ'];
        return glyphs;
    }

    private static (double X, double Y)[] Stroke(string text)
    {
        if (text[0] != '@')
        {
            return [.. text.Split(' ').Select(point => point.Split(',')).Select(point => (Number(point[0]), Number(point[1])))];
        }

        double[] arc = [.. text[1..].Split(',').Select(Number)];
        int steps = Math.Max(2, (int)Math.Ceiling(Math.Abs(arc[5] - arc[4]) / 15));
        var points = new (double, double)[steps + 1];
        for (int i = 0; i <= steps; i++)
        {
            double angle = (arc[4] + ((arc[5] - arc[4]) * i / steps)) * Math.PI / 180;
            points[i] = (arc[0] + (arc[2] * Math.Cos(angle)), arc[1] + (arc[3] * Math.Sin(angle)));
        }

        return points;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private sealed record Glyph(double Width, (double X, double Y)[][] Strokes)
    {
        public static Glyph Empty { get; } = new(0, []);
    }
}
