namespace MadgNet.Medical.Nifti;

/// <summary>How much memory NIfTI files may take.</summary>
public sealed record NiftiReadOptions
{
    /// <summary>The options that are used when none are given.</summary>
    public static NiftiReadOptions Default { get; } = new();

    /// <summary>The most bytes that a packed file (.gz) may become. Default 4 GiB, of which .NET holds 2 in one piece.</summary>
    public long MaximumBytes { get; init; } = 1L << 32;

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate() => MaximumBytes >= 1
        ? []
        : [new Problem(nameof(MaximumBytes), $"{MaximumBytes}", "1 or more", "Leave the default, 4 GiB")];
}
