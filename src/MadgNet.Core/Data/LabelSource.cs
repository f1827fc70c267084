namespace MadgNet.Core.Data;

/// <summary>Where a label's mask comes from: mask files of its own, or values or colours of one label image.</summary>
public sealed record LabelSource : IDescribed
{
    private LabelSource(string name, IReadOnlyList<string> markers, IReadOnlyList<int> values, bool colors)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Markers = markers;
        Values = values;
        AreColors = colors;
    }

    /// <summary>The label's name.</summary>
    public string Name { get; }

    /// <summary>What marks the label's mask files; empty where every mask file belongs to the label.</summary>
    public IReadOnlyList<string> Markers { get; }

    /// <summary>
    /// The values of a label image that belong to the label, colours as 0xRRGGBB; empty for labels with mask files of their own.
    /// </summary>
    public IReadOnlyList<int> Values { get; }

    /// <summary>Whether <see cref="Values"/> are colours rather than grey values or palette indices.</summary>
    public bool AreColors { get; }

    /// <summary>
    /// What makes a pixel of the label's own mask files foreground; of no account where <see cref="Values"/> tell it. Default
    /// <see cref="MaskReading.Gray"/>. Set it with <c>LabelSource.AllMasks() with { Reading = MaskReading.NonZero }</c>.
    /// </summary>
    public MaskReading Reading { get; init; } = MaskReading.Gray;

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe()
    {
        yield return (nameof(Name), Name);
        yield return (nameof(Markers), Markers);
        yield return (nameof(Values), Values);
        yield return (nameof(AreColors), AreColors);

        // Runs that began before there was a choice go on.
        if (Reading != MaskReading.Gray)
        {
            yield return (nameof(Reading), Reading);
        }
    }

    /// <summary>Every mask file of an image belongs to the label; several are united.</summary>
    /// <param name="name">The label's name.</param>
    /// <returns>The source.</returns>
    public static LabelSource AllMasks(string name = "foreground") => new(name, [], [], false);

    /// <summary>The mask files that carry a mark belong to the label; several are united.</summary>
    /// <param name="name">The label's name.</param>
    /// <param name="markers">The name of the folder that holds the masks (<c>masks_cup</c>), or the end of their names (<c>_cup</c>,
    /// <c>_mask_1</c>); any of several will do.</param>
    /// <returns>The source.</returns>
    public static LabelSource MaskFiles(string name, params IReadOnlyList<string> markers)
    {
        ArgumentNullException.ThrowIfNull(markers);
        if (markers.Count == 0 || markers.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException(
                $"received the markers '{string.Join("', '", markers)}'; expected at least one, none of them empty. Use AllMasks for a "
                    + $"label that owns every mask file.",
                nameof(markers));
        }

        return new LabelSource(name, [.. markers], [], false);
    }

    /// <summary>Pixels of a label image that have one of these grey values, or palette indices where the file has a palette.</summary>
    /// <param name="name">The label's name.</param>
    /// <param name="values">The values, at least one. Several labels may share a value: a cup that lies inside the disc belongs to
    /// both.</param>
    /// <returns>The source.</returns>
    public static LabelSource Indices(string name, params IReadOnlyList<int> values) => new(name, [], NotEmpty(values, 0xFFFF), false);

    /// <summary>Pixels of a label image that have one of these colours.</summary>
    /// <param name="name">The label's name.</param>
    /// <param name="colors">The colours as 0xRRGGBB, at least one.</param>
    /// <returns>The source.</returns>
    public static LabelSource Colors(string name, params IReadOnlyList<int> colors) => new(name, [], NotEmpty(colors, 0xFFFFFF), true);

    /// <summary>Whether a mask file in a folder carries the label's mark.</summary>
    internal bool Owns(string path)
    {
        if (Markers.Count == 0)
        {
            return true;
        }

        string stem = Path.GetFileNameWithoutExtension(path);
        // Only the nearest folders can name a label: what the data lies in has names of its own.
        IEnumerable<string> folders = path.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar)[..^1].TakeLast(2);
        return Markers.Any(marker => stem.EndsWith(marker, StringComparison.OrdinalIgnoreCase)
            || folders.Contains(marker, StringComparer.OrdinalIgnoreCase));
    }

    private static int[] NotEmpty(IReadOnlyList<int> values, int largest)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0 || values.Any(value => value < 0 || value > largest))
        {
            throw new ArgumentException(
                $"received the values {string.Join(", ", values)}; expected at least one, each 0 … {largest}. Declare the values that "
                    + $"the label images use.",
                nameof(values));
        }

        return [.. values];
    }
}
