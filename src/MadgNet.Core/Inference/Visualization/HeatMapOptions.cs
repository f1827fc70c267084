using System.Globalization;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>How a <see cref="HeatMap"/> is drawn.</summary>
public sealed record HeatMapOptions
{
    /// <summary>The colours. Default <see cref="ColorMap.Viridis"/>.</summary>
    public ColorMap Colors { get; init; } = ColorMap.Viridis;

    /// <summary>The value of the first colour; null for the smallest finite value of the map. Default 0.</summary>
    public double? Low { get; init; } = 0;

    /// <summary>The value of the last colour; null for the largest finite value of the map. Default 1.</summary>
    public double? High { get; init; } = 1;

    /// <summary>How much of the colours is seen over an image, 0 to 1 (hides the image). Default 0.6.</summary>
    public double Opacity { get; init; } = 0.6;

    /// <summary>Whether a bar at the right shows which colour is which value. Default false.</summary>
    public bool ColorBar { get; init; }

    /// <summary>What stands above the bar, for example <c>probability</c>. Default: nothing.</summary>
    public string BarTitle { get; init; } = "";

    /// <summary>
    /// How many pixels of the result one of the map becomes in width and height, 1 to 32; values are interpolated. Default 1.
    /// </summary>
    public int Magnification { get; init; } = 1;

    /// <summary>
    /// The exponent that the image's values (0..1) are raised to for display; below 1 brightens dim images. Above 0, at most 10. Default 1.
    /// </summary>
    public double Gamma { get; init; } = 1;

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        PictureChecks.Present(problems, nameof(Colors), Colors, "a colour map");
        PictureChecks.Present(problems, nameof(BarTitle), BarTitle, "a text");
        PictureChecks.Range(problems, nameof(Opacity), Opacity, 0, 1);
        PictureChecks.Display(problems, Magnification, Gamma);
        foreach ((string name, double? value) in ((string, double?)[])[(nameof(Low), Low), (nameof(High), High)])
        {
            if (value is { } given && !double.IsFinite(given))
            {
                problems.Add(new Problem(
                    name, given.ToString(CultureInfo.InvariantCulture), "a finite number, or null", "Use null for the map's own range"));
            }
        }

        if (Low is { } low && High is { } high && low > high)
        {
            problems.Add(new Problem(
                nameof(Low), FormattableString.Invariant($"{low}, above High {high}"), "Low at most High", "Exchange the two"));
        }

        return problems;
    }
}
