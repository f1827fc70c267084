namespace MadgNet.Medical.Nifti;

/// <summary>How much memory NIfTI files may take.</summary>
public sealed record NiftiReadOptions
{
    /// <summary>The options that are used when none are given.</summary>
    public static NiftiReadOptions Default { get; } = new();

    /// <summary>
    /// The most memory, in bytes, that unpacking a file (.gz) may take: twice what it unpacks to. Default 4 GiB, for the 2 GiB that one
    /// array can hold.
    /// </summary>
    public long MaximumBytes { get; init; } = 1L << 32;

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate() => MaximumBytes >= 1
        ? []
        : [new Problem(nameof(MaximumBytes), $"{MaximumBytes}", "1 or more", "Leave the default, 4 GiB")];
}
