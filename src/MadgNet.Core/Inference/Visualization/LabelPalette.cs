namespace MadgNet.Core.Inference.Visualization;

/// <summary>The colours of labels, the first label's first. Where there are more labels than colours, the colours repeat.</summary>
public sealed class LabelPalette
{
    private readonly RgbColor[] _colors;

    /// <summary>Creates a palette.</summary>
    /// <param name="colors">At least one colour.</param>
    /// <exception cref="ArgumentException">There is no colour.</exception>
    public LabelPalette(params IReadOnlyList<RgbColor> colors)
    {
        ArgumentNullException.ThrowIfNull(colors);
        if (colors.Count == 0)
        {
            throw new ArgumentException(
                "received no colours; expected at least one. Use LabelPalette.Default where any will do.", nameof(colors));
        }

        _colors = [.. colors];
    }

    /// <summary>
    /// Seven colours that are told apart with every common form of colour blindness, and on grey as well as on stained
    /// tissue: those of Okabe and Ito, <em>Color Universal Design</em> (2008), without black, the most striking first.
    /// </summary>
    public static LabelPalette Default { get; } = new(
        RgbColor.Parse("#E69F00"),
        RgbColor.Parse("#56B4E9"),
        RgbColor.Parse("#CC79A7"),
        RgbColor.Parse("#009E73"),
        RgbColor.Parse("#F0E442"),
        RgbColor.Parse("#D55E00"),
        RgbColor.Parse("#0072B2"));

    /// <summary>The number of different colours.</summary>
    public int Count => _colors.Length;

    /// <summary>The colour of a label.</summary>
    /// <param name="label">0 or more.</param>
    /// <returns>The colour; beyond the last one they start again.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The label is negative.</exception>
    public RgbColor this[int label]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(label);
            return _colors[label % _colors.Length];
        }
    }
}
