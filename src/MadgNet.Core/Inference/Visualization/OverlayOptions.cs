namespace MadgNet.Core.Inference.Visualization;

/// <summary>How an <see cref="Overlay"/> is drawn.</summary>
public sealed record OverlayOptions
{
    /// <summary>The thickness of contours in pixels of the result, 0 (none) to 64. Default 1.6.</summary>
    public double ContourThickness { get; init; } = 1.6;

    /// <summary>The opacity of areas, 0 (none) to 1 (hides the image). Default 0.</summary>
    public double FillOpacity { get; init; }

    /// <summary>The colours of layers that have none of their own. Default <see cref="LabelPalette.Default"/>.</summary>
    public LabelPalette Palette { get; init; } = LabelPalette.Default;

    /// <summary>
    /// How many pixels of the result one of the image becomes in width and height, 1 to 32. Contours then run along its edges. Default 1.
    /// </summary>
    public int Magnification { get; init; } = 1;

    /// <summary>
    /// The exponent that the image's values (0..1) are raised to for display; below 1 brightens dim images. Above 0, at most 10. Default 1.
    /// </summary>
    public double Gamma { get; init; } = 1;

    /// <summary>
    /// Which channels of the image are shown, from 0: one as grey, or three as red, green and blue. Null, the default, shows all, of
    /// which there must be one or three. An 8- or 16-bit image has red, green, blue and perhaps opacity.
    /// </summary>
    public IReadOnlyList<int>? Channels { get; init; }

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        PictureChecks.Range(problems, nameof(ContourThickness), ContourThickness, 0, 64);
        PictureChecks.Range(problems, nameof(FillOpacity), FillOpacity, 0, 1);
        PictureChecks.Display(problems, Magnification, Gamma);
        PictureChecks.Present(problems, nameof(Palette), Palette, "a palette");
        if (Channels is not null && (Channels.Count is not (1 or 3) || Channels.Any(channel => channel < 0)))
        {
            problems.Add(new Problem(
                nameof(Channels), $"[{string.Join(", ", Channels)}]", "one channel or three, from 0", "Choose one for grey, or three for colours"));
        }

        return problems;
    }
}
