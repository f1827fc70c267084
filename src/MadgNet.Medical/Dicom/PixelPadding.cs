namespace MadgNet.Medical.Dicom;

/// <summary>Stored values that mark pixels outside of the image, for example around the round field of a CT.</summary>
/// <param name="First">The smallest of them.</param>
/// <param name="Last">The largest of them.</param>
public readonly record struct PixelPadding(long First, long Last)
{
    /// <summary>Whether a stored value marks a pixel outside of the image.</summary>
    /// <param name="stored">The value.</param>
    /// <returns>True where it does.</returns>
    public bool Includes(long stored) => stored >= First && stored <= Last;
}
