namespace MadgNet.Core.Imaging;

/// <summary>Reads image files. A host implements it to add a format such as DICOM, and hands it to <see cref="ImageReader"/>.</summary>
/// <remarks>Implementations are called from several threads at once.</remarks>
public interface IImageReader
{
    /// <summary>The extensions that mark a file as one for this reader, in lower case with their dot: <c>.png</c>.</summary>
    IReadOnlyCollection<string> Extensions { get; }

    /// <summary>Reads one file.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="options">What the reader is told about it; null for the defaults.</param>
    /// <returns>The image.</returns>
    /// <exception cref="ImageReadException">The file is missing, damaged, of another format or larger than allowed.</exception>
    PixelImage Read(string path, ImageReadOptions? options = null);
}
