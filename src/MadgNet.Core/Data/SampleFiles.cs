namespace MadgNet.Core.Data;

/// <summary>The files that a sample is made of.</summary>
/// <param name="Image">Path of the image; the first of them where a case has several.</param>
/// <param name="Masks">Paths of its masks, in the order in which they are read; empty where there is none.</param>
public sealed record SampleFiles(string Image, IReadOnlyList<string> Masks)
{
    /// <summary>
    /// Paths of all images of the case, one for each channel, in the order of <see cref="MadgNet.Core.Inputs.ModelInput.Files"/>.
    /// Default: <see cref="Image"/> alone.
    /// </summary>
    public IReadOnlyList<string> Images { get; init => field = [.. value]; } = [Image];
}
