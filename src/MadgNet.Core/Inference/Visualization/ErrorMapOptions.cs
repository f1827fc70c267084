namespace MadgNet.Core.Inference.Visualization;

/// <summary>How an <see cref="ErrorMap"/> is drawn.</summary>
public sealed record ErrorMapOptions
{
    /// <summary>Found and there. Default: bluish green.</summary>
    public RgbColor TruePositive { get; init; } = RgbColor.Parse("#009E73");

    /// <summary>Found but not there. Default: orange.</summary>
    public RgbColor FalsePositive { get; init; } = RgbColor.Parse("#E69F00");

    /// <summary>There but missed. Default: reddish purple.</summary>
    public RgbColor FalseNegative { get; init; } = RgbColor.Parse("#CC79A7");

    /// <summary>Neither there nor found; null shows the image there, or black where there is none. Default null.</summary>
    public RgbColor? TrueNegative { get; init; }

    /// <summary>How much of the colours is seen over an image, 0 to 1 (hides the image). Default 0.65.</summary>
    public double Opacity { get; init; } = 0.65;

    /// <summary>How many pixels of the result one of the map becomes in width and height, 1 to 32. Default 1.</summary>
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
        PictureChecks.Range(problems, nameof(Opacity), Opacity, 0, 1);
        PictureChecks.Display(problems, Magnification, Gamma);
        return problems;
    }
}
